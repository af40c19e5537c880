import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ExpectedDetection, SimulationEvent, SimulationInput, SimulationRule } from '../simulation/case.ts';

export interface PinnedCase {
  case: number;
  input: SimulationInput;
  door: string[];
  detections: ExpectedDetection[];
}

const file = new URL('../../../shared/cases/pinned/cases.jsonl', import.meta.url);

/** The shared pinned cases; null where the shared material does not stand beside the clone. */
export function readPinnedCases(): PinnedCase[] | null {
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as PinnedCase);
}

/** Whether the language can say the rule: all but sequences. */
export function isExpressible(rule: SimulationRule): boolean {
  return rule.kind !== 'sequence';
}

function canonical(event: object): string {
  const entries = Object.entries(event).filter(([name]) => name !== 'event_id');
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** Events that the door accepted, with the ids and seqs that S2 and S4 give, made here without code of the product. */
export function acceptedEvents(pinned: PinnedCase): (SimulationEvent & { event_id: string; seq: number })[] {
  const seen = new Map<string, number>();
  return pinned.input.records.flatMap((record, i) => {
    if (record.event === null) return [];
    let event_id = record.event.event_id;
    if (event_id === undefined) {
      const hash = createHash('sha256').update(canonical(record.event)).digest('hex').slice(0, 16);
      const occurrence = (seen.get(record.partition + hash) ?? 0) + 1;
      seen.set(record.partition + hash, occurrence);
      event_id = `${hash}~${occurrence}`;
    }
    if (pinned.door[i] !== 'accepted') return [];
    return [{ ...record.event, event_id, seq: record.event.seq ?? record.position }];
  });
}
