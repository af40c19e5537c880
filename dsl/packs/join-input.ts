import { durationText } from '../build/duration-text.ts';
import type { JoinPlan } from '../plan/plan.ts';
import { joinText } from '../why/join-text.ts';

/** A join as the rule writes it, and when its rows are decided: it has no name that anybody gave it. */
export function joinInputText(join: JoinPlan, joins: readonly JoinPlan[]): string {
  return `${writtenText(join, joins)}, ${decidedText(join)}`;
}

function writtenText(join: JoinPlan, joins: readonly JoinPlan[]): string {
  const below = joins.find(({ name }) => name === join.left);
  const left = below === undefined ? join.left : writtenText(below, joins);
  const alias = join.left_alias === null || below !== undefined ? '' : ` AS ${join.left_alias}`;
  const where = join.kind === 'semi' || join.kind === 'anti' ? 'WHERE ' : '';
  return `${left}${alias} ${where}${joinText(join)}`;
}

/** When a row of a join stands (S9). */
function decidedText({ kind, as_of, after_ms }: JoinPlan): string {
  const later = after_ms === 0 ? 'at its time' : `${durationText(after_ms)} after its time`;
  if (as_of) return 'decided at its time';
  if (kind === 'anti') return `decided ${later}`;
  if (kind === 'semi') return 'decided at the first row that makes EXISTS true';
  return kind === 'left' ? `decided at the later row, and without a partner ${later}` : 'decided at the later row';
}

/** The views that a join reads, those of its sides below included. */
export function viewsOfJoin(join: JoinPlan, joins: readonly JoinPlan[]): string[] {
  const below = joins.find(({ name }) => name === join.left);
  return [...(below === undefined ? [join.left] : viewsOfJoin(below, joins)), join.right];
}
