import { selectOperators } from '../packs/select-operators.ts';
import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Replay, Why, WhyQuestion } from './answer.ts';
import { flatten, ofTenant } from './flatten.ts';
import { whyJoin } from './join.ts';
import { judgeEvent, judgeWindow } from './judge.ts';
import { findSubject } from './subject.ts';
import { trace } from './trace.ts';

/** Asks the engine why an operator fired or did not; nothing is worked out a second time here. */
export async function why(question: WhyQuestion, plan: ProgramPlan, replay: Replay): Promise<Why | NoAnswer> {
  const found = plan.operators.find(({ name }) => name === question.rule);
  if (found === undefined) throw new Error(`the plan has no operator named ${question.rule}`);
  const general = flatten(found, plan);
  const isJoined = plan.joins?.some(({ name }) => name === general.input) === true;
  const ownOf = (tenant: string) => flatten(ofTenant(found, tenant), plan, tenant);
  if (isJoined && general.key === null) return whyJoin(question, general, plan, replay, ownOf);
  const run = (operators: readonly OperatorPlan[], views: readonly string[]) =>
    replay({ ...plan, operators: [...selectOperators(plan, views).operators, ...operators], hash: 'why' });
  const subject = await findSubject(question, general, run);
  if ('error' in subject) {
    const branches = plan.unions?.find(({ name }) => name === general.input)?.branches;
    if (branches === undefined) return subject;
    const asked = branches.map((name) => `weir why '${name}'`).join(', ');
    return { ...subject, error: `${subject.error}; what each SELECT made of it say ${asked}` };
  }
  const rule = ownOf(subject.tenant);
  const moment_ms = subject.event_ms ?? question.moment?.(subject.times) ?? null;
  const traces = await trace(rule, subject, (operators) => run(operators, [found.name, rule.input]));
  return rule.key === null
    ? judgeEvent(question, rule, subject, traces, moment_ms)
    : judgeWindow(question, rule, subject, traces, moment_ms);
}
