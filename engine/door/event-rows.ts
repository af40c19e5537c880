import type { Batch, Column } from '../batch.ts';
import type { DecodedEvent } from '../decode/decoded-event.ts';
import { type FailedCasts, noFailedCasts } from '../decode/failed-casts.ts';
import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareText } from '../value.ts';
import { fieldColumns, reserveIds } from './event-batch.ts';

/** Texts of dictionary ids: what the door needs of the dictionary. */
export interface Texts {
  textOf(id: number): string;
  /** The same for the same text in every run. */
  hashOf(id: number): number;
}

/** Flags of a row. */
export const USED = 1;
/** Another row of its id stands earlier in the order: a duplicate, told at release. */
export const OVERTHROWN = 2;
/** Rows of its id are further apart than the dedup horizon: judged at release. */
export const CONTESTED = 4;
/** Its content differs from that of the row it gave way to. */
export const CONFLICT = 8;
/** Sorted runs: the live door would have called it late. */
export const LATE_LIVE = 16;
/** Of stored history: accepted by its stored verdict, whatever would be judged now. */
export const STANDS = 32;
/** Of stored history: a duplicate by its stored verdict, told at release. */
export const FALLS = 64;
/** Of stored columns: its verdict was counted with all those of its stretch. */
export const COUNTED = 128;

const FIRST_ROWS = 256;
const FIRST_ID_BYTES = 4096;

/**
 * HOT. Events that wait, as columns: the row of an event keeps its place (slot) until it is freed, so that lists and
 * tables can name it by one integer. Ids stand in one buffer that is compacted when it is full and half of it is free.
 */
export class EventRows {
  time = new Float64Array(FIRST_ROWS);
  seq = new Float64Array(FIRST_ROWS);
  tenant = new Int32Array(FIRST_ROWS);
  idStart = new Int32Array(FIRST_ROWS);
  idLength = new Int32Array(FIRST_ROWS);
  partition = new Int32Array(FIRST_ROWS);
  position = new Float64Array(FIRST_ROWS);
  /** Log position of the record, or its number in a sorted run: the last word on the order, and where verdicts go. */
  entry = new Float64Array(FIRST_ROWS);
  hashLow = new Int32Array(FIRST_ROWS);
  hashHigh = new Int32Array(FIRST_ROWS);
  /** Hash of the record's bytes. */
  content = new Int32Array(FIRST_ROWS);
  flags = new Uint8Array(FIRST_ROWS);
  /** The next row of the list that the row is in: a bucket, or the free rows. */
  next = new Int32Array(FIRST_ROWS);
  ids = new Uint8Array(FIRST_ID_BYTES);
  readonly columns: Column[];
  /** By word of DecodedEvent.failed_casts: none where no column is a cast of details. */
  readonly #failedCasts: Int32Array[];
  count = 0;
  readonly #texts: Texts;
  /** Per column: its place in DecodedEvent.values. */
  readonly #sources: readonly number[];
  #idsEnd = 0;
  #idsLive = 0;
  /** Slots below this one have been used. */
  #reached = 0;
  #free = -1;

  constructor(program: Program, texts: Texts) {
    this.#texts = texts;
    this.columns = fieldColumns(program, FIRST_ROWS);
    this.#failedCasts = Array.from(noFailedCasts(program.streams[0].columns), () => new Int32Array(FIRST_ROWS));
    this.#sources = program.streams[0].columns.flatMap((column, c) => (column.kind === 'field' ? [c] : []));
  }

