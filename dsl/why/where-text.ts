import { expressionText } from '../build/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';

/**
 * A condition of WHERE. What nobody wrote there is said in words: of exceptions, which stand at its end, one condition
 * for each, and of TUNE, which takes its tenants out of what the rule is for all others.
 */
export function whereText(rule: OperatorPlan, condition: Expression, i: number): string {
  const ignored = (rule.exceptions ?? []).filter(({ action }) => action === 'ignore');
  const exception = ignored[i - (rule.where.length - ignored.length)];
  if (exception !== undefined) return `not excepted by ${exception.name}`;
  const tuned = (rule.tunes ?? []).flatMap(({ tenants }) => tenants);
  if (tuned.length > 0 && isOther(condition, tuned)) return `of no tenant that is tuned (${tuned.join(', ')})`;
  return expressionText(condition, rule);
}

/** NOT tenant_id IN (those that are tuned). */
function isOther(condition: Expression, tuned: readonly string[]): boolean {
  if (condition.kind !== 'not' || condition.argument.kind !== 'in') return false;
  const { argument, list } = condition.argument;
  if (argument.kind !== 'column' || argument.name !== 'tenant_id' || list.length !== tuned.length) return false;
  return list.every((item) => item.kind === 'literal' && tuned.includes(String(item.value)));
}
