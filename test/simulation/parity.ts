import assert from 'node:assert/strict';
import { buildProgram, compile, renderDiagnostics } from '../../dsl/index.ts';
import {
  type Detection,
  Engine,
  type LogEntry,
  lookupContent,
  type Program,
  SortedRun,
  type SourceRecord,
  type TableRow,
  toRecord,
} from '../../engine/index.ts';
import { anchorForm } from './anchor-form.ts';
import type { ParityCase } from './arbitrary.ts';
import {
  type Around,
  type ExpectedDetection,
  type SimulationEvent,
  type SimulationRule,
  unionColumns,
  type WindowRule,
} from './case.ts';
import { checkColumns } from './columns-way.ts';
import { canonical } from './forms-address.ts';
import { atTimesOf, distinctRows, isKnown, type LookupVersion } from './lookup-oracle.ts';
import { compareFired, type Fired, oracle } from './naive-oracle.ts';
import { around } from './oracle-policies.ts';
import { oracleRisk } from './oracle-risk.ts';
import { checkParts } from './parts-way.ts';
import { seeded } from './random.ts';
import { functionToSql, lookupToSql, rulesToSql, streamToSql, timelessLookupToSql } from './to-sql.ts';

type LookupEntry = Extract<LogEntry, { kind: 'lookup' }>;

export const start_ms = 1_000_000_000_000;
const received_at = start_ms + 3_600_000;
const utf8 = new TextEncoder();

/** Compiles rules of the JSON form; a compile error is a fault of the test or the compiler and ends the run. */
export function programOf(rules: readonly SimulationRule[], lateness: number, dedup_horizon = 3_600_000): Program {
  const file = { path: 'case.rule.sql', text: textOf(rules, lateness, dedup_horizon) };
  const compilation = compile([file]);
  if (compilation.plan === null) throw new Error(renderDiagnostics(compilation.diagnostics, [file], { color: false }));
  return buildProgram(compilation.plan);
}

/** All statements of a case: its stream, lookups, the function, and the rules. */
export function textOf(rules: readonly SimulationRule[], lateness: number, dedup_horizon = 3_600_000): string {
  const stream = streamToSql({ lateness, dedup_horizon, max_ahead: 300_000_000 });
  const shares = rules.some((rule) => rule.kind === 'window' && rule.across);
  const declared = shares ? stream.replace(/;$/, " SHARING TENANTS 'T', 'U';") : stream;
  const isTimeless = rules.some((rule) => rule.kind === 'join' && rule.timeless);
  const lookups = isTimeless ? timelessLookupToSql : lookupToSql;
  return [declared, lookups, functionToSql, ...rulesToSql(rules)].join('\n\n');
}

/** The case's events with times and ids, in the order in which a file would hold them. */
export function eventsOf(
  parity: Pick<ParityCase, 'events' | 'start'>,
): (SimulationEvent & { event_id: string; seq: number })[] {
  let time = parity.start ?? start_ms;
  return parity.events.map(({ gap, id, ...rest }, i) => {
    time += gap;
    // Records of one id, time and seq but other content are no two places in S2's order: which of them stands is the
    // order of arrival, and no parity case. A duplicate therefore has a seq of its own.
    const seq = id === 0 && rest.seq !== undefined ? rest.seq : i + 10;
    return { ...rest, timestamp: time, event_id: `e${Math.max(0, i - (id ?? 0))}`, seq };
  });
}

export function recordOf(event: SimulationEvent, position: number, partition = 'p0'): SourceRecord {
  const bytes = utf8.encode(JSON.stringify(event));
  return { partition, position, received_at: Math.max(received_at, event.timestamp), bytes };
}

/** Everything of a detection that law 1 holds equal, as text: its core, and what suppressed it. */
export function coreText(detection: Detection): string {
  const { operator: _operator, ...core } = detection;
  return JSON.stringify(core);
}

