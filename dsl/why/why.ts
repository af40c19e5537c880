import { ACROSS_TENANT, type Detection, type Value } from '../../engine/index.ts';
import { expressionText } from '../build/index.ts';
import { selectOperators } from '../packs/select-operators.ts';
import type { Expression, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { flatten } from './flatten.ts';
import { closest, furthest } from './nearness.ts';
import { type ParamChange, paramChanges, type WithParam } from './params.ts';
import { comparisonOf, conditionsOf, groupProbes, leavesOf, longestOf, nameOf, rowProbe } from './probe.ts';

/** Runs a plan over the events that are asked about, as a backtest would; it is called more than once. */
export type Replay = (plan: ProgramPlan) => AsyncIterable<readonly Detection[]> | Iterable<readonly Detection[]>;

export interface WhyQuestion {
  readonly rule: string;
  /** The id of an event, or a key: all its parts with spaces between them, or one part that only one key has. null: the only key. */
  readonly subject: string | null;
  /** The time that is meant, from the times of the key's events; null: where the rule fired last, else came nearest. */
  readonly moment: ((times: readonly number[]) => number) | null;
  readonly with_param: WithParam;
}

/** One condition at the moment, with both sides where it is a comparison. */
export interface WhyCondition {
  readonly text: string;
  readonly truth: Value;
  /** What stands left, by the name that the rule's SELECT gives it. */
  readonly name: string;
  readonly left: Value;
  readonly operator: string | null;
  readonly right: Value;
}

export interface WhyFiring {
  readonly at_ms: number;
  readonly id: string;
  readonly suppressed_by: string | null;
}

/** Both times are inside. */
export interface WhyWindow {
  readonly kind: 'event' | 'sliding' | 'tumbling' | 'hopping' | 'session';
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What one rule made of one key at one moment. Times are epoch milliseconds. */
export interface Why {
  readonly rule: string;
  readonly plan_hash: string;
  readonly tenant: string;
  /** null: a rule without GROUP BY, about one event. */
  readonly key: readonly Value[] | null;
  /** The window at the event that was judged last up to the moment; of one event, its time twice. */
  readonly window: WhyWindow;
  /** Rows in the window that pass the clauses so far, one after the other; the first is all of the key. */
  readonly funnel: readonly { readonly text: string; readonly rows: number }[];
  /** HAVING (of one event: WHERE) taken apart; [] when no row of the key passed WHERE in the window. */
  readonly conditions: readonly WhyCondition[];
  readonly outcome: 'fired' | 'suppressed' | 'true_before' | 'not_true' | 'no_rows';
  /** What fired here, or, where HAVING was true before, what had fired for that. */
  readonly firing: WhyFiring | null;
  /** Where the key came nearest in all of the events; null when it never had a row. */
  readonly nearest: { readonly at_ms: number; readonly conditions: readonly WhyCondition[] } | null;
  readonly would_fire_with: readonly ParamChange[];
  /** Rows of the key in the window that fail exactly one condition of WHERE: the first for each. */
  readonly just_missed: readonly { readonly at_ms: number; readonly id: string; readonly text: string }[];
  readonly resets: boolean;
}

/** Why there is no answer, for a person. */
export interface NoAnswer {
  readonly error: string;
  /** Keys that exist: similar ones, or those that the subject may mean. */
  readonly keys: readonly string[];
}

/** Asks the engine why an operator fired or did not; nothing is worked out a second time here. */
export async function why(question: WhyQuestion, plan: ProgramPlan, replay: Replay): Promise<Why | NoAnswer> {
  const found = plan.operators.find(({ name }) => name === question.rule);
  if (found === undefined) throw new Error(`the plan has no operator named ${question.rule}`);
  const general = flatten(found, plan);
  const run = (operators: readonly OperatorPlan[], views: readonly string[]) =>
    replay({ ...plan, operators: [...selectOperators(plan, views).operators, ...operators], hash: 'why' });
  const subject = await findSubject(question, general, run);
  if ('error' in subject) return subject;
  const tune = found.tunes?.find(({ tenants }) => tenants.includes(subject.tenant));
  const rule = tune === undefined ? general : flatten(tune.plan, plan);
  const moment_ms = subject.event_ms ?? question.moment?.(subject.times) ?? null;
  const traces = await trace(rule, subject, (operators) => run(operators, [found.name, rule.input]));
  return rule.key === null
    ? judgeEvent(question, rule, subject, traces, moment_ms)
    : judgeWindow(question, rule, subject, traces, moment_ms);
}

type Run = (operators: readonly OperatorPlan[], views: readonly string[]) => ReturnType<Replay>;

interface Subject {
  readonly tenant: string;
  /** Parts of GROUP BY; of a rule without it the id of the event. */
  readonly key: readonly Value[];
  readonly times: number[];
  /** Time of the event that was named. */
  event_ms: number | null;
}

/** Different keys that are remembered for "did you mean". */
const keys_remembered = 10_000;

async function findSubject(question: WhyQuestion, rule: OperatorPlan, run: Run): Promise<Subject | NoAnswer> {
  const parts =
    rule.key?.map(({ expression }) => expression) ??
    leavesOf([...rule.where, ...rule.outputs.map((one) => one.expression)]);
  const subjects = new Map<string, Subject>();
  const keys = new Set<string>();
  let named: Subject | null = null;
  for await (const detections of run([rowProbe(rule, 'rows', [], parts)], [rule.input])) {
    for (const { tenant: own, values, decided_at, anchor } of detections) {
      const tenant = rule.across === true ? ACROSS_TENANT : own;
      const id = 'id' in anchor ? anchor.id : '';
      const texts = values.map(valueText);
      if (keys.size < keys_remembered && !values.includes(null)) keys.add(texts.join(' '));
      const is_named = id === question.subject;
      if (
        question.subject !== null &&
        !is_named &&
        !texts.includes(question.subject) &&
        texts.join(' ') !== question.subject
      )
        continue;
      const key = rule.key === null ? [] : values;
      const place = JSON.stringify([tenant, key]);
      const subject = subjects.get(place) ?? { tenant, key, times: [], event_ms: null };
      subjects.set(place, subject);
      subject.times.push(decided_at);
      if (is_named) named = { ...subject, event_ms: decided_at };
    }
  }
  if (named !== null) {
    if (!named.key.includes(null)) return named;
    return { error: `the event ${question.subject} has no value for a part of GROUP BY: it joins no group`, keys: [] };
  }
  const all = [...subjects.values()].filter(({ key }) => !key.includes(null));
  const exact = all.filter(({ key }) => key.map(valueText).join(' ') === question.subject);
  const chosen = exact.length > 0 ? exact : all;
  if (chosen.length === 1) return chosen[0];
  if (chosen.length === 0)
    return { error: `no event that ${rule.name} reads has the id or the key ${question.subject}`, keys: [...keys] };
  return {
    error:
      question.subject === null
        ? `there are ${chosen.length} keys`
        : `${question.subject} is a part of ${chosen.length} keys`,
    keys: chosen.slice(0, 10).map(({ key }) => key.map(valueText).join(' ')),
  };
}

interface TracedRow {
  readonly at_ms: number;
  readonly id: string;
  readonly conditions: readonly WhyCondition[];
  readonly leaves: readonly Value[];
}

interface Traces {
  /** Rows of the key, with the conditions of WHERE. */
  readonly rows: readonly TracedRow[];
  /** The group at each of its rows, with the conditions of HAVING. */
  readonly states: readonly TracedRow[];
  readonly firings: readonly WhyFiring[];
  readonly row_leaves: readonly Expression[];
  readonly state_leaves: readonly Expression[];
}

async function trace(
  rule: OperatorPlan,
  { tenant, key }: Subject,
  run: (operators: readonly OperatorPlan[]) => ReturnType<Replay>,
): Promise<Traces> {
  const where: Expression[] = (rule.key ?? []).map(({ expression }, i) => equals(expression, key[i]));
  if (rule.across !== true) {
    where.push(
      equals(
        { kind: 'column', name: 'tenant_id', path: ['tenant_id'], type: 'string', conversion: 'declared' },
        tenant,
      ),
    );
  }
  const rows = new Layout(rule, rule.where, leavesOf(rule.where), (one, i) => whereText(rule, one, i));
  const bounds: Expression[] = rule.key === null ? [] : window_bounds;
  const states = new Layout(rule, conditionsOf(rule), leavesOf([...bounds, ...conditionsOf(rule)]));
  const probes = [rowProbe(rule, 'rows', where, rows.outputs)];
  if (rule.key !== null) probes.push(...groupProbes(rule, states.outputs, [...where, ...rule.where]));
  const traces = { rows: [] as TracedRow[], states: [] as TracedRow[], firings: [] as WhyFiring[] };
  const is_view = rule.kind === 'view';
  for await (const detections of run(probes)) {
    for (const detection of detections) {
      if (detection.rule === 'rows') traces.rows.push(rows.read(detection));
      else if (detection.rule === 'groups') traces.states.push(states.read(detection));
      else if (!is_view && detection.rule === rule.name && isFiringOf(detection, rule, tenant, key)) {
        const { decided_at, id, suppressed_by } = detection;
        traces.firings.push({ at_ms: decided_at, id, suppressed_by });
      }
    }
  }
  return { ...traces, row_leaves: rows.leaves, state_leaves: states.leaves };
}

/** A further revision is no firing. */
function isFiringOf(detection: Detection, rule: OperatorPlan, tenant: string, key: readonly Value[]): boolean {
  if (detection.revision > 1) return false;
  return detection.tenant === tenant && (rule.key === null || JSON.stringify(detection.key) === JSON.stringify(key));
}

function equals(expression: Expression, value: Value): Expression {
  const literal: Expression = { kind: 'literal', type: expression.type, value };
  return { kind: 'call', function: '=', arguments: [expression, literal], type: 'bool' };
}

/** What the window of a state is; they are its first two leaves. */
const window_bounds: Expression[] = [
  { kind: 'window_start', type: 'timestamp' },
  { kind: 'window_end', type: 'timestamp' },
];

/** Which outputs a probe has, and how a detection of it is read back. */
class Layout {
  readonly outputs: Expression[] = [];
  readonly leaves: readonly Expression[];
  readonly #read: ((values: readonly Value[]) => WhyCondition)[];

  constructor(
    rule: OperatorPlan,
    conditions: readonly Expression[],
    leaves: readonly Expression[],
    textOf = (condition: Expression, _place: number): string => expressionText(condition, rule),
  ) {
    this.leaves = leaves;
    this.outputs.push(...leaves);
    const column = (expression: Expression): number => this.outputs.push(expression) - 1;
    this.#read = conditions.map((condition, place) => {
      const sides = comparisonOf(condition);
      const truth = column(condition);
      const text = textOf(condition, place);
      if (sides === null) {
        return (values) => ({
          text,
          truth: values[truth],
          name: text,
          left: values[truth],
          operator: null,
          right: null,
        });
      }
      const [left, right] = [column(sides.left), column(sides.right)];
      const name = nameOf(sides.left, rule);
      return (values) => ({
        ...{ text, truth: values[truth], name, left: values[left], operator: sides.operator, right: values[right] },
      });
    });
  }

  read({ decided_at, anchor, values }: Detection): TracedRow {
    return {
      at_ms: decided_at,
      id: 'id' in anchor ? anchor.id : '',
      conditions: this.#read.map((read) => read(values)),
      leaves: values.slice(0, this.leaves.length),
    };
  }
}

