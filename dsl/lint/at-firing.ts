import type { Checked, CheckedAggregate, CheckedOperator } from '../check/checked.ts';
import { conjunctsOf } from '../plan/lower.ts';
import type { Facts } from './facts.ts';
import type { Sources } from './ground.ts';
import { between } from './known.ts';

/** A count that HAVING asks for, and what it is where the rule fires. */
export interface Reached {
  readonly count: CheckedAggregate;
  readonly value: number;
}

/**
 * The count of a rule that fires at the event that brings it to its threshold: HAVING is `count >= n` and nothing else,
 * each event adds at most one, and before it HAVING was false (S8), so that the count is n. Null: none is known.
 */
export function reachedCount(
  { kind, select, emit_at_end }: CheckedOperator,
  sources: Sources,
  isDecidedAtEnd: () => boolean,
): Reached | null {
  const [condition, ...others] = conjunctsOf(select.having);
  if (kind !== 'rule' || condition === undefined || others.length > 0) return null;
  // Rows of a view, a join or an array may come several at one event.
  if (!sources.readsEvents(select)) return null;
  const reached = lowerBound(condition);
  if (reached === null || reached.value < 2 || emit_at_end || isDecidedAtEnd()) return null;
  return reached;
}

/** What is known of a group where its count has just come to that. */
export function learnReached(group: Facts, { count, value }: Reached): Facts {
  const facts = group.copy();
  facts.set(count, between(value, value, false));
  return facts;
}

const turned: Record<string, string> = { '<': '>', '<=': '>=', '>': '>', '>=': '>=' };

/** `count >= n`, `count > n`, and these turned round. */
function lowerBound(condition: Checked): Reached | null {
  if (condition.kind !== 'call') return null;
  const [left, right] = condition.arguments;
  const isTurned = condition.function === '<' || condition.function === '<=';
  const operator = turned[condition.function];
  const [count, bound] = isTurned ? [right, left] : [left, right];
  if (operator === undefined || count?.kind !== 'aggregate' || bound?.kind !== 'literal') return null;
  if (count.function !== 'count' && count.function !== 'count_distinct') return null;
  if (typeof bound.value !== 'number') return null;
  return { count, value: operator === '>' ? Math.floor(bound.value) + 1 : Math.ceil(bound.value) };
}
