import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { DetectionRecord } from '../api/service.ts';

const tail_bytes = 4 * 1024 * 1024;

/** The last records of a detections file, oldest first; suppressed and shadow ones left out. What is no record is passed over. */
export function latestDetections(path: string): DetectionRecord[] {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - tail_bytes);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(file, bytes, 0, bytes.length, start);
    const lines = bytes.subarray(0, read).toString('utf8').split('\n');
    // The first line of a tail is most likely the end of one.
    if (start > 0) lines.shift();
    return lines.flatMap(parseRecord);
  } finally {
    closeSync(file);
  }
}

function parseRecord(line: string): DetectionRecord[] {
  try {
    const record = JSON.parse(line) as DetectionRecord;
    return typeof record.id === 'string' && record.status !== 'suppressed' && !isShadow(record) ? [record] : [];
  } catch {
    return [];
  }
}

/** Whether a record is of a rule in MODE shadow: kept, and published to nobody. */
export function isShadow({ provenance }: DetectionRecord): boolean {
  return (provenance as { rule_mode?: unknown } | undefined)?.rule_mode === 'shadow';
}