function judgeEvent(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: Subject,
  { rows, firings, row_leaves }: Traces,
  moment_ms: number | null,
): Why | NoAnswer {
  const named = rows.filter(({ id }) => id === question.subject);
  const times = new Set(subject.times);
  const candidates = named.length > 0 ? named : rows.filter(({ at_ms }) => times.has(at_ms));
  const last = firings.at(-1)?.at_ms;
  const wanted_ms = moment_ms ?? last ?? null;
  const row = wanted_ms === null ? furthest(candidates) : closest(candidates, wanted_ms);
  if (row === null) return { error: `no event of ${question.subject}`, keys: [] };
  const firing = firings.find(({ at_ms }) => at_ms === row.at_ms && isTrue(row)) ?? null;
  const best = furthest(candidates);
  return {
    ...{ rule: rule.name, plan_hash: rule.hash, tenant: subject.tenant, key: null, funnel: [], just_missed: [] },
    window: { kind: 'event', from_ms: row.at_ms, to_ms: row.at_ms },
    conditions: row.conditions,
    outcome: outcomeOf(row, firing),
    ...{ firing, resets: false },
    nearest: best === null ? null : { at_ms: best.at_ms, conditions: best.conditions },
    would_fire_with: isTrue(row)
      ? []
      : paramChanges(rule, 'where', row.conditions, row_leaves, row.leaves, question.with_param),
  };
}

