import { durationText } from '../build/duration-text.ts';
import type { JoinPlan } from '../plan/plan.ts';
import type { WhyCondition } from './answer.ts';
import type { WhyJoin } from './join-answer.ts';
import type { WhyLine } from './why-text.ts';

export const joinWords = { inner: 'JOIN', left: 'LEFT JOIN', semi: 'EXISTS', anti: 'NOT EXISTS' } as const;

/** A join in short, for a person. */
export function joinText({ kind, right, right_alias, before_ms, after_ms }: JoinPlan): string {
  const sides = [
    ...(before_ms > 0 ? [`${durationText(before_ms)} before`] : []),
    ...(after_ms > 0 ? [`${durationText(after_ms)} after`] : []),
  ];
  const within = before_ms === after_ms ? durationText(after_ms) : sides.join(', ');
  return `${joinWords[kind]} ${right} AS ${right_alias} within ${within}`;
}

/** The lines of a join: which left row (`row`; null: the title says it), what is asked of the left row, then how many right rows are left behind each step. */
export function joinLines(
  join: WhyJoin,
  conditionLines: (conditions: readonly WhyCondition[]) => WhyLine[],
  row: string | null,
): WhyLine[] {
  const { text, conditions, funnel, asked } = join;
  return [
    ...(row === null ? [] : [{ text: row, amount: '', note: '' }]),
    ...conditionLines(conditions),
    { text, amount: '', note: '' },
    ...funnel.map((step) => ({ text: `  ${step.text}`, amount: String(step.rows), note: '' })),
    ...(asked === null ? [] : [{ text: `  the event ${asked.id}`, amount: '', note: distanceNote(asked.off_ms) }]),
    ...conditionLines(asked?.conditions ?? []).map((line) => ({ ...line, text: `    ${line.text}` })),
  ];
}

function distanceNote(off_ms: number): string {
  return off_ms === 0 ? '' : `← ${offText(off_ms)} for WITHIN`;
}

function offText(off_ms: number): string {
  return `${durationText(Math.abs(off_ms))} too ${off_ms < 0 ? 'early' : 'late'}`;
}

/** Sentences about what a join made of the left row, and how it could have been otherwise. */
export function joinHints(join: WhyJoin, time: (time_ms: number) => string): string[] {
  const { kind, matches, nearest, just_missed, text, conditions } = join;
  if (conditions.some(({ truth }) => truth !== true))
    return ['the left row did not pass WHERE: it was never asked for a partner'];
  if (kind === 'anti' && matches > 0)
    return [`NOT EXISTS was not true: ${matches} ${matches === 1 ? 'row matches' : 'rows match'}`];
  if (matches > 0) return [];
  const lines = [kind === 'anti' ? `nothing stands against ${text}` : `no partner: nothing matches ${text}`];
  if (nearest !== null)
    lines.push(`nearest in time: the event at ${time(nearest.at_ms)} would match, ${offText(nearest.off_ms)}`);
  for (const { at_ms, text: miss } of just_missed) lines.push(`just missed: the event at ${time(at_ms)}: ${miss}`);
  return lines;
}
