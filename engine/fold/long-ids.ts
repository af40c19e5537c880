import { textBytes } from '../decode/written-text.ts';
import { limits } from '../limits.ts';
import type { RowEvidence } from '../route/row-evidence.ts';
import type { Snapshot } from '../snapshot.ts';

/** Own and event id of a row, and the events that it rests on. */
export type RowIds = readonly [id: string, event_id: string, rests: RowEvidence | null];

/** Of two texts and their tuple, and of an event that a row rests on, without the texts' units (V8). */
const IDS_BYTES = 140;
const REST_BYTES = 100;

/**
 * Ids of the rows of a join that do not stand in their records: those of rows whose own id and event id differ or are long,
 * and of those that rest on several events.
 */
export class LongIds {
  readonly #ids = new Map<number, RowIds>();
  /** What all of them take, as V8 lays them out. */
  allocated_bytes = 0;

  get size(): number {
    return this.#ids.size;
  }

  /** The row must be one that was set. */
  of(row: number): RowIds {
    return this.#ids.get(row) as RowIds;
  }

  set(row: number, ids: RowIds): void {
    this.#ids.set(row, ids);
    this.allocated_bytes += bytesOf(ids);
  }

  delete(row: number): void {
    this.allocated_bytes -= bytesOf(this.of(row));
    this.#ids.delete(row);
  }

  /** What those of the row's ids take that are long (limits.long_text_bytes). */
  longBytesOf(row: number): number {
    const [id, event_id, rests] = this.of(row);
    let bytes = longBytes(id) + longBytes(event_id);
    for (const event of rests?.events ?? []) bytes += longBytes(event.event_id);
    return bytes;
  }

  snapshot(): Snapshot {
    return JSON.stringify([...this.#ids]);
  }

  restore(snapshot: Snapshot): void {
    this.#ids.clear();
    this.allocated_bytes = 0;
    for (const [row, ids] of JSON.parse(snapshot as string) as [number, RowIds][]) this.set(row, ids);
  }
}

function bytesOf([id, event_id, rests]: RowIds): number {
  let bytes = IDS_BYTES + textBytes(id) + textBytes(event_id);
  for (const event of rests?.events ?? []) bytes += REST_BYTES + textBytes(event.event_id);
  return bytes;
}

/** Of a text that stands in no dictionary: what it takes where it is long, else 0. */
function longBytes(text: string): number {
  const bytes = textBytes(text);
  return bytes > limits.long_text_bytes ? bytes : 0;
}