function judgeWindow(
  question: WhyQuestion,
  rule: OperatorPlan,
  subject: Subject,
  traces: Traces,
  moment_ms: number | null,
): Why {
  const { states, rows, firings } = traces;
  const best = furthest(states);
  const at_ms = moment_ms ?? firings.at(-1)?.at_ms ?? best?.at_ms ?? subject.times.at(-1) ?? 0;
  const kind = rule.window?.kind ?? 'sliding';
  const size_ms = longestOf(rule.window);
  const state =
    kind === 'sliding'
      ? (states.findLast((one) => one.at_ms <= at_ms && one.at_ms >= at_ms - size_ms) ?? null)
      : (states.findLast((one) => windowOf(one, kind).from_ms <= at_ms && windowOf(one, kind).to_ms >= at_ms) ?? null);
  const window = state === null ? { kind, from_ms: at_ms - size_ms, to_ms: at_ms } : windowOf(state, kind);
  const inside = rows.filter((row) => row.at_ms >= window.from_ms && row.at_ms <= window.to_ms);
  const before = firings.findLast((one) => one.at_ms <= window.to_ms) ?? null;
  const since_ms = kind === 'sliding' ? window.to_ms : window.from_ms;
  const own = firings.findLast((one) => one.at_ms >= since_ms && one.at_ms <= window.to_ms) ?? null;
  return {
    ...{ rule: rule.name, plan_hash: rule.hash, tenant: subject.tenant, key: subject.key, window },
    funnel: funnelOf(rule, inside),
    conditions: state?.conditions ?? [],
    outcome: outcomeOf(state, own),
    firing: own ?? (state !== null && isTrue(state) ? before : null),
    nearest: best === null ? null : { at_ms: best.at_ms, conditions: best.conditions },
    would_fire_with:
      state === null || isTrue(state)
        ? []
        : paramChanges(rule, 'having', state.conditions, traces.state_leaves, state.leaves, question.with_param),
    just_missed: state !== null && isTrue(state) ? [] : missesOf(inside),
    resets: rule.suppress?.reset === true,
  };
}

