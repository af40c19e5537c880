import type { OperatorPlan } from '../plan/plan.ts';
import type { NoAnswer, Why, WhyQuestion } from './answer.ts';
import { share } from './join-judge.ts';

type Ask = (question: WhyQuestion) => Promise<Why | NoAnswer>;

/** The answer for a rule that is a UNION ALL, with what each of its SELECTs made of the event. */
export async function withSelects(
  answer: Why,
  question: WhyQuestion,
  branches: readonly string[],
  ask: Ask,
): Promise<Why> {
  return { ...answer, selects: await selectsAt(answer.window.to_ms, question, branches, ask) };
}

/** The same where no SELECT gave a row: the event that came furthest in one of them. */
export async function whyNoSelect(
  question: WhyQuestion,
  { name, kind, hash }: OperatorPlan,
  error: NoAnswer,
  branches: readonly string[],
  ask: Ask,
): Promise<Why | NoAnswer> {
  const [best] = (await answersOf(question, branches, ask)).sort((a, b) => share(b.conditions) - share(a.conditions));
  if (best === undefined) return error;
  const { tenant, window } = best;
  return {
    ...{ rule: name, kind, plan_hash: hash, tenant, key: null, funnel: [], conditions: [], outcome: 'no_rows' },
    window: { kind: 'event', from_ms: window.to_ms, to_ms: window.to_ms },
    ...{ firing: null, nearest: null, would_fire_with: [], just_missed: [], resets: false },
    selects: await selectsAt(window.to_ms, question, branches, ask),
  };
}

function selectsAt(at_ms: number, question: WhyQuestion, branches: readonly string[], ask: Ask): Promise<Why[]> {
  return answersOf({ ...question, moment: () => at_ms, span_ms: 0 }, branches, ask);
}

/** What the SELECTs say; one that reads no such event says nothing. */
async function answersOf(question: WhyQuestion, branches: readonly string[], ask: Ask): Promise<Why[]> {
  const answers: Why[] = [];
  for (const rule of branches) {
    const answer = await ask({ ...question, rule, with_param: () => null });
    if (!('error' in answer)) answers.push(answer);
  }
  return answers;
}
