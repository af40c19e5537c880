import type { AggregatePlan, Expression, OperatorPlan } from './plan.ts';

/** `aggregate >= constant` or `aggregate > constant`, whichever way round it was written. */
interface LowerBound {
  readonly aggregate: number;
  readonly constant: number;
  readonly strict: boolean;
}

function lowerBoundOf(expression: Expression): LowerBound | null {
  if (expression.kind !== 'call') return null;
  const [left, right] = expression.arguments;
  const turned = expression.function === '<=' || expression.function === '<';
  if (!turned && expression.function !== '>=' && expression.function !== '>') return null;
  const [aggregate, constant] = turned ? [right, left] : [left, right];
  if (aggregate?.kind !== 'aggregate' || constant?.kind !== 'literal' || typeof constant.value !== 'number')
    return null;
  return { aggregate: aggregate.index, constant: constant.value, strict: expression.function.length === 1 };
}

/** Whether more rows can only raise the aggregate. */
function grows({ function: name, type, non_negative }: AggregatePlan): boolean {
  if (name === 'count' || name === 'count_distinct') return true;
  if (name === 'max') return ['int', 'float', 'timestamp', 'duration'].includes(type);
  return name === 'sum' && non_negative;
}

/**
 * The top-level conjuncts of HAVING that are lower bounds on aggregates that only grow (semantics.md S8), each as
 * `aggregate >= least`; and whether they are all of HAVING.
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
    const whole = aggregate.type !== 'float';
    // x > 2.5 over integers is x >= 3; over floats a strict bound has no least value.
    if (!whole && bound.strict) return [];
    const least = !whole ? bound.constant : bound.strict ? Math.floor(bound.constant) + 1 : Math.ceil(bound.constant);
    return [{ aggregate: bound.aggregate, least }];
  });
  return { bounds, exact: bounds.length === conjuncts.length };
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