function windowOf({ leaves: [start, end] }: TracedRow, kind: WhyWindow['kind']): WhyWindow {
  return { kind, from_ms: Number(start), to_ms: Number(end) - (kind === 'sliding' ? 0 : 1) };
}

function outcomeOf(state: TracedRow | null, firing: WhyFiring | null): Why['outcome'] {
  if (state === null) return 'no_rows';
  if (firing !== null) return firing.suppressed_by === null ? 'fired' : 'suppressed';
  return isTrue(state) ? 'true_before' : 'not_true';
}

function funnelOf(rule: OperatorPlan, rows: readonly TracedRow[]): Why['funnel'] {
  const passing = (clauses: number): number =>
    rows.filter(({ conditions }) => conditions.slice(0, clauses).every(({ truth }) => truth === true)).length;
  const all = rule.input === 'events' ? 'events of the key' : `rows of ${rule.input} of the key`;
  const steps = rule.where.map((condition, i) => ({ text: whereText(rule, condition, i), rows: passing(i + 1) }));
  return [{ text: all, rows: rows.length }, ...steps];
}

/** A condition of WHERE; what exceptions ignore stands at its end, one condition for each. */
function whereText(rule: OperatorPlan, condition: Expression, i: number): string {
  const ignored = (rule.exceptions ?? []).filter(({ action }) => action === 'ignore');
  const exception = ignored[i - (rule.where.length - ignored.length)];
  return exception === undefined ? expressionText(condition, rule) : `not excepted by ${exception.name}`;
}

function missesOf(rows: readonly TracedRow[]): Why['just_missed'] {
  const found = new Map<string, Why['just_missed'][number]>();
  for (const { at_ms, id, conditions } of rows) {
    const failed = conditions.filter(({ truth }) => truth !== true);
    if (failed.length !== 1 || found.has(failed[0].text)) continue;
    const [{ text, name, left, operator }] = failed;
    found.set(text, {
      at_ms,
      id,
      text:
        operator !== null
          ? `${name} is ${valueText(left)}: not ${text}`
          : text.startsWith('not excepted')
            ? text.slice(4)
            : `not ${text}`,
    });
  }
  return [...found.values()];
}

function isTrue({ conditions }: TracedRow): boolean {
  return conditions.every(({ truth }) => truth === true);
}

export function valueText(value: Value): string {
  if (value === null) return 'NULL';
  return Array.isArray(value) ? `[${value.map(valueText).join(', ')}]` : String(value);
}
