import {
  joinedStreams,
  joinHorizon,
  joinMemory,
  type OperatorSpec,
  type Program,
  quietNeeded,
  windowMemory,
} from '../../engine/index.ts';
import { withoutIgnores } from '../plan/exception-probes.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import { durationText } from './duration-text.ts';
import { inputText, joinText, unionText, unnestText } from './explain-join.ts';
import { expressionText } from './expression-text.ts';
import { type JoinSize, joinSizesOf } from './join-size.ts';
import { lifeText } from './life-text.ts';
import { type PlanNode, type Plans, planTree } from './plan-tree.ts';
import {
  type LifeSize,
  lifeSizeOf,
  type StateSize,
  type SuppressSize,
  stateSizeOf,
  suppressSizeOf,
} from './state-size.ts';
import { windowDecided, windowText } from './window-text.ts';

/** What one rule or view does, keeps and waits for; explain-text.ts prints it. */
export interface ExplainSummary {
  readonly name: string;
  readonly kind: 'rule' | 'view' | 'table';
  readonly plan_hash: string;
  /** Stations of an event on its way, from the stream to the detection. */
  readonly pipeline: readonly string[];
  /** The same, through the views and joins below, as a tree whose root is the detection. */
  readonly tree: PlanNode;
  /** 'event': by one event, at its time. 'window_end': by the end of a window. */
  readonly decided: 'event' | 'window_end';
  /** Sentences: what fires when, and when it leaves. */
  readonly decided_text: readonly string[];
  /** null: a single-event operator keeps nothing. */
  readonly state: StateSize | null;
  /** What the joins keep whose rows it reads; those of a view that it reads are the view's. */
  readonly joins: readonly JoinSize[];
  /** null: without SUPPRESS. */
  readonly suppress: SuppressSize | null;
  /** null: without ESCALATE, UPDATE AT END, CLOSE AFTER and RISK. */
  readonly life: LifeSize | null;
  readonly memory: MemoryHorizon;
}

/** How far back the operator remembers: what a backtest has to read before its beginning to be warm (S14). */
export interface MemoryHorizon {
  /** Of the window; twice its size for a SLIDING rule, which asks what was true at the event before. */
  readonly window_ms: number;
  readonly windows: 0 | 1 | 2;
  /** SUPPRESS and RESET: a stretch of this length without a firing is needed as well; null: none is enough. */
  readonly quiet_ms: number | null;
  /** What needs all of the history, where the last is null. */
  readonly unbounded: 'RESET' | 'session' | 'firing' | null;
  /** Of the views that it reads, nearest first. */
  readonly below: readonly { readonly name: string; readonly window_ms: number }[];
  /** Of the windows. */
  readonly total_ms: number;
}

/** Explains an operator of the program, which is made of `plans`; throws when the program has none of the plan's name. */
export function explainOperator(plan: OperatorPlan, program: Program, plans: Plans): ExplainSummary {
  const operator = program.operators.find(({ name }) => name === plan.name);
  if (operator === undefined) throw new Error(`the program has no operator named ${plan.name}`);
  const decided = plan.window?.decided === 'end' ? 'window_end' : 'event';
  return {
    ...{
      name: plan.name,
      kind: plan.table === true ? 'table' : plan.kind,
      plan_hash: plan.hash,
      pipeline: pipelineOf(plan, operator, program),
      tree: planTree(plan, plans, (one) => stationsOf(one)),
      decided,
    },
    decided_text: [
      ...joinText(program, operator.input),
      ...unionText(program, operator.input),
      ...unnestText(plan, program),
      ...decidedText(plan, operator, program),
      ...lifeText(plan),
      ...lookupText(plan),
      ...exceptionText(plan),
      ...tuneText(plan),
    ],
    state: stateSizeOf(operator, program),
    joins: joinSizesOf(program, operator.input),
    suppress: suppressSizeOf(operator),
    life: lifeSizeOf(operator),
    memory: memoryOf(operator, program),
  };
}

function pipelineOf(plan: OperatorPlan, operator: OperatorSpec, program: Program): string[] {
  return [inputText(program, operator.input), ...stationsOf(plan)];
}

