import type { Detection, LogEntry, Program, SourceRecord, Verdict } from '../../../engine/index.ts';
import { Engine, SortedRun, type SortedRunOptions } from '../../../engine/index.ts';
import type { SimulationRule } from '../../simulation/case.ts';
import { programOf } from '../../simulation/parity.ts';
import { type Event, sourceRecord } from '../door/harness.ts';

/** Three events of a key within a second; and every single event. */
export const rules: SimulationRule[] = [
  {
    ...{ name: 'three', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 1000 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 3]], emit: 'auto' },
  },
  {
    ...{ name: 'minute', kind: 'window', where: null, group_by: ['k1'], window: { type: 'tumbling', size: 60_000 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 2]], emit: 'end' },
  },
];

export const lateness_ms = 100;
export const program: Program = programOf(rules, lateness_ms);

export function event(timestamp: number, event_id: string | null, k1 = 'a', more: object = {}): Event {
  const fields = { type: 't', k1, k2: null, x: null, ip: null, res: null, ...more };
  return { timestamp, ...(event_id === null ? {} : { event_id }), tenant_id: 'T', ...fields };
}

export function records(events: readonly (Event | null)[], partition = 'p0', received_at = 10_000_000): SourceRecord[] {
  return events.map((one, i) => sourceRecord(partition, i + 1, one, received_at));
}

export function entriesOf(all: readonly SourceRecord[]): LogEntry[] {
  return all.map((record) => ({ kind: 'record', record }));
}

export interface Answer {
  verdicts: Verdict[];
  detections: Detection[];
  run: Engine;
}

export function live(entries: readonly LogEntry[], end = true): Answer {
  const run = new Engine(program);
  const verdicts: Verdict[] = [];
  const detections: Detection[] = [];
  [...entries, ...(end ? [{ kind: 'end' } as const] : [])].forEach((entry, position) => {
    run.apply(position, entry);
    const output = run.advance();
    for (const { position: at, verdict } of output.verdicts) verdicts[at] = verdict;
    detections.push(...output.detections);
  });
  return { verdicts, detections, run };
}

export interface SortedAnswer {
  verdicts: Verdict[];
  detections: Detection[];
  run: SortedRun;
}

export function sorted(
  all: readonly SourceRecord[],
  options: SortedRunOptions = {},
  stored: readonly (Verdict | undefined)[] = [],
): SortedAnswer {
  const verdicts: Verdict[] = [];
  const run = new SortedRun(program, {
    ...options,
    on_verdict: (record, verdict) => {
      if (verdicts[record] !== undefined) throw new Error(`record ${record} has two verdicts`);
      verdicts[record] = verdict;
    },
  });
  all.forEach((record, i) => {
    run.add(record, stored[i]);
  });
  const detections = [...run.finish()].flat();
  return { verdicts, detections, run };
}

/** Rule, decided time and evidence: enough to tell detections apart by eye. */
export function brief(detections: readonly Detection[]): string[] {
  return detections.map((d) => `${d.rule} ${d.decided_at} ${d.evidence.join(',')}`);
}