/** Activations of a lookup as the log would hold them. */
export function activationsOf(versions: readonly LookupVersion[], lookup: 'known' | 'nets' = 'known'): LookupEntry[] {
  return versions.map(({ at, rows }) => {
    const values = distinctRows(rows).map(({ k, owner, level, from, to }) => [
      k,
      owner ?? null,
      level ?? null,
      from,
      to,
    ]);
    const columns = [
      { name: 'k', type: lookup === 'known' ? 'string' : 'cidr' },
      { name: 'owner', type: 'string' },
      { name: 'level', type: 'int' },
      { name: 'valid_from', type: 'timestamp' },
      { name: 'valid_to', type: 'timestamp' },
    ] as const;
    const { name, version, bytes } = lookupContent(lookup, columns, values);
    return { kind: 'lookup', name, version, bytes, from_ms: at ?? Number.NEGATIVE_INFINITY };
  });
}

/** Those of both lookups, by time. */
export function allActivationsOf({ lookup = [], nets = [] }: ParityCase, times: readonly number[]): LookupEntry[] {
  const all = [...activationsOf(atTimesOf(lookup, times)), ...activationsOf(atTimesOf(nets, times), 'nets')];
  return all.sort((a, b) => (a.from_ms === b.from_ms ? 0 : a.from_ms - b.from_ms));
}

/** Puts each activation somewhere among the entries where W has not passed its time yet, as a live engine would. */
export function withActivations(
  entries: readonly LogEntry[],
  times: readonly number[],
  activations: readonly LookupEntry[],
  random: () => number,
): LogEntry[] {
  const mixed: LogEntry[] = [];
  let next = 0;
  const latest = (activation: LookupEntry) => {
    const beyond = times.findIndex((time) => time > activation.from_ms);
    return beyond < 0 ? entries.length : beyond;
  };
  entries.forEach((entry, i) => {
    while (next < activations.length && (random() < 0.2 || latest(activations[next] as LookupEntry) <= i)) {
      mixed.push(activations[next++] as LookupEntry);
    }
    mixed.push(entry);
  });
  return [...mixed, ...activations.slice(next)];
}

export function runSorted(
  program: Program,
  records: readonly SourceRecord[],
  activations: readonly LookupEntry[] = [],
  rows: TableRow[] = [],
  piece_rows?: number,
): Detection[] {
  const run = new SortedRun(program, { piece_rows, on_table_row: (row) => rows.push(row) });
  for (const activation of activations) run.activate(activation);
  for (const record of records) run.add(record);
  return [...run.finish()].flat();
}

export interface LiveOptions {
  shards: number;
  batch_rows: number;
  piece_rows?: number | undefined;
  /** advance() is called after this many entries. */
  arrival_batch: number;
  /** Restart from a snapshot before these entries. */
  restarts: ReadonlySet<number>;
  decoder?: 'scanning' | 'plain';
}

/** The live engine over entries in arrival order, restarted where told. */
export function runLive(
  program: Program,
  entries: readonly LogEntry[],
  options: LiveOptions,
  rows: TableRow[] = [],
): Detection[] {
  let engine = new Engine(program, options);
  const detections: Detection[] = [];
  const advance = () => {
    const output = engine.advance();
    detections.push(...output.detections);
    rows.push(...output.table_rows);
  };
  entries.forEach((entry, position) => {
    if (options.restarts.has(position)) {
      const owns_snapshot = position % 2 === 0;
      engine = Engine.restore(program, structuredClone(engine.snapshot()), { ...options, owns_snapshot });
    }
    engine.apply(position, entry);
    if ((position + 1) % options.arrival_batch === 0) advance();
  });
  engine.apply(entries.length, { kind: 'end' });
  advance();
  const { read, accepted, duplicate, late, rejected } = engine.counters;
  assert.equal(accepted + duplicate + late + rejected, read, 'the four counters add up to what was read');
  return detections;
}

/** Arrival order shuffled so that no record comes later than LATENESS behind the greatest timestamp before it. */
export function shuffled(
  records: readonly SourceRecord[],
  times: readonly number[],
  lateness: number,
  random: () => number,
) {
  const order = records.map((_, i) => ({ i, at: (times[i] as number) + random() * lateness }));
  order.sort((a, b) => a.at - b.at || a.i - b.i);
  return order.map(({ i }) => records[i] as SourceRecord);
}

