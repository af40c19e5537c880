import type { Detection } from '../../engine/index.ts';
import { selectOperators } from '../packs/select-operators.ts';
import type { JoinPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Replay, Why, WhyFiring, WhyQuestion } from './answer.ts';
import type { WhyJoin } from './join-answer.ts';
import { farness, isTrue, judgeJoin, offOf, share } from './join-judge.ts';
import { JoinProbe, type JoinStep, joinSteps, type ProbedPair } from './join-probe.ts';
import { findJoinSubject, type JoinSubject } from './join-subject.ts';
import { Layout, type TracedRow } from './layout.ts';
import { furthest } from './nearness.ts';
import { rowProbe } from './probe.ts';
import { whereText } from './where-text.ts';

/**
 * The answer for a rule or view without GROUP BY over joins: which rows there were on the other side, and what they failed.
 * `ownOf`: what the rule is for a tenant, where TUNE makes it another one.
 */
export async function whyJoin(
  question: WhyQuestion,
  rule: OperatorPlan,
  plan: ProgramPlan,
  replay: Replay,
  ownOf: (tenant: string) => OperatorPlan = () => rule,
): Promise<Why | NoAnswer> {
  const joins = plan.joins ?? [];
  const steps = joinSteps(rule.input, joins);
  const run: Run = (operators, views, more = joins) =>
    replay({ ...plan, joins: more, operators: [...viewsOf(plan, views), ...operators], hash: 'why' });
  const subjects = await findJoinSubject(question, rule, steps, run);
  if ('error' in subjects) return subjects;
  const own = ownOf((subjects[0] as JoinSubject).tenant);
  if (JSON.stringify(own) !== JSON.stringify(rule)) return whyJoin(question, own, plan, replay);
  let best: { readonly answer: Why | NoAnswer; readonly passed: number } | null = null;
  for (const subject of subjects) {
    const answer = await answerFor(question, rule, subject, joins, run);
    const passed = passedOf(answer, subject);
    if (best === null || passed > best.passed) best = { answer, passed };
  }
  return (best as { readonly answer: Why | NoAnswer }).answer;
}

type Run = (
  operators: readonly OperatorPlan[],
  views: readonly string[],
  joins?: readonly JoinPlan[],
) => ReturnType<Replay>;

/** How much of what is asked of the side that an event was taken for holds of it: of two sides the better one is meant. */
function passedOf(answer: Why | NoAnswer, { event, steps }: JoinSubject): number {
  const [join] = 'error' in answer ? [] : (answer.joins ?? []);
  if (join === undefined) return -1;
  if (event?.side !== 'right') return share(join.conditions);
  return share(join.asked?.conditions.slice(0, steps[0].join.right_where.length) ?? []);
}

async function answerFor(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: JoinSubject,
  joins: readonly JoinPlan[],
  run: Run,
): Promise<Why | NoAnswer> {
  const probes = subject.steps.map((step) => {
    const isJoined = joins.some(({ name }) => name === step.base);
    return new JoinProbe(step, rule, subject.restrict(step), isJoined);
  });
  const rows = new Layout(rule, rule.where, [], (one, i) => whereText(rule, one, i));
  const real = rowProbe(rule, 'rows', [], rows.outputs);
  const own = rule.kind === 'rule' ? [rule] : [];
  const pairs = probes.map((): ProbedPair[] => []);
  const seen: { readonly detection: Detection; readonly row: TracedRow | null }[] = [];
  for await (const detections of run(
    [...probes.map(({ operator }) => operator), real, ...own],
    [rule.name],
    [...joins, ...probes.map((one) => one.plan)],
  )) {
    for (const detection of detections) {
      if (detection.tenant !== subject.tenant || detection.revision > 1) continue;
      const at = probes.findIndex(({ operator }) => operator.name === detection.rule);
      if (at >= 0) pairs[at].push(probes[at].read(detection));
      else if (detection.rule === real.name) seen.push({ detection, row: rows.read(detection) });
      else if (detection.rule === rule.name) seen.push({ detection, row: null });
    }
  }
  return answerOf(question, rule, subject, pairs, seen);
}

function viewsOf(plan: ProgramPlan, names: readonly string[]): readonly OperatorPlan[] {
  return selectOperators(plan, names).operators.filter(({ kind }) => kind === 'view');
}

