import type { Detection, Value } from '../../engine/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import type { Replay, WhyFiring, WhyRevision } from './answer.ts';
import type { Beside } from './beside.ts';
import type { Entered } from './funnel.ts';
import { Layout, type TracedRow } from './layout.ts';
import { conditionsOf, fired_probe, firedProbe, groupProbes, groups_probe, leavesOf, rowProbe } from './probe.ts';
import { Revisions } from './revisions.ts';
import { keyParts } from './silence.ts';
import type { Start } from './starts.ts';
import type { Subject } from './subject.ts';
import { whereText } from './where-text.ts';

export interface Traces {
  /** Rows of the key, with the conditions of WHERE, for each start. */
  readonly entered: readonly Entered[];
  /** The group at each of its rows, with the conditions of HAVING. */
  readonly states: readonly TracedRow[];
  readonly firings: readonly Fired[];
  /** What of the rows' leaves, the last ones, says what stands beside them. */
  readonly beside: readonly Beside[];
  readonly revisions: readonly WhyRevision[];
  readonly row_leaves: readonly Expression[];
  readonly state_leaves: readonly Expression[];
}

/** `row_ids`: of a rule without GROUP BY, what names the row that fired: its own id, and that of the event that it stands for. */
export interface Fired extends WhyFiring {
  readonly row_ids: readonly string[];
  /** The group as it was judged when it fired, which a window that has an end may outgrow; null without GROUP BY. */
  readonly state: TracedRow | null;
}

/** One run over the events for this key alone: its rows, its groups, and what the rule itself fired. */
export async function trace(
  rule: OperatorPlan,
  starts: readonly Start[],
  { tenant, key }: Subject,
  run: (operators: readonly OperatorPlan[]) => ReturnType<Replay>,
  beside: readonly Beside[] = [],
): Promise<Traces> {
  const where = ofKey(rule, tenant, key);
  const entries = starts.map((start, i) => {
    const { rule: own } = start;
    const layout = new Layout(
      own,
      own.where,
      [...leavesOf(own.where), ...beside.flatMap(({ read }) => read)],
      (one, place) => whereText(own, one, place),
    );
    const probe = rowProbe(own, `probe:rows ${i}`, ofKey(own, tenant, key), layout.outputs);
    return { start, layout, probe, rows: [] as TracedRow[] };
  });
  const states = layoutOfStates(rule);
  const probes = entries.map(({ probe }) => probe);
  const is_view = rule.kind === 'view';
  if (rule.key !== null) {
    probes.push(...groupProbes(rule, states.outputs, [...where, ...rule.where]));
    if (!is_view) probes.push(firedProbe(rule, states.outputs));
  }
  const traces = { states: [] as TracedRow[], firings: [] as Fired[] };
  const judged: TracedRow[] = [];
  const revisions = new Revisions();
  for await (const detections of run(probes)) {
    for (const detection of detections) {
      const entry = entries.find(({ probe }) => probe.name === detection.rule);
      if (entry !== undefined) entry.rows.push(entry.layout.read(detection));
      else if (detection.rule === groups_probe) {
        const state = states.read(detection);
        // WITH EMPTY KEYS OF has windows of keys that no event has.
        if (isOfKey(state, key)) traces.states.push(state);
      } else if (detection.rule === fired_probe) {
        const values = detection.values.slice(rule.outputs.length);
        if (isOf(detection, rule, tenant, key)) judged.push(states.read({ ...detection, values }));
      } else if (!is_view && detection.rule === rule.name && isOf(detection, rule, tenant, key)) {
        const { decided_at: at_ms, id, anchor_id, suppressed_by, anchor, evidence } = detection;
        const row_ids = [...('id' in anchor ? [anchor.id] : []), ...evidence.slice(-1)];
        const fired = { at_ms, id, anchor_id, suppressed_by, row_ids, state: null };
        if (!revisions.take(detection)) traces.firings.push(fired);
      }
    }
  }
  const entered = entries.map(({ start, rows }) => ({ start, rows }));
  return {
    ...traces,
    firings: traces.firings.map((one, i) => ({ ...one, state: judged[i]?.at_ms === one.at_ms ? judged[i] : null })),
    entered,
    beside,
    revisions: revisions.all,
    row_leaves: entries[0].layout.leaves,
    state_leaves: states.leaves,
  };
}

/** Of a rule with GROUP BY its window first, then its key. */
function layoutOfStates(rule: OperatorPlan): Layout {
  const bounds: Expression[] = rule.key === null ? [] : [...window_bounds, ...keyParts(rule)];
  return new Layout(rule, conditionsOf(rule), leavesOf([...bounds, ...conditionsOf(rule)]));
}

/**
 * The group at each of its rows in a run over nothing but this key, without STATE MAX: no row of it went for those of
 * others. `run` must not run the rule itself, whose rows operators over the same window share.
 */
export async function statesAlone(
  rule: OperatorPlan,
  { tenant, key }: Subject,
  run: (operators: readonly OperatorPlan[]) => ReturnType<Replay>,
): Promise<readonly TracedRow[]> {
  const { state_keys: _, ...unbounded } = rule;
  const layout = layoutOfStates(rule);
  const states: TracedRow[] = [];
  const where = [...ofKey(rule, tenant, key), ...rule.where];
  for await (const detections of run(groupProbes(unbounded, layout.outputs, where))) {
    const own = detections.filter((one) => one.rule === groups_probe).map((one) => layout.read(one));
    states.push(...own.filter((state) => isOfKey(state, key)));
  }
  return states;
}

/** Whose group it is: its key stands behind the bounds of the window. */
function isOfKey({ leaves }: TracedRow, key: readonly Value[]): boolean {
  const own = leaves.slice(window_bounds.length, window_bounds.length + key.length);
  return JSON.stringify(own) === JSON.stringify(key);
}

function isOf(detection: Detection, rule: OperatorPlan, tenant: string, key: readonly Value[]): boolean {
  return detection.tenant === tenant && (rule.key === null || JSON.stringify(detection.key) === JSON.stringify(key));
}

/** That a row is of the key, and of its tenant. */
function ofKey(rule: OperatorPlan, tenant: string, key: readonly Value[]): Expression[] {
  const parts = (rule.key ?? []).map(({ expression }, i) => equals(expression, key[i]));
  return rule.across === true ? parts : [...parts, equals(tenant_id, tenant)];
}

const tenant_id: Expression = {
  ...{ kind: 'column', name: 'tenant_id', path: ['tenant_id'], type: 'string', conversion: 'declared' },
};

function equals(expression: Expression, value: Value): Expression {
  const literal: Expression = { kind: 'literal', type: expression.type, value };
  return { kind: 'call', function: '=', arguments: [expression, literal], type: 'bool' };
}

/** What the window of a state is; they are its first two leaves. */
const window_bounds: Expression[] = [
  { kind: 'window_start', type: 'timestamp' },
  { kind: 'window_end', type: 'timestamp' },
];
