import { expressionText } from '../build/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';

/** A condition of WHERE; what exceptions ignore stands at its end, one condition for each. */
export function whereText(rule: OperatorPlan, condition: Expression, i: number): string {
  const ignored = (rule.exceptions ?? []).filter(({ action }) => action === 'ignore');
  const exception = ignored[i - (rule.where.length - ignored.length)];
  return exception === undefined ? expressionText(condition, rule) : `not excepted by ${exception.name}`;
}
