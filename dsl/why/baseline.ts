import type { Expression, JoinPlan, OperatorPlan } from '../plan/plan.ts';
import { behind } from './join-probe.ts';

/** An operator that means the same, and joins that it reads beside those of the plan. */
export interface Opened {
  readonly rule: OperatorPlan;
  readonly joins: readonly JoinPlan[];
}

/**
 * The operator with what its tables as baselines take away as conditions of its own: each of them gives every row, with NULL
 * where there is no window, and then it is asked what the rule asks before, and that there is one. So the funnel begins
 * at the rows as they were. Where such rows are joined further, the conditions go to that join.
 */
export function openBaselines(rule: OperatorPlan, joins: readonly JoinPlan[]): Opened {
  const chain = chainOf(rule.input, joins);
  if (!chain.some((join) => join.as_of)) return { rule, joins: [] };
  const opened: JoinPlan[] = [];
  let carried: readonly Expression[] = [];
  for (const join of chain) {
    const left = opened.at(-1)?.name ?? join.left;
    const name = join.as_of ? `${left} beside ${join.right}` : `${left} with ${join.right}`;
    const made = { ...join, name, hash: name, left };
    if (join.as_of) {
      opened.push({ ...made, kind: 'left', left_where: [] });
      const own = join.left_where.map((one) => behind(one, join));
      carried = [...carried, ...own, ...(join.kind === 'inner' ? [hasRow(join)] : [])];
    } else {
      opened.push({ ...made, left_where: [...carried, ...join.left_where] });
      carried = [];
    }
  }
  const last = opened[opened.length - 1];
  return { rule: { ...rule, input: last.name, where: [...carried, ...rule.where] }, joins: opened };
}

/** The joins of a stream, the first one first. */
export function chainOf(input: string, joins: readonly JoinPlan[]): readonly JoinPlan[] {
  const join = joins.find(({ name }) => name === input);
  return join === undefined ? [] : [...chainOf(join.left, joins), join];
}

/** A part of a table's key is never NULL. */
export function hasRow({ keys, right_alias }: JoinPlan): Expression {
  const key = behind(keys[0].right, { left_alias: right_alias });
  return { kind: 'not', argument: { kind: 'is_null', argument: key, type: 'bool' }, type: 'bool' };
}