/** Runs one case every way that must not show, and against the oracle; throws on the first difference. */
export function checkParity(parity: ParityCase): void {
  // Cases of days have events of one id that are hours apart.
  const horizon_ms = parity.start === undefined ? undefined : 7 * 86_400_000;
  const program = programOf(parity.rules, parity.lateness, horizon_ms);
  const events = eventsOf(parity);
  const times = events.map((event) => event.timestamp);
  const records = events.map((event, i) => recordOf(event, i + 1));
  const activations = allActivationsOf(parity, times);
  const rows: TableRow[] = [];
  const sorted = runSorted(program, records, activations, rows);
  checkOracle(parity, program, sorted, rows);
  const expected = sorted.map(coreText);
  const piece_rows = 1 + (Math.abs(parity.seed) % 7);
  const piece_tables: TableRow[] = [];
  const pieces = runSorted(program, records, activations, piece_tables, piece_rows);
  assert.deepEqual(pieces.map(coreText), expected, `in pieces of ${piece_rows} the backtest differs`);
  assert.deepEqual(piece_tables, rows, `in pieces of ${piece_rows} the tables differ`);
  const random = seeded(parity.seed);
  checkColumns(program, records, times, activations, random);
  checkParts(textOf(parity.rules, parity.lateness, horizon_ms), records, activations, random);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  for (const batch_rows of [1, 7, 256, 4096]) {
    const partitions = pick([1, 4]);
    const arrival = shuffled(records, times, parity.lateness, random).map((record) => ({
      ...record,
      partition: `p${Math.floor(random() * partitions)}`,
    }));
    const arrived = arrival.map((record): LogEntry => ({ kind: 'record', record }));
    const arrivalTimes = arrival.map(({ position }) => times[position - 1] as number);
    const entries = withActivations(arrived, arrivalTimes, activations, random);
    const restarts = new Set(random() < 0.5 ? [] : entries.map((_, i) => i).filter(() => random() < 0.2));
    const decoder = pick(['scanning', 'plain'] as const);
    const piece_rows = pick([1, 3, undefined]);
    const arrival_batch = pick([1, 3, batch_rows]);
    const options = { shards: pick([1, 2, 5]), batch_rows, piece_rows, arrival_batch, restarts, decoder };
    const live_rows: TableRow[] = [];
    const live = runLive(program, entries, options, live_rows).map(coreText);
    const variant = { ...options, restarts: [...restarts], partitions };
    assert.deepEqual(live, expected, `live differs from the backtest: ${JSON.stringify(variant)}`);
    assert.deepEqual(live_rows, rows, `the tables of live differ from the backtest's: ${JSON.stringify(variant)}`);
  }
}

/** Detections in the oracle's form; anchors on view rows without their hash, which the oracle cannot know. */
function comparable(
  detection: Detection,
  onView: ReadonlySet<string>,
  hasLife: boolean,
): Omit<ExpectedDetection, 'values'> {
  const { rule, tenant, decided_at, window, anchor } = detection;
  const named = onView.has(rule) && !('window_start' in anchor) ? [''] : anchorForm(anchor);
  return {
    ...{ rule, tenant, key: detection.key as string[], anchor: named, decided_at },
    window: window === null ? null : [window.start, window.end],
    evidence: [...detection.evidence],
    total: detection.evidence_total,
    suppressed: detection.suppressed_by !== null,
    ...(hasLife ? { revision: detection.revision, status: detection.status, severity: detection.severity } : {}),
  };
}

/** What the door accepts of a case's events, in total order (S2, S4). */
export function acceptedOf(parity: Pick<ParityCase, 'events' | 'start'>): ReturnType<typeof eventsOf> {
  const ids = new Set<string>();
  return sortedById(eventsOf(parity)).filter((event) => {
    const id = JSON.stringify([event.tenant_id, event.event_id]);
    return ids.has(id) ? false : ids.add(id);
  });
}

