import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Why, WhyQuestion } from './answer.ts';

/** The views of windows that a stream is made of, directly or through views of single rows, joins and UNION ALL. */
export function windowsRead(stream: string, plan: ProgramPlan): readonly OperatorPlan[] {
  const operator = plan.operators.find(({ name }) => name === stream);
  if (operator !== undefined) return operator.key === null ? windowsRead(operator.input, plan) : [operator];
  const union = plan.unions?.find(({ name }) => name === stream);
  const join = plan.joins?.find(({ name }) => name === stream);
  const sides = union?.branches ?? (join === undefined ? [] : join.as_of ? [join.left] : [join.left, join.right]);
  return [...new Set(sides.flatMap((side) => windowsRead(side, plan)))];
}

/**
 * An answer with those of the views of windows that the rule reads and that gave no row, where it did not fire: the row is
 * missing for what the view's window held. A key that no row of them has got as far as that has an answer, too.
 */
export async function withInputs(
  answer: Why | NoAnswer,
  question: WhyQuestion,
  rule: OperatorPlan,
  views: readonly OperatorPlan[],
  ask: (question: WhyQuestion) => Promise<Why | NoAnswer>,
): Promise<Why | NoAnswer> {
  const isOpen = 'error' in answer ? answer.is_unknown === true : ['not_true', 'no_rows'].includes(answer.outcome);
  if (!isOpen || question.subject === null) return answer;
  const tenant = 'error' in answer || rule.across === true ? {} : { tenant: answer.tenant };
  const inputs: Why[] = [];
  for (const { name, key } of views) {
    // One group for all events has no key that could be named.
    const subject = key?.length === 0 ? null : question.subject;
    const of_view = await ask({ ...question, ...tenant, rule: name, subject, with_param: () => null });
    if (!('error' in of_view) && of_view.outcome !== 'gave_row') inputs.push(of_view);
  }
  if (inputs.length === 0) return answer;
  return 'error' in answer ? noRow(rule, inputs) : { ...answer, inputs };
}

/** No row of the key came as far as the rule. */
function noRow({ name, kind, hash, input }: OperatorPlan, inputs: readonly Why[]): Why {
  const [{ tenant, key, window }] = inputs;
  return {
    ...{ rule: name, kind, plan_hash: hash, tenant, key, conditions: [], outcome: 'no_rows' },
    window: { kind: 'event', from_ms: window.to_ms, to_ms: window.to_ms },
    funnel: inputs.some(({ rule }) => rule === input) ? [{ text: `rows of ${input} of the key`, rows: 0 }] : [],
    ...{ firing: null, nearest: null, would_fire_with: [], just_missed: [], resets: false, inputs },
  };
}
