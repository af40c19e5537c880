import type { SourceRecord } from '../../engine/index.ts';
import type { EntryCursor } from '../log/entry-cursor.ts';

const first_records = 1024;
const first_bytes = 256 * 1024;

/** A record that waits for its verdict, as it stands in the log. */
export interface PendingRecord {
  record: SourceRecord;
  /** Given to an event that brings none; null: look into the record. */
  event_id: string | null;
}

/**
 * HOT. Records that wait for their verdicts, by log position: columns, and the bytes of all behind one another, so that
 * neither keeps the log's buffers. They come in the order of their positions and leave in about the same; what left is
 * cleared away when there is no room and it is half of all.
 */
export class PendingRecords {
  #positions = new Float64Array(first_records);
  #places = new Float64Array(first_records);
  #received = new Float64Array(first_records);
  /** Of a record of which the log has the beginning, how long it was; -1: the log has all of it. */
  #lengths = new Float64Array(first_records);
  #starts = new Int32Array(first_records);
  #stops = new Int32Array(first_records);
  #left = new Uint8Array(first_records);
  #partitions: string[] = [];
  #ids: (string | null)[] = [];
  #bytes = new Uint8Array(first_bytes);
  #first = 0;
  #end = 0;
  #bytesEnd = 0;
  #bytesLive = 0;
  /** How many wait. */
  count = 0;

  /** The first that waits; null: none does. */
  get first(): number | null {
    return this.count === 0 ? null : this.#positions[this.#first];
  }

  /** Takes the record that the cursor stands at; @returns its number, valid until the next add(). */
  add(at: EntryCursor): number {
    const length = at.stop - at.start;
    if (this.#end === this.#positions.length || this.#bytesEnd + length > this.#bytes.length) this.#makeRoom(length);
    const row = this.#end++;
    this.#positions[row] = at.position;
    this.#places[row] = at.place;
    this.#received[row] = at.received_at;
    this.#lengths[row] = at.length;
    this.#starts[row] = this.#bytesEnd;
    this.#bytes.set(at.recordBytes(), this.#bytesEnd);
    this.#bytesEnd += length;
    this.#bytesLive += length;
    this.#stops[row] = this.#bytesEnd;
    this.#left[row] = 0;
    this.#partitions[row] = at.partition;
    this.#ids[row] = null;
    this.count++;
    return row;
  }

  giveId(row: number, event_id: string | null): void {
    this.#ids[row] = event_id;
  }

  /** The number of the record at a log position; -1: it does not wait. */
  find(position: number): number {
    const positions = this.#positions;
    let low = this.#first;
    let high = this.#end - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (positions[middle] < position) low = middle + 1;
      else high = middle;
    }
    return low < this.#end && positions[low] === position && this.#left[low] === 0 ? low : -1;
  }

  /** What is known of a record; its bytes are a view that is valid until the next add(). */
  read(row: number): PendingRecord {
    const bytes = this.#bytes.subarray(this.#starts[row], this.#stops[row]);
    const length = this.#lengths[row];
    const record = {
      partition: this.#partitions[row],
      position: this.#places[row],
      received_at: this.#received[row],
      bytes,
    };
    return { record: length === -1 ? record : { ...record, length }, event_id: this.#ids[row] };
  }

  /** It waits no more. What read() gave of it stays until the next add(). */
  remove(row: number): void {
    this.#left[row] = 1;
    this.#ids[row] = null;
    this.#bytesLive -= this.#stops[row] - this.#starts[row];
    this.count--;
    while (this.#first < this.#end && this.#left[this.#first] === 1) this.#first++;
  }

  /** All that wait, in order. */
  *all(): Generator<{ readonly position: number; readonly record: SourceRecord }> {
    for (let row = this.#first; row < this.#end; row++) {
      if (this.#left[row] === 0) yield { position: this.#positions[row], record: this.read(row).record };
    }
  }

  /** Moves what waits to the beginning of memory of the right size. */
  #makeRoom(more: number): void {
    const rows = sizeFor(this.count + 1, this.#positions.length);
    const bytes = new Uint8Array(sizeFor(this.#bytesLive + more, this.#bytes.length));
    const next = new PendingRecords();
    next.#positions = new Float64Array(rows);
    next.#places = new Float64Array(rows);
    next.#received = new Float64Array(rows);
    next.#lengths = new Float64Array(rows);
    next.#starts = new Int32Array(rows);
    next.#stops = new Int32Array(rows);
    next.#left = new Uint8Array(rows);
    for (let from = this.#first; from < this.#end; from++) {
      if (this.#left[from] === 1) continue;
      const row = next.#end++;
      next.#positions[row] = this.#positions[from];
      next.#places[row] = this.#places[from];
      next.#received[row] = this.#received[from];
      next.#lengths[row] = this.#lengths[from];
      next.#starts[row] = next.#bytesEnd;
      bytes.set(this.#bytes.subarray(this.#starts[from], this.#stops[from]), next.#bytesEnd);
      next.#bytesEnd += this.#stops[from] - this.#starts[from];
      next.#stops[row] = next.#bytesEnd;
      next.#partitions.push(this.#partitions[from]);
      next.#ids.push(this.#ids[from]);
    }
    this.#positions = next.#positions;
    this.#places = next.#places;
    this.#received = next.#received;
    this.#lengths = next.#lengths;
    this.#starts = next.#starts;
    this.#stops = next.#stops;
    this.#left = next.#left;
    this.#partitions = next.#partitions;
    this.#ids = next.#ids;
    this.#bytes = bytes;
    this.#first = 0;
    this.#end = next.#end;
    this.#bytesEnd = next.#bytesEnd;
  }
}

/** Twice what is needed at least, so that clearing away costs little; a size that is that already stays. */
function sizeFor(needed: number, size: number): number {
  let right = size;
  while (right < 2 * needed) right *= 2;
  while (right >= 16 * needed && right > first_records) right /= 2;
  return right;
}
