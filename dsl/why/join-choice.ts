import type { WhyQuestion } from './answer.ts';
import type { WhyRow } from './join-answer.ts';
import { farness, offOf, share } from './join-judge.ts';
import type { JoinStep, ProbedPair } from './join-probe.ts';
import type { JoinSubject } from './join-subject.ts';

/** The stretch of time that a question means; both ends are inside. */
export interface AskedMoment {
  readonly from_ms: number;
  readonly to_ms: number;
}

export function momentOf({ moment, span_ms = 0 }: WhyQuestion, times: readonly number[]): AskedMoment | null {
  const to_ms = moment?.(times) ?? null;
  return to_ms === null ? null : { from_ms: to_ms - span_ms, to_ms };
}

export function leftText({ at_ms, id }: WhyRow): string {
  return JSON.stringify([at_ms, id]);
}

function distance({ from_ms, to_ms }: AskedMoment, at_ms: number): number {
  return Math.max(0, from_ms - at_ms, at_ms - to_ms);
}

export function isAt(asked: AskedMoment, { at_ms }: Pick<WhyRow, 'at_ms'>): boolean {
  return distance(asked, at_ms) === 0;
}

/** What stands against a pair out of reach, so that a left row of the moment itself is meant before it. */
const out_of_reach = 0.6;

/**
 * Of a rule with a window: left rows in its time that passed all that is asked of them alone, and that the join gave no row
 * for. All, where there is none or no time.
 */
export function missedFirst(
  groups: readonly (readonly [string, readonly ProbedPair[]])[],
  { join }: JoinStep,
  missed: WhyQuestion['missed'],
): readonly (readonly [string, readonly ProbedPair[]])[] {
  if (missed === undefined) return groups;
  const reach_ms = join.before_ms + join.after_ms;
  const own = groups.filter(([, pairs]) => {
    const [{ left, of_left }] = pairs;
    if (left.at_ms < missed.from_ms - reach_ms || left.at_ms > missed.to_ms || share(of_left) < 1) return false;
    const hasMatch = pairs.some((pair) => pair.right !== null && offOf(pair, join) === 0 && share(pair.of_pair) === 1);
    return join.kind === 'left' ? false : hasMatch === (join.kind === 'anti');
  });
  return own.length > 0 ? own : groups;
}

/**
 * The left row that is meant: of the event that was named, else at the moment, else the one that came furthest. A pair has
 * the time of its later row (S9): at a moment a left row may be meant by a right row that stands there (`by_right`).
 */
export function chooseLeft(
  groups: readonly (readonly [string, readonly ProbedPair[]])[],
  { join }: JoinStep,
  { event }: JoinSubject,
  asked: AskedMoment | null,
): { readonly left: string; readonly by_right: WhyRow | null } | null {
  const named = groups.filter(
    ([, [{ left }]]) => event?.side === 'left' && (left.id === event.id || left.id.includes(JSON.stringify(event.id))),
  );
  const met = groups.filter(([, own]) => event?.side === 'right' && own.some(({ right }) => right?.id === event.id));
  const candidates = named.length > 0 ? named : met.length > 0 ? met : groups;
  let best: { readonly left: string; readonly by_right: WhyRow | null } | null = null;
  let score = Number.NEGATIVE_INFINITY;
  const offer = (left: string, by_right: WhyRow | null, value: number): void => {
    if (value >= score) [best, score] = [{ left, by_right }, value];
  };
  for (const [left, own] of candidates) {
    const of_left = 2 * share(own[0].of_left);
    const rows = own.filter((pair) => pair.right !== null && (event?.side !== 'right' || pair.right.id === event.id));
    const worth = (pair: ProbedPair): number => share(pair.of_pair) - farness(offOf(pair, join));
    const near = asked === null ? 0 : -1000 * distance(asked, own[0].left.at_ms);
    if (asked !== null && event === null) {
      for (const pair of rows) {
        const away = -1000 * distance(asked, pair.right?.at_ms ?? 0);
        offer(left, pair.right, away + of_left + worth(pair) - (offOf(pair, join) === 0 ? 0 : out_of_reach));
      }
    }
    offer(left, null, near + of_left + Math.max(0, ...rows.map(worth)));
  }
  return best;
}
