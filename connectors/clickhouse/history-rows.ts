import { createHash } from 'node:crypto';
import type { BatchRows } from './batch-rows.ts';
import { storeTime } from './event-row.ts';
import { text } from './record-rows.ts';

type Line = Readonly<Record<string, unknown>>;

const timeOrNull = (iso: unknown): string | null =>
  typeof iso === 'string' && !Number.isNaN(Date.parse(iso)) ? storeTime(Date.parse(iso)) : null;

/** A line of a file that people's tools may have written to; null: a crash cut it short. */
function readLine(line: string): Line | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Line) : null;
  } catch {
    return null;
  }
}

const json = (value: unknown): string =>
  (value === undefined || value === null ? '' : JSON.stringify(value)).toWellFormed();
const numberAt = (value: unknown, at: number): number => (Array.isArray(value) ? Number(value[at]) || 0 : 0);

/** A line about a run: the row of the latest one stands. */
export function runRows(source: string, record_offset: number, line: string, rows: BatchRows): void {
  const run = readLine(line);
  if (run === null || typeof run.id !== 'string') return;
  const plans = Array.isArray(run.rules) ? (run.rules as unknown[]).filter(Array.isArray) : [];
  const range = Array.isArray(run.range) ? run.range : [];
  rows.push('runs', {
    ...{ source, record_offset, id: run.id, mode: text(run.mode), state: text(run.state), by: text(run.by) },
    ...{ version: text(run.version), program_hash: text(run.program_hash), input: text(run.input) },
    ...{ rules: plans.map(([name]) => text(name)), plan_hashes: plans.map(([, hash]) => text(hash)) },
    ...{ parameters: json(run.parameters), counters: json(run.counters), error: text(run.error) },
    ...{ range_from: timeOrNull(range[0]), range_to: timeOrNull(range[1]) },
    ...{ log_from: numberAt(run.log, 0), log_to: numberAt(run.log, 1), detections: run.detections ?? {} },
    ...{ started_at: timeOrNull(run.started_at) ?? storeTime(0), ended_at: timeOrNull(run.ended_at) },
    written_at: timeOrNull(run.at) ?? storeTime(0),
  });
}

/** A version of a rule, view or table that ran or was deployed; the file's other lines are none. */
export function ruleRows(source: string, record_offset: number, line: string, rows: BatchRows): void {
  const version = readLine(line);
  if (version === null || typeof version.rule !== 'string') return;
  const body = text(version.text);
  rows.push('rules', {
    ...{
      source,
      record_offset,
      name: text(version.rule),
      plan_hash: text(version.plan_hash),
      path: text(version.path),
    },
    ...{ severity: text(version.severity), mode: text(version.mode), text: body },
    text_hash: createHash('sha256').update(body).digest('hex'),
    ...{ how: text(version.how), by: text(version.by), because: text(version.because) },
    deployed_at: timeOrNull(version.at) ?? storeTime(0),
  });
}
