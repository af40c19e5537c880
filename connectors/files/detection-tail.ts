import { type FilePort, readAt } from './file-port.ts';
import { LineSplitter } from './read-lines.ts';

/** What stands in a file of detections behind what its checkpoint knows. */
export interface DetectionTail {
  /** Of the records behind known_offset, see keyOf. */
  readonly keys: Set<string>;
  /** By id, early records of which the file does not say what became of them; those from before known_offset too. */
  readonly open_early: Map<string, object>;
  /** The latest decision behind known_offset, epoch milliseconds; -Infinity: there is none. Records stand in this order. */
  readonly last_ms: number;
  /** anchor_id of the records of that decision. */
  readonly last_anchors: ReadonlySet<string>;
  /** End of the last whole record. */
  readonly end: number;
  readonly size: number;
}

const READ_BYTES = 1024 * 1024;

/** One record is one revision of one id, early or final (records.md); null where it has no id. */
export function keyOf(record: object): string | null {
  const { id, revision, timing } = record as { id?: unknown; revision?: unknown; timing?: unknown };
  if (typeof id !== 'string') return null;
  return `${id} ${typeof revision === 'number' ? revision : 0} ${typeof timing === 'string' ? timing : ''}`;
}

/** A row of a table is decided when its window has ended. */
function decidedAt(record: object, decided_at: string | undefined): number {
  const { window } = record as { readonly window?: { readonly end: string } };
  return decided_at === undefined ? Date.parse(window?.end ?? '') - 1 : Date.parse(decided_at);
}

function parseRecord(bytes: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** The whole records behind an offset, up to one that a crash cut short. */
async function* records(file: { readonly at: (offset: number) => Promise<Uint8Array> }, start: number, size: number) {
  const splitter = new LineSplitter(Infinity);
  for (let at = start; at < size; ) {
    const chunk = await file.at(at);
    if (chunk.length === 0) return;
    at += chunk.length;
    for (const line of splitter.push(chunk)) {
      const record = parseRecord(line.bytes);
      // A crash can leave zeros where a write had not come to the disk. All behind is derived again, so it is cut.
      if (record === null) return;
      yield { record, end: start + line.end_offset };
    }
  }
}

/** @param open_early early records before known_offset that are open there */
export async function readTail(
  files: FilePort,
  path: string,
  known_offset: number,
  open_early: readonly object[],
): Promise<DetectionTail> {
  const file = await files.open(path, 'update');
  try {
    const size = await file.size();
    const start = Math.min(known_offset, size);
    const keys = new Set<string>();
    const open = new Map(open_early.map((record) => [(record as { id: string }).id, record]));
    let last_ms = Number.NEGATIVE_INFINITY;
    let last_anchors = new Set<string>();
    let end = start;
    const reader = { at: (offset: number) => readAt(file, offset, READ_BYTES) };
    for await (const { record, end: record_end } of records(reader, start, size)) {
      end = record_end;
      const key = keyOf(record);
      if (key === null) continue;
      keys.add(key);
      const { id, timing, status, decided_at, anchor_id } = record as { readonly [field: string]: string };
      if (timing === 'early') open.set(id, record);
      else open.delete(id);
      if (timing === 'early' || status === 'withdrawn') continue;
      const decided_ms = decidedAt(record, decided_at);
      if (decided_ms > last_ms) {
        last_ms = decided_ms;
        last_anchors = new Set();
      }
      if (decided_ms === last_ms) last_anchors.add(anchor_id);
    }
    return { keys, open_early: open, last_ms, last_anchors, end, size };
  } finally {
    await file.close();
  }
}
