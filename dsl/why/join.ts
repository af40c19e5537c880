import type { Detection } from '../../engine/index.ts';
import { selectOperators } from '../packs/select-operators.ts';
import type { JoinPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Replay, Why, WhyFiring, WhyQuestion, WhyRevision } from './answer.ts';
import { atEvent } from './at-event.ts';
import type { WhyJoin } from './join-answer.ts';
import { type AskedMoment, chooseLeft, isAt, leftText, missedFirst, momentOf } from './join-choice.ts';
import { isTrue, judgeJoin, share } from './join-judge.ts';
import { JoinProbe, joinSteps, type ProbedPair } from './join-probe.ts';
import { findJoinSubject, type JoinSubject } from './join-subject.ts';
import { Layout, type TracedRow } from './layout.ts';
import { furthest } from './nearness.ts';
import { rowProbe } from './probe.ts';
import { Revisions } from './revisions.ts';
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

/** A row that the joins gave, with what WHERE behind them says; or, where that is null, what the rule fired. */
interface Seen {
  readonly detection: Detection;
  readonly row: TracedRow | null;
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
  const real = rowProbe(rule, 'probe:rows', [], rows.outputs);
  const own = rule.kind === 'rule' ? [rule] : [];
  const pairs = probes.map((): ProbedPair[] => []);
  const revisions = new Revisions();
  const seen: Seen[] = [];
  for await (const detections of run(
    [...probes.map(({ operator }) => operator), real, ...own],
    [rule.name],
    [...joins, ...probes.map((one) => one.plan)],
  )) {
    for (const detection of detections) {
      if (detection.tenant !== subject.tenant) continue;
      if (detection.rule === rule.name && revisions.take(detection)) continue;
      const at = probes.findIndex(({ operator }) => operator.name === detection.rule);
      if (at >= 0) pairs[at].push(probes[at].read(detection));
      else if (detection.rule === real.name) seen.push({ detection, row: rows.read(detection) });
      else if (detection.rule === rule.name) seen.push({ detection, row: null });
    }
  }
  return answerOf(question, rule, subject, pairs, seen, revisions.all);
}

function viewsOf(plan: ProgramPlan, names: readonly string[]): readonly OperatorPlan[] {
  return selectOperators(plan, names).operators.filter(({ kind }) => kind === 'view');
}

function answerOf(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: JoinSubject,
  pairs: readonly (readonly ProbedPair[])[],
  seen: readonly Seen[],
  revisions: readonly WhyRevision[],
): Why | NoAnswer {
  const asked = momentOf(question, subject.times);
  const groups = pairs.map((own) => Map.groupBy(own, ({ left }) => leftText(left)));
  const fired_then = toldAt(asked, subject, seen, groups.at(-1));
  const revised = fired_then === null ? revisedAt(asked, subject, seen, groups.at(-1), revisions) : null;
  const told = fired_then ?? revised?.opening ?? null;
  const answers: WhyJoin[] = [];
  let chosen: string | null = told === null ? null : leftOf(told);
  let about = told === null ? subject : aboutPair(subject, told, asked);
  let wanted_at = asked;
  for (const [i, step] of subject.steps.entries()) {
    const own = groups[i];
    const wanted =
      chosen !== null && own.has(chosen)
        ? { left: chosen, by_right: null }
        : chooseLeft(missedFirst(relatedTo(chosen, own), step, question.missed), step, about, wanted_at);
    if (wanted === null) break;
    const { left, by_right } = wanted;
    const isLast = i === subject.steps.length - 1;
    if (isLast && by_right !== null) about = { ...about, event: { id: by_right.id, side: 'right' } };
    const judged = judgeJoin(step, own.get(left) as ProbedPair[], about);
    answers.push(judged);
    // What stands at the moment has been found: what joins it further may be of another time.
    if (asked !== null && isAt(asked, by_right ?? judged.left)) wanted_at = null;
    // What was told has the left row of the last join: those before it are parts of that.
    if (told === null) chosen = left;
  }
  const [first] = answers;
  if (first === undefined)
    return {
      error: `no row on the left side of ${rule.name} has the key of ${question.subject}`,
      keys: [],
      is_unknown: true,
    };
  const of = seen.filter(({ detection }) => leftOf(detection) === chosen && isOfAsked(detection, about));
  const judged = of.flatMap(({ row }) => (row === null ? [] : [row]));
  const fired = told ?? of.find(({ row }) => row === null)?.detection ?? null;
  const firing = fired === null ? null : firingOf(fired);
  const best = furthest(judged);
  const also = seen.flatMap(({ detection, row }) =>
    row === null && fired !== null && detection.id !== fired.id && leftOf(detection) === chosen ? [detection] : [],
  );
  return {
    ...atEvent(rule, subject.tenant, first.left.at_ms),
    ...{
      conditions: best?.conditions ?? [],
      firing,
      nearest: null,
      would_fire_with: [],
      resets: false,
      joins: answers,
    },
    ...(also.length === 0 ? {} : { also_fired: also.map(firingOf) }),
    ...(revised === null ? {} : { revision: revised.revision }),
    outcome: firing !== null ? (firing.suppressed_by === null ? 'fired' : 'suppressed') : outcomeOf(rule, best),
  };
}