function checkOracle(
  parity: ParityCase,
  program: Program,
  detections: readonly Detection[],
  rows: readonly TableRow[],
): void {
  const accepted = acceptedOf(parity);
  const isOnView = (rule: SimulationRule) =>
    rule.kind === 'union' ||
    (rule.kind === 'window' && rule.input) ||
    (rule.kind === 'join' && (rule.left.input ?? rule.right.input));
  const onView = new Set(parity.rules.filter(isOnView).map((rule) => rule.name));
  const times = eventsOf(parity).map((event) => event.timestamp);
  const versions = atTimesOf(parity.lookup ?? [], times);
  const looked = accepted.map((event) => {
    const known = (k: string | null) => isKnown(versions, k, event.timestamp);
    const { ts = null, ad = null } = event;
    const read = { ts: typeof ts === 'string' ? Date.parse(ts) : ts, ad: canonical(ad) };
    return { ...event, ...read, 'known:ip': known(event.ip), 'known:k1': known(event.k1) };
  });
  const table_rows: Fired[] = [];
  const nets = atTimesOf(parity.nets ?? [], times);
  const expected = around(
    parity.rules,
    oracle(parity.rules, looked, () => '', versions, table_rows, nets),
  );
  checkTables(parity.rules, program, rows, table_rows);
  const got = detections.map((detection) => {
    const outputs = program.operators[detection.operator]?.outputs ?? [];
    const values = Object.fromEntries(outputs.map((output, i) => [output.name, detection.values[i]]));
    const rule = parity.rules.find((candidate) => candidate.name === detection.rule);
    const names = valuesOf(rule);
    const hasLife = rule?.kind === 'window' && (rule as WindowRule).life !== undefined;
    const { severity, title, told } = (rule ?? {}) as Around;
    const { confidence, attack, entity, recommended, ...record } = toRecord(program, detection, { mode: 'live' });
    return {
      ...comparable(detection, onView, hasLife),
      ...(severity === undefined ? {} : { severity: detection.severity }),
      ...(title === undefined ? {} : { title: record.title }),
      ...(told === undefined ? {} : { told: structuredClone({ confidence, attack, entity, recommended }) }),
      values: Object.fromEntries(names.map((name) => [name, values[name]])),
    };
  });
  assert.deepEqual(got, expected, 'the backtest differs from the naive oracle');
  const risks = detections.map(({ risk }) => risk);
  assert.deepEqual(risks, oracleRisk(parity.rules, expected), 'the risk differs from the naive oracle');
}

/** Names of the values that the oracle knows. */
function valuesOf(rule: SimulationRule | undefined): readonly string[] {
  if (rule?.kind === 'window') return [...rule.aggs.map((a) => a.as), ...Object.keys(rule.shown ?? {})];
  if (rule?.kind === 'join') return ['k1', 'n', ...(rule.lookups ?? []).map(({ as }) => `${as}_owner`)];
  if (rule?.kind === 'single') {
    return [...(rule.baseline === undefined ? [] : ['bn']), ...Object.keys(rule.computed ?? {})];
  }
  return rule?.kind === 'union' ? unionColumns : [];
}

function checkTables(
  rules: readonly SimulationRule[],
  program: Program,
  rows: readonly TableRow[],
  expected: readonly Fired[],
): void {
  const got = rows.map(({ operator, table, tenant, key, window, values, rows: count }) => {
    const names = program.operators[operator].outputs.map(({ name }) => name);
    const rule = rules.find(({ name }) => name === table);
    const shown = rule?.kind === 'union' ? unionColumns.slice(1) : (rule as WindowRule).aggs.map(({ as }) => as);
    const own = shown.map((as) => [as, values[names.indexOf(as)]] as const);
    return { table, tenant, key, window: [window.start, window.end], values: Object.fromEntries(own), rows: count };
  });
  const wanted = [...expected].sort(compareFired).map(({ rule, tenant, key, window, values, total }) => {
    // In the order of the SELECTs of a UNION ALL, `u0 (1)` and `u0 (2)`; one table for all of them.
    return { table: rule.replace(/ \(\d+\)$/, ''), tenant, key, window, values, rows: total };
  });
  assert.deepEqual(got, wanted, 'the rows of tables differ from the naive oracle');
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'a row of a table has an id of its own');
}

function sortedById<T extends { timestamp: number; seq: number; event_id: string; tenant_id: string }>(
  events: T[],
): T[] {
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return events.sort(
    (a, b) =>
      a.timestamp - b.timestamp || a.seq - b.seq || bytes(a.event_id, b.event_id) || bytes(a.tenant_id, b.tenant_id),
  );
}
