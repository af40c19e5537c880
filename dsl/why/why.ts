import { selectOperators } from '../packs/select-operators.ts';
import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Replay, Why, WhyQuestion } from './answer.ts';
import { openBaselines } from './baseline.ts';
import { besideOf } from './beside.ts';
import { withDropped } from './dropped.ts';
import { flatten, ofTenant } from './flatten.ts';
import { windowsRead, withInputs } from './inputs.ts';
import { whyJoin } from './join.ts';
import { readsJoin, whyNoPair, withMissedRow } from './join-window.ts';
import { judgeEvent, judgeWindow } from './judge.ts';
import { whyNoLookupRow } from './lookup-rows.ts';
import { startsOf, unionView } from './starts.ts';
import { findSubject } from './subject.ts';
import { statesAlone, trace } from './trace.ts';
import { whyNoSelect, withSelects } from './union.ts';
import { withWhatIf } from './what-if.ts';

/** Asks the engine why an operator fired or did not; nothing is worked out a second time here. */
export async function why(question: WhyQuestion, plan: ProgramPlan, replay: Replay): Promise<Why | NoAnswer> {
  const answer = await whyWithInputs(question, plan, replay);
  if ('error' in answer) return answer;
  const mode = plan.operators.find(({ name }) => name === question.rule)?.metadata.mode;
  return withWhatIf(mode === undefined ? answer : { ...answer, mode }, question, plan, replay);
}

/** With the views of windows that it reads, and theirs. */
async function whyWithInputs(question: WhyQuestion, plan: ProgramPlan, replay: Replay): Promise<Why | NoAnswer> {
  const rule = plan.operators.find(({ name }) => name === question.rule) ?? unionView(question.rule, plan);
  if (rule === null) throw new Error(`the plan has no operator named ${question.rule}`);
  const answer = await whyAlone(question, rule, plan, replay);
  const ask = (one: WhyQuestion) => whyWithInputs(one, plan, replay);
  return withInputs(answer, question, rule, windowsRead(rule.input, plan), ask);
}

async function whyAlone(
  question: WhyQuestion,
  found: OperatorPlan,
  given: ProgramPlan,
  replay: Replay,
): Promise<Why | NoAnswer> {
  const joins = given.joins ?? [];
  const opened = openBaselines(flatten(found, given), joins);
  const general = opened.rule;
  const plan = opened.joins.length === 0 ? given : { ...given, joins: [...joins, ...opened.joins] };
  const isJoined = readsJoin(general, plan);
  // By TUNE a rule has other values, and no other joins: where they stand open is the same for all tenants.
  const ownOf = (tenant: string) => openBaselines(flatten(ofTenant(found, tenant), given, tenant), joins).rule;
  if (isJoined && general.key === null) return whyJoin(question, general, plan, replay, ownOf);
  const run = (operators: readonly OperatorPlan[], views: readonly string[]) =>
    replay({ ...plan, operators: [...selectOperators(plan, views).operators, ...operators], hash: 'why' });
  const branches = general.key === null ? plan.unions?.find(({ name }) => name === general.input)?.branches : undefined;
  const ask = (one: WhyQuestion) => why(one, given, replay);
  const startsFor = (rule: OperatorPlan, tenant: string | null) =>
    rule.key === null ? [{ select: null, rule, text: '' }] : startsOf(rule, plan, tenant);
  const subject = await findSubject(question, general, startsFor(general, null), run);
  const joined = { rule: general, plan, replay, ownOf };
  if ('error' in subject) {
    const isNowhere = subject.is_unknown === true || subject.is_keyless === true;
    const of_lookup =
      general.key === null || !isNowhere
        ? null
        : await whyNoLookupRow(question, general, startsFor(general, null), run);
    if (of_lookup !== null) return of_lookup;
    const of_pair = isJoined && subject.is_unknown === true ? await whyNoPair(question, joined) : null;
    if (of_pair !== null) return of_pair;
    return branches === undefined ? subject : whyNoSelect(question, general, subject, branches, ask);
  }
  const rule = ownOf(subject.tenant);
  const moment_ms = subject.event_ms ?? question.moment?.(subject.times) ?? null;
  const starts = startsFor(rule, subject.tenant);
  const traces = await trace(
    rule,
    starts,
    subject,
    (operators) => run(operators, [found.name, rule.input]),
    besideOf(found, rule, joins),
  );
  if (rule.key !== null) {
    const alone = () => statesAlone(rule, subject, (operators) => run(operators, [rule.input]));
    const of_window = await withDropped(judgeWindow(question, rule, subject, traces, moment_ms), rule, alone);
    return isJoined ? withMissedRow(of_window, question, joined) : of_window;
  }
  const answer = judgeEvent(question, rule, subject, traces, moment_ms);
  return branches === undefined || 'error' in answer ? answer : withSelects(answer, question, branches, ask);
}
