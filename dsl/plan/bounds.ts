import type { Value } from '../../engine/index.ts';
import type { AggregatePlan, Expression, OperatorPlan } from './plan.ts';

/** `aggregate >= constant` or `aggregate > constant`, whichever way round it was written; the constant is not NULL. */
interface LowerBound {
  readonly aggregate: number;
  readonly constant: Value;
  readonly strict: boolean;
}

function lowerBoundOf(expression: Expression): LowerBound | null {
  if (expression.kind !== 'call') return null;
  const [left, right] = expression.arguments;
  const turned = expression.function === '<=' || expression.function === '<';
  if (!turned && expression.function !== '>=' && expression.function !== '>') return null;
  const [aggregate, constant] = turned ? [right, left] : [left, right];
  if (aggregate?.kind !== 'aggregate' || constant?.kind !== 'literal' || constant.value === null) return null;
  return { aggregate: aggregate.index, constant: constant.value, strict: expression.function.length === 1 };
}

/** Whether more rows can only raise the aggregate: max of whatever has an order, texts and truths too. */
function grows({ function: name, non_negative }: AggregatePlan): boolean {
  if (name === 'count' || name === 'count_distinct' || name === 'max') return true;
  return name === 'sum' && non_negative;
}

/**
 * The top-level conjuncts of HAVING that are lower bounds on aggregates that only grow (semantics.md S8), each as
 * `aggregate >= least` or by the rows that reach it; and whether they are all of HAVING.
 */
export function boundsOf(
  having: Expression | null,
  aggregates: readonly AggregatePlan[],
): { readonly bounds: OperatorPlan['bounds']; readonly exact: boolean } {
  if (having === null) return { bounds: [], exact: false };
  const conjuncts = flatten(having);
  const bounds = conjuncts.flatMap((conjunct) => {
    const bound = lowerBoundOf(conjunct);
    const aggregate = bound === null ? undefined : aggregates[bound.aggregate];
    if (bound === null || aggregate === undefined || !grows(aggregate)) return [];
    const { constant, strict } = bound;
    const whole = aggregate.type !== 'float';
    if (typeof constant !== 'number' || (!whole && strict)) return reachedBy(conjunct, bound.aggregate, aggregate);
    // x > 2.5 over integers is x >= 3.
    const least = !whole ? constant : strict ? Math.floor(constant) + 1 : Math.ceil(constant);
    return [{ aggregate: bound.aggregate, least }];
  });
  return { bounds, exact: bounds.length === conjuncts.length };
}

/** A bound without a least number, of a text or `max(float) > 2.5`: asked of each row, whose value is enough or not. */
function reachedBy(conjunct: Expression, aggregate: number, { function: name, argument }: AggregatePlan) {
  if (name !== 'max' || argument === null || conjunct.kind !== 'call') return [];
  const sides = conjunct.arguments.map((side) => (side.kind === 'aggregate' ? argument : side));
  return [{ aggregate, least: 1, reached: { ...conjunct, arguments: sides } }];
}

function flatten(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.arguments.flatMap(flatten) : [expression];
}

/**
 * Whether more rows can only make HAVING truer: then a TUMBLING window is decided at the event that makes it true. The
 * list is complete (S8), and no HAVING is not on it: who asks for all windows wants what was in them, and not their first
 * event.
 */
export function isDecidedEarly(having: Expression | null, aggregates: readonly AggregatePlan[]): boolean {
  if (having === null) return false;
  if (having.kind === 'and' || having.kind === 'or') {
    return having.arguments.every((part) => isDecidedEarly(part, aggregates));
  }
  const bound = lowerBoundOf(having);
  return bound !== null && grows(aggregates[bound.aggregate] as AggregatePlan);
}