  /** Copies a decoded event into a free row and returns its slot; `id` and `seq` are those that S2 and S4 give it. */
  add(event: DecodedEvent, id: Uint8Array, seq: number, place: RowPlace): number {
    const slot = this.#allocate();
    this.time[slot] = event.timestamp;
    this.seq[slot] = seq;
    this.tenant[slot] = event.tenant;
    this.partition[slot] = place.partition;
    this.position[slot] = place.position;
    this.entry[slot] = place.entry;
    this.flags[slot] = USED;
    for (let c = 0; c < this.columns.length; c++) this.columns[c][slot] = event.values[this.#sources[c]];
    const failed = this.#failedCasts;
    for (let word = 0; word < failed.length; word++) failed[word][slot] = event.failed_casts[word];
    this.#storeId(slot, id);
    return slot;
  }

  /** The row was accepted: counts the casts that failed in it. */
  countFailedCasts(slot: number, counts: FailedCasts): void {
    const failed = this.#failedCasts;
    for (let word = 0; word < failed.length; word++) {
      if (failed[word][slot] !== 0) counts.add(word, failed[word][slot]);
    }
  }

  free(slot: number): void {
    this.flags[slot] = 0;
    this.#idsLive -= this.idLength[slot];
    this.next[slot] = this.#free;
    this.#free = slot;
    this.count--;
  }

  /** The id's bytes, a view that is valid until the next add(). */
  idOf(slot: number): Uint8Array {
    return this.ids.subarray(this.idStart[slot], this.idStart[slot] + this.idLength[slot]);
  }

  /** The total order (S2): timestamp, seq, event id by bytes, tenant by bytes; then the order of reading. */
  compare(a: number, b: number): number {
    const time = this.time[a] - this.time[b];
    if (time !== 0) return time;
    const seq = this.seq[a] - this.seq[b];
    if (seq !== 0) return seq;
    return this.#compareIds(a, b) || this.#compareTenants(a, b) || this.entry[a] - this.entry[b];
  }

  #compareIds(a: number, b: number): number {
    const startA = this.idStart[a];
    const startB = this.idStart[b];
    const length = Math.min(this.idLength[a], this.idLength[b]);
    for (let i = 0; i < length; i++) {
      const difference = this.ids[startA + i] - this.ids[startB + i];
      if (difference !== 0) return difference;
    }
    return this.idLength[a] - this.idLength[b];
  }

  #compareTenants(a: number, b: number): number {
    if (this.tenant[a] === this.tenant[b]) return 0;
    return compareText(this.#texts.textOf(this.tenant[a]), this.#texts.textOf(this.tenant[b]));
  }

  /** Appends a row to a batch that has room for it. */
  copyTo(batch: Batch, slot: number): void {
    const row = batch.count++;
    batch.time[row] = this.time[slot];
    batch.seq[row] = this.seq[slot];
    batch.tenant[row] = this.tenant[slot];
    batch.partition[row] = this.partition[slot];
    batch.position[row] = this.position[slot];
    for (let c = 0; c < this.columns.length; c++) batch.columns[c][row] = this.columns[c][slot];
    const start = batch.idStart[row];
    const length = this.idLength[slot];
    reserveIds(batch, start + length);
    const from = this.idStart[slot];
    for (let i = 0; i < length; i++) batch.idBytes[start + i] = this.ids[from + i];
    batch.idStart[row + 1] = start + length;
  }

  /** Marks the dictionary ids that waiting rows hold. */
  markUsed(used: Uint8Array): void {
    const idColumns = this.columns.filter((column) => column instanceof Int32Array);
    for (let slot = 0; slot < this.#reached; slot++) {
      if (this.flags[slot] === 0) continue;
      used[this.tenant[slot]] = 1;
      for (const column of idColumns) used[column[slot]] = 1;
    }
  }

