import type { WhyCondition } from './answer.ts';
import type { WhyJoin } from './join-answer.ts';
import type { JoinStep, ProbedPair } from './join-probe.ts';
import type { JoinSubject } from './join-subject.ts';
import { joinText } from './join-text.ts';
import { valueOfMiss } from './misses.ts';

export function share(conditions: readonly WhyCondition[]): number {
  return conditions.length === 0 ? 1 : conditions.filter(isTrue).length / conditions.length;
}

/** Outside WITHIN counts more than a condition, and further outside a little more. */
export function farness(off_ms: number): number {
  return off_ms === 0 ? 0 : 0.5 + 0.4 * (Math.abs(off_ms) / (Math.abs(off_ms) + 60_000));
}

/** How far outside WITHIN the right row of a pair lies: negative before it, positive behind it. */
export function offOf({ left, right }: ProbedPair, join: JoinStep['join']): number {
  const distance = (right?.at_ms ?? left.at_ms) - left.at_ms;
  if (distance < -join.before_ms) return distance + join.before_ms;
  return Math.max(0, distance - join.after_ms);
}

/** What a join made of one left row, from its pairs. */
export function judgeJoin({ join }: JoinStep, pairs: readonly ProbedPair[], { event }: JoinSubject): WhyJoin {
  const met = pairs.flatMap((pair) =>
    pair.right === null ? [] : [{ ...pair, right: pair.right, off_ms: offOf(pair, join) }],
  );
  const inside = met.filter(({ off_ms }) => off_ms === 0);
  const [{ left, of_left, of_pair: asked_of_pairs }] = pairs;
  const keys = join.keys.map(({ name }) => name).join(', ');
  const behind = asked_of_pairs.map(({ text }, i) => {
    return { text, rows: inside.filter(({ of_pair }) => of_pair.slice(0, i + 1).every(isTrue)).length };
  });
  const funnel = [
    { text: `${join.right} of the same ${keys} nearby`, rows: met.length },
    { text: 'in reach of WITHIN', rows: inside.length },
    ...behind,
  ];
  const outside = met.filter(({ off_ms, of_pair }) => off_ms !== 0 && of_pair.every(isTrue));
  outside.sort((a, b) => Math.abs(a.off_ms) - Math.abs(b.off_ms));
  const asked = event?.side === 'right' ? met.find(({ right }) => right.id === event.id) : undefined;
  const [nearest] = outside;
  return {
    ...{
      kind: join.kind,
      text: joinText(join),
      left,
      conditions: of_left,
      funnel,
      matches: funnel[funnel.length - 1].rows,
    },
    nearest: nearest === undefined ? null : { ...nearest.right, off_ms: nearest.off_ms },
    just_missed: missesOf(inside),
    asked: asked === undefined ? null : { ...asked.right, off_ms: asked.off_ms, conditions: asked.of_pair },
  };
}

function missesOf(
  inside: readonly (ProbedPair & { readonly right: { readonly at_ms: number; readonly id: string } })[],
): WhyJoin['just_missed'] {
  const found = new Map<string, WhyJoin['just_missed'][number]>();
  for (const { right, of_pair } of inside) {
    const failed = of_pair.filter((one) => !isTrue(one));
    if (failed.length !== 1 || found.has(failed[0].text)) continue;
    found.set(failed[0].text, { ...right, text: valueOfMiss(failed[0]) });
  }
  return [...found.values()];
}

export function isTrue({ truth }: WhyCondition): boolean {
  return truth === true;
}