/** The steps after the input. */
function stationsOf(plan: OperatorPlan, isTuned = plan.tunes !== undefined): string[] {
  const stations: string[] = [];
  for (const { array, column } of plan.unnests ?? []) {
    stations.push(`each element of ${expressionText(array, plan)} as ${column}`);
  }
  // The conjuncts are an AND: printed as one, so that an OR among them keeps its brackets.
  const ignored = (plan.exceptions ?? []).filter(({ action }) => action === 'ignore');
  // In front of the WHERE of a tuned rule stands for which tenants it is.
  const where = withoutIgnores(
    plan.where.slice(isTuned ? 1 : 0),
    ignored.map(({ condition }) => condition),
  );
  if (where.length > 0) {
    const condition = expressionText({ kind: 'and', arguments: where, type: 'bool' }, plan);
    stations.push(`where ${condition}`);
  }
  for (const { name } of ignored) stations.push(`except ${name}`);
  if (plan.window !== null && plan.key !== null) {
    const parts = plan.key.map(({ expression }) => expressionText(expression, plan));
    const by =
      parts.length === 0
        ? plan.across === true
          ? 'rows of the sharing tenants'
          : 'rows of the tenant'
        : `rows by ${parts.join(', ')}`;
    stations.push(`${by}, ${windowText(plan.window)}`);
  }
  if (plan.having !== null) stations.push(`having ${expressionText(plan.having, plan)}`);
  if (plan.suppress !== null) {
    const by = plan.suppress.by.length === 0 ? '' : ` by ${plan.suppress.by.join(', ')}`;
    stations.push(`suppress${by} ${durationText(plan.suppress.for_ms)}${plan.suppress.reset ? ', reset' : ''}`);
  }
  if (plan.life !== undefined) stations.push(...lifeStations(plan, plan.life));
  if (plan.risk !== undefined) {
    const { type, half_life_ms } = plan.risk;
    stations.push(`risk on ${type}, half-life ${durationText(half_life_ms)}`);
  }
  const { mode } = plan.metadata;
  const detection = mode === undefined ? 'detection' : `detection (${mode})`;
  stations.push(plan.kind === 'rule' ? detection : `row of the ${plan.table === true ? 'table' : 'view'}`);
  return stations;
}

/** Of a rule the values of its PARAMs; a view in it has none of its own: what it does instead. */
function tuneText(own: OperatorPlan): string[] {
  return (own.tunes ?? []).map(({ tenants, because, owner, plan }) => {
    const others = plan.params.filter(({ value }, i) => value !== own.params[i]?.value);
    const stations = own.kind === 'rule' ? [] : stationsOf(plan, true).filter((one) => !stationsOf(own).includes(one));
    const values = [...others.map(({ name, value }) => `${name} = ${JSON.stringify(value)}`), ...stations].join(', ');
    return `tuned for ${tenants.join(', ')}: ${values || 'the same values'}: ${because}${owner === null ? '' : ` (${owner})`}`;
  });
}

function exceptionText(plan: OperatorPlan): string[] {
  return (plan.exceptions ?? []).map(({ name, action, condition, valid_from_ms, valid_to_ms, because, owner }) => {
    const time = (word: string, time_ms: number | null) =>
      time_ms === null ? '' : ` ${word} ${new Date(time_ms).toISOString()}`;
    const of = action === 'ignore' ? 'ignores events' : `mutes detections where ${expressionText(condition, plan)}`;
    const answers = owner === null ? '' : ` (${owner})`;
    return `exception ${name} ${of}${time('from', valid_from_ms)}${time('to', valid_to_ms)}: ${because}${answers}`;
  });
}

function lookupText({ lookups = [], window }: OperatorPlan): string[] {
  // WITH EMPTY KEYS OF asks at the ends of windows, and says so itself.
  const keys_of = window !== null && 'empty_keys' in window ? window.empty_keys : undefined;
  const asked = lookups.filter(({ name }) => name !== keys_of);
  if (asked.length === 0) return [];
  const names = asked.map(({ name, valid_from, valid_to }) =>
    valid_from === null && valid_to === null ? name : `${name} (rows valid then)`,
  );
  return [
    `asks ${names.join(', ')} as of the time of the event`,
    'before the first version of a lookup every answer is NULL: neither IN LOOKUP nor NOT IN LOOKUP is true',
  ];
}

