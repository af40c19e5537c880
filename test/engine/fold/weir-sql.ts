import assert from 'node:assert/strict';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { type Detection, type LogEntry, type Program, SortedRun, type SourceRecord } from '../../../engine/index.ts';
import { coreText, runLive } from '../../simulation/parity.ts';

/** What an event of a case says besides its time. Without `id` it is e<place in the list>; `seq` only where it is said. */
export interface Fields {
  readonly id?: string;
  readonly seq?: number;
  readonly tenant?: string;
  readonly k?: string;
  readonly g?: string;
  readonly x?: number | null;
  readonly f?: number;
  readonly tags?: readonly (string | number | boolean | null | object)[] | null;
}

/** Times are milliseconds since 1970, so that aligned windows are easy to see. */
export type CaseEvent = readonly [time_ms: number, fields?: Fields];

export interface Found {
  readonly detections: Detection[];
  readonly run: SortedRun;
}

/** A year after the epoch: no event of a case is too far ahead. */
const received_at = 365 * 86_400_000;

const stream = `CREATE STREAM events (k string, g string, x int, f float, tags array)
LATENESS 1000 MILLISECONDS MAX AHEAD 1 DAY DEDUP 1 HOUR;`;

export function programOf(rules: string): Program {
  const file = { path: 'case.rule.sql', text: `${stream}\n${rules}` };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

export function recordsOf(events: readonly CaseEvent[]): SourceRecord[] {
  return events.map(([timestamp, { id, tenant, ...fields } = {}], i) => {
    const event = { event_id: id ?? `e${i + 1}`, tenant_id: tenant ?? 'T', timestamp, ...fields };
    return { partition: 'p', position: i + 1, received_at, bytes: new TextEncoder().encode(JSON.stringify(event)) };
  });
}

/** What the rules find in the events: in a backtest, and the same from the live engine, restarted at every entry. */
export function find(rules: string, events: readonly CaseEvent[]): Found {
  const program = programOf(rules);
  const records = recordsOf(events);
  const run = new SortedRun(program);
  for (const record of records) run.add(record);
  const detections = [...run.finish()].flat();
  const entries = records.map((record): LogEntry => ({ kind: 'record', record }));
  const restarts = new Set(entries.keys());
  const live = runLive(program, entries, { shards: 2, batch_rows: 1, arrival_batch: 1, restarts });
  assert.deepEqual(live.map(coreText), detections.map(coreText));
  return { detections, run };
}

/** A detection in short: rule, key, time of what decided it, evidence. */
export function brief({ rule, key, decided_at, evidence }: Detection): string {
  return [rule, ...key, `@${decided_at}`, evidence.join(',')].join(' ');
}

export function found(rules: string, events: readonly CaseEvent[]): string[] {
  return find(rules, events).detections.map(brief);
}