  get allocated_bytes(): number {
    const columns = [...this.columns, ...this.#failedCasts];
    return this.time.length * (4 * 8 + 8 * 4 + 1) + columns.reduce((sum, c) => sum + c.byteLength, this.ids.length);
  }

  #allocate(): number {
    this.count++;
    if (this.#free !== -1) {
      const slot = this.#free;
      this.#free = this.next[slot];
      return slot;
    }
    if (this.#reached === this.time.length) this.#grow(this.#reached * 2);
    return this.#reached++;
  }

  #storeId(slot: number, id: Uint8Array): void {
    // The slot's own old bytes are no longer anyone's.
    this.idLength[slot] = 0;
    if (this.#idsEnd + id.length > this.ids.length) this.#moveIds(id.length);
    const start = this.#idsEnd;
    for (let i = 0; i < id.length; i++) this.ids[start + i] = id[i];
    this.idStart[slot] = start;
    this.idLength[slot] = id.length;
    this.#idsEnd += id.length;
    this.#idsLive += id.length;
  }

  #moveIds(more: number): void {
    let capacity = this.ids.length;
    while ((this.#idsLive + more) * 2 > capacity) capacity *= 2;
    const ids = new Uint8Array(capacity);
    let end = 0;
    for (let slot = 0; slot < this.#reached; slot++) {
      if (this.flags[slot] === 0) continue;
      ids.set(this.idOf(slot), end);
      this.idStart[slot] = end;
      end += this.idLength[slot];
    }
    this.ids = ids;
    this.#idsEnd = end;
  }

  #grow(capacity: number): void {
    this.time = grown(this.time, capacity);
    this.seq = grown(this.seq, capacity);
    this.tenant = grown(this.tenant, capacity);
    this.idStart = grown(this.idStart, capacity);
    this.idLength = grown(this.idLength, capacity);
    this.partition = grown(this.partition, capacity);
    this.position = grown(this.position, capacity);
    this.entry = grown(this.entry, capacity);
    this.hashLow = grown(this.hashLow, capacity);
    this.hashHigh = grown(this.hashHigh, capacity);
    this.content = grown(this.content, capacity);
    this.flags = grown(this.flags, capacity);
    this.next = grown(this.next, capacity);
    for (const columns of [this.columns, this.#failedCasts]) {
      for (let c = 0; c < columns.length; c++) columns[c] = grown(columns[c], capacity);
    }
  }

  /** The waiting rows, side by side without gaps: restore() gives them the slots 0, 1, ... in this order. */
  snapshot(): Snapshot {
    const runs = this.#usedRuns();
    const take = <T extends Column | Uint8Array>(column: T): T => {
      const copy = column.slice(0, this.count) as T;
      let at = 0;
      for (let k = 0; k < runs.length; k += 2) {
        copy.set(column.subarray(runs[k], runs[k + 1]), at);
        at += runs[k + 1] - runs[k];
      }
      return copy;
    };
    const ids = new Uint8Array(this.#idsLive);
    let end = 0;
    for (let k = 0; k < runs.length; k += 2) {
      for (let slot = runs[k]; slot < runs[k + 1]; slot++) {
        const start = this.idStart[slot];
        for (let byte = 0; byte < this.idLength[slot]; byte++) ids[end++] = this.ids[start + byte];
      }
    }
    return {
      count: this.count,
      rows: scalarColumns.map((name) => take(this[name])),
      columns: this.columns.map(take),
      failed_casts: this.#failedCasts.map(take),
      ids,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { rows: Column[]; columns: Column[]; failed_casts: Int32Array[]; ids: Uint8Array } & {
      count: number;
    };
    this.#grow(Math.max(FIRST_ROWS, from.count));
    scalarColumns.forEach((name, i) => {
      this[name].set(from.rows[i]);
    });
    from.columns.forEach((column, c) => {
      this.columns[c].set(column);
    });
    from.failed_casts.forEach((words, word) => {
      this.#failedCasts[word].set(words);
    });
    this.ids = new Uint8Array(Math.max(FIRST_ID_BYTES, from.ids.length * 2));
    this.ids.set(from.ids);
    let end = 0;
    for (let slot = 0; slot < from.count; slot++) {
      this.idStart[slot] = end;
      end += this.idLength[slot];
    }
    this.#idsEnd = end;
    this.#idsLive = end;
    this.#reached = from.count;
    this.count = from.count;
  }

  /** Slots in use that lie together: from and behind the end of each run, rising. */
  #usedRuns(): number[] {
    const runs: number[] = [];
    const { flags } = this;
    for (let slot = 0; slot < this.#reached; slot++) {
      if (flags[slot] === 0) continue;
      const from = slot;
      while (slot < this.#reached && flags[slot] !== 0) slot++;
      runs.push(from, slot);
    }
    return runs;
  }

  /** Slots in use, rising. */
  *usedSlots(): Generator<number> {
    for (let slot = 0; slot < this.#reached; slot++) if (this.flags[slot] !== 0) yield slot;
  }
}

/** Where a record stands: its partition's number, its position there, and its number in the log. */
export interface RowPlace {
  partition: number;
  position: number;
  entry: number;
}

const scalarColumns = [
  ...(['time', 'seq', 'tenant', 'idLength', 'partition', 'position', 'entry'] as const),
  ...(['hashLow', 'hashHigh', 'content', 'flags'] as const),
];

function grown<T extends Float64Array | Int32Array | Uint8Array>(column: T, capacity: number): T {
  const larger = new (column.constructor as new (length: number) => T)(capacity);
  larger.set(column.subarray(0, Math.min(column.length, capacity)));
  return larger;
}