function lifeStations(plan: OperatorPlan, life: NonNullable<OperatorPlan['life']>): string[] {
  const over = (when: Expression) => expressionText(when, plan);
  const stations = life.escalations.map(({ when, severity }) => `${severity} when ${over(when)}`);
  if (life.update_at_end) stations.push('update at end');
  if (life.close_after_ms !== null) stations.push(`close after ${durationText(life.close_after_ms)} quiet`);
  return stations;
}

/** The views that make the operator's input, several for a join or a UNION ALL, and those below them. */
function viewsBelow({ input }: OperatorSpec, program: Program): OperatorSpec[] {
  const streams = [input, ...joinedStreams(program, input)];
  const makers = program.operators.filter(({ output_stream }) => streams.includes(output_stream));
  // A view that is tuned is several operators of one name.
  const below = makers.filter(({ name }, i) => makers.findIndex((one) => one.name === name) === i);
  return below.flatMap((one) => [one, ...viewsBelow(one, program)]);
}

/** How far back the rows of a stream reach: of several that make it, the longest. */
function memoryBelow(stream: number, program: Program): number {
  const { join } = program.streams[stream];
  if (join !== undefined) {
    const [left, right] = [join.left, join.right].map((side) => memoryBelow(side.stream, program));
    return joinHorizon(join, left, right);
  }
  const makers = program.operators.filter(({ output_stream }) => output_stream === stream);
  return Math.max(0, ...makers.map((maker) => windowMemory(maker) + memoryBelow(maker.input, program)));
}

function decidedText(plan: OperatorPlan, operator: OperatorSpec, program: Program): string[] {
  const { lateness_ms } = program.settings;
  const what = plan.kind === 'rule' ? 'fires' : 'gives a row';
  const sentences: string[] = [];
  if (plan.window === null) sentences.push(`${what} at each row that passes WHERE`);
  else if (plan.window.kind === 'sliding') {
    sentences.push(
      plan.kind === 'rule'
        ? 'fires at the event that makes HAVING true; again only after it was false, or that event has left the window'
        : 'gives a row at every event at which HAVING is true',
    );
  } else sentences.push(...windowDecided(plan.window, what, plan));
  const waiting = viewsBelow(operator, program).find(
    ({ window }) => window !== null && window.kind !== 'sliding' && window.decided === 'end',
  );
  if (waiting !== undefined) sentences.push(`its input ${waiting.name} has its rows at the ends of its windows`);
  if (plan.table === true) sentences.push('each row is written once (aggregates); FROM reads it like a view');
  const leaves = `when the watermark passes that (LATENESS ${durationText(lateness_ms)})`;
  if (plan.emits_early) {
    sentences.push(`leaves on arrival (EMIT EARLY), and is final ${leaves}: confirmed, revised or withdrawn`);
    if (plan.life !== undefined)
      sentences.push('its further revisions go on from what is final, and leave when they are');
  } else sentences.push(`leaves ${leaves}`);
  return sentences;
}

function memoryOf(operator: OperatorSpec, program: Program): MemoryHorizon {
  const views = viewsBelow(operator, program);
  const window_ms = windowMemory(operator);
  const below = views.map((view) => ({ name: view.name, window_ms: windowMemory(view) }));
  for (const stream of [operator.input, ...joinedStreams(program, operator.input)]) {
    const { join } = program.streams[stream];
    if (join === undefined) continue;
    const name = join.as_of ? `${program.streams[join.right.stream].name} as a baseline` : 'the join';
    below.push({ name, window_ms: joinMemory(join) });
  }
  const total_ms = window_ms + memoryBelow(operator.input, program);
  const hasSessions = [operator, ...views].some(({ window }) => window?.kind === 'session');
  const quiet_ms = hasSessions ? null : quietNeeded(operator);
  const unbounded =
    quiet_ms !== null ? null : hasSessions ? 'session' : operator.life === undefined ? 'RESET' : 'firing';
  return { window_ms, windows: windowsAsked(operator), quiet_ms, unbounded, below, total_ms };
}

/** SLIDING and HOPPING rules ask what was true in the window before. */
function windowsAsked({ kind, window }: OperatorSpec): 0 | 1 | 2 {
  if (window === null) return 0;
  return kind === 'rule' && (window.kind === 'sliding' || window.kind === 'hopping') ? 2 : 1;
}