function firingOf({ decided_at: at_ms, id, anchor_id, suppressed_by }: Detection): WhyFiring {
  return { at_ms, id, anchor_id, suppressed_by };
}

function outcomeOf({ kind }: OperatorPlan, best: TracedRow | null): Why['outcome'] {
  if (best === null) return 'no_rows';
  if (!best.conditions.every(isTrue)) return 'not_true';
  return kind === 'view' ? 'gave_row' : 'true_before';
}

/** What fired for the key at the moment (without one: last); what was suppressed only where nothing else was. */
function toldAt(
  asked: AskedMoment | null,
  { event }: JoinSubject,
  seen: readonly Seen[],
  groups: ReadonlyMap<string, unknown> | undefined,
): Detection | null {
  if (event !== null || groups === undefined) return null;
  const fired = seen.flatMap(({ detection, row }) => {
    const { decided_at } = detection;
    const isThen = asked === null || (decided_at >= asked.from_ms && decided_at <= asked.to_ms);
    return row === null && isThen && groups.has(leftOf(detection) ?? '') ? [detection] : [];
  });
  return fired.findLast(({ suppressed_by }) => suppressed_by === null) ?? fired.at(-1) ?? null;
}

/** A further revision at the moment of what had fired for the key, the last one. */
function revisedAt(
  asked: AskedMoment | null,
  { event }: JoinSubject,
  seen: readonly Seen[],
  groups: ReadonlyMap<string, unknown> | undefined,
  revisions: readonly WhyRevision[],
): { readonly opening: Detection; readonly revision: WhyRevision } | null {
  if (asked === null || event !== null) return null;
  const own = seen.filter(({ detection, row }) => row === null && groups?.has(leftOf(detection) ?? '') === true);
  const revision = revisions.findLast(
    (one) => isAt(asked, one) && own.some(({ detection }) => detection.id === one.id),
  );
  const opening = own.find(({ detection }) => detection.id === revision?.id)?.detection;
  return revision === undefined || opening === undefined ? null : { opening, revision };
}

/** A pair that was told at the moment is asked about by that of its rows that stands there. */
function aboutPair(subject: JoinSubject, { anchor }: Detection, asked: AskedMoment | null): JoinSubject {
  if (asked === null || !('left' in anchor) || anchor.right === null) return subject;
  if (anchor.left.timestamp >= asked.from_ms && anchor.left.timestamp <= asked.to_ms) return subject;
  return { ...subject, event: { id: anchor.right.id, side: 'right' } };
}

/** Of a join of joins: the left rows that hold this one, or are parts of it; all where none is. */
function relatedTo(
  chosen: string | null,
  groups: ReadonlyMap<string, readonly ProbedPair[]>,
): [string, readonly ProbedPair[]][] {
  const all = [...groups];
  if (chosen === null) return all;
  const [, id] = JSON.parse(chosen) as [number, string];
  const holds = (one: string, other: string): boolean => one.includes(JSON.stringify(other));
  const related = all.filter(([, [{ left }]]) => holds(id, left.id) || holds(left.id, id));
  return related.length > 0 ? related : all;
}

/** Of a right row that was asked about, only its own pair says whether it fired. */
function isOfAsked({ anchor }: Detection, { event }: JoinSubject): boolean {
  return event?.side !== 'right' || !('left' in anchor) || anchor.right?.id === event.id;
}

/** The left row of what a join gave. */
function leftOf({ anchor }: Detection): string | null {
  if ('left' in anchor) return leftText({ at_ms: anchor.left.timestamp, id: anchor.left.id });
  return 'id' in anchor ? leftText({ at_ms: anchor.timestamp, id: anchor.id }) : null;
}
