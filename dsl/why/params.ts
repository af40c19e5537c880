import type { Value } from '../../engine/index.ts';
import { compileExpression } from '../build/compile-expression.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import { partsOf, type WhyCondition } from './answer.ts';

/** The operator as it would be with another value of a PARAM; null where that value is not allowed. */
export type WithParam = (param: string, value: number) => OperatorPlan | null;

export interface ParamChange {
  readonly param: string;
  readonly value: number;
  readonly now: number;
}

/**
 * Which values of a single PARAM would have made the conditions true on what was read then, each the nearest to the
 * present one. Values outside a PARAM's range are none; neither is a PARAM that changes what is read (WHERE, a window).
 */
export function paramChanges(
  rule: OperatorPlan,
  clause: 'where' | 'having',
  conditions: readonly WhyCondition[],
  leaves: readonly Expression[],
  values: readonly Value[],
  with_param: WithParam,
): ParamChange[] {
  const failed = partsOf(conditions.filter(({ truth }) => truth !== true));
  const sides = failed.flatMap(({ left, right }) => [left, right]);
  const numbers = sides.filter((side): side is number => typeof side === 'number');
  return rule.params.flatMap(({ name: param, value: now, type }) => {
    if (typeof now !== 'number') return [];
    const near = type === 'int' ? numbers.flatMap((side) => [side, side - 1, side + 1]) : numbers;
    const candidates = [...new Set(near)].filter(
      (value) => value !== now && (type !== 'int' || Number.isInteger(value)),
    );
    candidates.sort((a, b) => Math.abs(a - now) - Math.abs(b - now));
    const value = candidates.find((candidate) => {
      const changed = with_param(param, candidate);
      return changed !== null && sameBut(clause, rule, changed) && isTrue(clause, changed, leaves, values);
    });
    return value === undefined ? [] : [{ param, value, now }];
  });
}

function sameBut(clause: 'where' | 'having', one: OperatorPlan, other: OperatorPlan): boolean {
  const rest = ({ where, key, window, aggregates, input }: OperatorPlan) =>
    JSON.stringify(clause === 'where' ? [key, input] : [where, key, window, aggregates, input]);
  return rest(one) === rest(other);
}

function isTrue(
  clause: 'where' | 'having',
  plan: OperatorPlan,
  leaves: readonly Expression[],
  values: readonly Value[],
): boolean {
  const places = new Map(leaves.map((leaf, i) => [JSON.stringify(leaf), i]));
  const conditions = clause === 'where' ? plan.where : plan.having === null ? [] : [plan.having];
  return conditions.every((condition) => {
    const evaluate = compileExpression<readonly Value[]>(condition, (leaf) => {
      const place = places.get(JSON.stringify(leaf));
      return (read) => (place === undefined ? null : read[place]);
    });
    return evaluate(values) === true;
  });
}