function answerOf(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: JoinSubject,
  pairs: readonly (readonly ProbedPair[])[],
  seen: readonly { readonly detection: Detection; readonly row: TracedRow | null }[],
): Why | NoAnswer {
  const moment_ms = question.moment?.(subject.times) ?? null;
  const answers: WhyJoin[] = [];
  let chosen: string | null = null;
  for (const [i, step] of subject.steps.entries()) {
    const groups = Map.groupBy(pairs[i], ({ left }) => leftText(left.at_ms, left.id));
    const wanted: string | null =
      chosen !== null && groups.has(chosen) ? chosen : choose([...groups.entries()], step, subject, moment_ms);
    if (wanted === null) break;
    chosen = wanted;
    answers.push(judgeJoin(step, groups.get(wanted) as ProbedPair[], subject));
  }
  const [first] = answers;
  if (first === undefined)
    return { error: `no row on the left side of ${rule.name} has the key of ${question.subject}`, keys: [] };
  const of = seen.filter(({ detection }) => leftOf(detection) === chosen && isOfAsked(detection, subject));
  const judged = of.flatMap(({ row }) => (row === null ? [] : [row]));
  const fired = of.find(({ row }) => row === null)?.detection ?? null;
  const firing: WhyFiring | null =
    fired === null ? null : { at_ms: fired.decided_at, id: fired.id, suppressed_by: fired.suppressed_by };
  const best = furthest(judged);
  return {
    ...{
      rule: rule.name,
      kind: rule.kind,
      plan_hash: rule.hash,
      tenant: subject.tenant,
      key: null,
      funnel: [],
      just_missed: [],
    },
    window: { kind: 'event', from_ms: first.left.at_ms, to_ms: first.left.at_ms },
    ...{
      conditions: best?.conditions ?? [],
      firing,
      nearest: null,
      would_fire_with: [],
      resets: false,
      joins: answers,
    },
    outcome: firing !== null ? (firing.suppressed_by === null ? 'fired' : 'suppressed') : outcomeOf(rule, best),
  };
}

function outcomeOf({ kind }: OperatorPlan, best: TracedRow | null): Why['outcome'] {
  if (best === null) return 'no_rows';
  if (!best.conditions.every(isTrue)) return 'not_true';
  return kind === 'view' ? 'gave_row' : 'true_before';
}

/** The left row that is meant: of the event that was named, else at the moment, else the one that came furthest. */
function choose(
  groups: readonly (readonly [string, readonly ProbedPair[]])[],
  { join }: JoinStep,
  { event }: JoinSubject,
  moment_ms: number | null,
): string | null {
  const named = groups.filter(
    ([, [{ left }]]) => event?.side === 'left' && (left.id === event.id || left.id.includes(JSON.stringify(event.id))),
  );
  const asked = groups.filter(([, own]) => event?.side === 'right' && own.some(({ right }) => right?.id === event.id));
  const candidates = named.length > 0 ? named : asked.length > 0 ? asked : groups;
  let best: string | null = null;
  let score = Number.NEGATIVE_INFINITY;
  for (const [text, own] of candidates) {
    const of_left = share(own[0].of_left);
    const rows = own.filter((pair) => pair.right !== null && (event?.side !== 'right' || pair.right.id === event.id));
    const of_pairs = Math.max(0, ...rows.map((pair) => share(pair.of_pair) - farness(offOf(pair, join))));
    const near = moment_ms === null ? 0 : -Math.abs(own[0].left.at_ms - moment_ms) * 1000;
    const value = near + 2 * of_left + of_pairs;
    if (value >= score) [best, score] = [text, value];
  }
  return best;
}

/** Of a right row that was asked about, only its own pair says whether it fired. */
function isOfAsked({ anchor }: Detection, { event }: JoinSubject): boolean {
  return event?.side !== 'right' || !('left' in anchor) || anchor.right?.id === event.id;
}

function leftText(at_ms: number, id: string): string {
  return JSON.stringify([at_ms, id]);
}

/** The left row of what a join gave. */
function leftOf({ anchor }: Detection): string | null {
  if ('left' in anchor) return leftText(anchor.left.timestamp, anchor.left.id);
  return 'id' in anchor ? leftText(anchor.timestamp, anchor.id) : null;
}
