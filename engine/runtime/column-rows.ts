import type { Batch } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import { type FailedCasts, noFailedCasts } from '../decode/failed-casts.ts';
import type { BoundedDoor, StoredRow } from '../door/bounded-door.ts';
import type { ColumnSpec } from '../program.ts';
import type { ColumnSource } from './column-sources.ts';
import { heldColumns } from './held-columns.ts';
import { OpenStretch } from './open-stretch.ts';
import type { RowSelection } from './row-selection.ts';
import { mayFail, StoredDetails } from './stored-details.ts';
import type { ColumnSegment, StoredEvents } from './stored-events.ts';
import { TextColumn } from './text-column.ts';

/** Where rows go, and which of them. */
export interface ColumnTarget {
  readonly door: BoundedDoor;
  readonly dictionary: Dictionary;
  /** null: some rule reads events of every kind. */
  readonly selection: RowSelection | null;
  /** Of the stream. */
  readonly columns: readonly ColumnSpec[];
  /** Counts the casts of details that fail in events from the second on. */
  readonly failed_casts: FailedCasts;
  readonly counted_from_ms: number;
  /** Events before the first of these times, and from the second on, are not folded. */
  readonly from_ms: number;
  readonly until_ms: number;
}

/**
 * HOT. The rows of one stretch of stored columns that have to be looked at, in total order: those that a rule may read go
 * straight into a batch, with no verdict to be found and no id to be remembered. Those whose id a judged record may have,
 * and those that stand beside others of their millisecond, go through the door like all events.
 */
export class ColumnRows {
  readonly #segment: ColumnSegment;
  readonly #target: ColumnTarget;
  readonly #sources: readonly ColumnSource[];
  readonly #first_entry: number;
  readonly #event: StoredRow;
  /** Rows that have to be looked at, rising; contested ones, of any time, are among them. */
  #rows = new Int32Array(0);
  readonly #contested = new Set<number>();
  #at = 0;
  #stretch: OpenStretch | null = null;

  /** @param first_entry number of its first record among those of the run */
  constructor(segment: ColumnSegment, first_entry: number, sources: readonly ColumnSource[], target: ColumnTarget) {
    this.#segment = segment;
    this.#first_entry = first_entry;
    this.#sources = sources;
    this.#target = target;
    this.#event = emptyEvent(target.columns);
  }

  get earliest_ms(): number {
    return this.#segment.earliest_ms;
  }

  /** Whether there is nothing in it to look at, as far as its times say. */
  get isOver(): boolean {
    const { from_ms, until_ms } = this.#target;
    const { earliest_ms, latest_ms } = this.#segment;
    return (earliest_ms >= until_ms || latest_ms < from_ms) && this.#contested.size === 0;
  }

  /**
   * Finds rows whose id a judged record may have, from one time on and before another; when all records were added, and
   * before open(). Gives the earliest one's time, +Infinity where there is none.
   */
  contest(from_ms: number, to_ms: number): number {
    const { earliest_ms, latest_ms, events } = this.#segment;
    if (latest_ms < from_ms || earliest_ms >= to_ms) return Number.POSITIVE_INFINITY;
    const { door, dictionary } = this.#target;
    const [from, to] = [this.#rowsBefore(from_ms), this.#rowsBefore(to_ms)];
    const { bytes, starts, ends } = events.ids();
    const tenants = new TextColumn(events.tenant(), dictionary);
    let first = events.count;
    for (let row = to - 1; row >= from; row--) {
      const id = bytes.subarray(starts[row], ends[row]);
      if (!door.isContested(id, tenants.idOf(row))) continue;
      this.#contested.add(row);
      first = row;
    }
    return first === events.count ? Number.POSITIVE_INFINITY : events.numbers('time')[first];
  }

  /** Stands before the first row that has to be looked at. */
  open(): void {
    const { door, dictionary, selection, columns } = this.#target;
    const events = heldColumns(this.#segment.events);
    this.#countFailedCasts(events);
    const isRead = selection?.of(events) ?? null;
    const leavesOut = selection?.leavesOut === true && isRead !== null;
    this.#rows = this.#rowsOf(leavesOut ? isRead : null);
    if (this.#rows.length === 0) return;
    const partitions = Int32Array.from(this.#segment.partitions, (name) => door.partitionNumber(name));
    const dispensable = new Set(isRead === null || leavesOut ? [] : selection?.dispensable);
    const unread = { isRead, dispensable };
    this.#stretch = new OpenStretch(events, this.#rows, this.#sources, partitions, columns, dictionary, unread);
  }

  /** Of all its events, for they are accepted, whether a rule reads them or not. */
  #countFailedCasts(events: StoredEvents): void {
    const { columns, dictionary, failed_casts, counted_from_ms, from_ms, until_ms } = this.#target;
    const casts = mayFail(events, this.#sources);
    if (casts.length === 0) return;
    const details = new StoredDetails(events, casts, columns, dictionary);
    const from = this.#rowsBefore(Math.max(from_ms, counted_from_ms));
    details.countFailed(from, this.#rowsBefore(until_ms), failed_casts);
  }

  /** @param isWanted by row 1 where it is, if it is not contested; null: all are, of the time that is asked for */
  #rowsOf(isWanted: Uint8Array | null): Int32Array<ArrayBuffer> {
    const { from_ms, until_ms } = this.#target;
    const [begin, end] = [this.#rowsBefore(from_ms), this.#rowsBefore(until_ms)];
    const wanted = isWanted === null ? span(begin, end) : placesIn(isWanted, begin, end);
    return this.#contested.size === 0 ? wanted : Int32Array.from(new Set([...wanted, ...this.#contested])).sort();
  }

  /** Rows before the time: they rise with it. */
  #rowsBefore(time_ms: number): number {
    const { events, earliest_ms, latest_ms } = this.#segment;
    if (time_ms <= earliest_ms) return 0;
    return latest_ms < time_ms ? events.count : lowerBound(events.numbers('time'), 0, events.count, time_ms);
  }

  /** Time of the row before which it stands; +Infinity behind the last. */
  get time_ms(): number {
    return this.#at === this.#rows.length ? Number.POSITIVE_INFINITY : (this.#stretch as OpenStretch).time[this.#at];
  }

  /** Whether the row before which it stands is to be taken with keep(). */
  get isContested(): boolean {
    return this.#contested.size > 0 && this.#contested.has(this.#rows[this.#at]);
  }

  /** Appends rows before this time to the batch, until it holds `most` or one of them is contested. */
  giveTo(batch: Batch, most: number, bound_ms: number): void {
    const stretch = this.#stretch as OpenStretch;
    const rows = this.#rows;
    const limit = Math.min(rows.length, this.#at + most - batch.count);
    let end = limit;
    if (stretch.time[limit - 1] >= bound_ms) {
      end = this.#at;
      while (stretch.time[end] < bound_ms) end++;
    }
    if (this.#contested.size > 0) {
      let free = this.#at;
      while (free < end && !this.#contested.has(rows[free])) free++;
      end = free;
    }
    stretch.copyTo(batch, this.#at, end);
    this.#pass(end);
  }

  /** The row before which it stands, in a slot. */
  keep(): number {
    const event = this.#event;
    (this.#stretch as OpenStretch).read(event, this.#at);
    event.entry += this.#first_entry;
    const slot = this.#target.door.keepStored(event);
    this.#pass(this.#at + 1);
    return slot;
  }

  #pass(at: number): void {
    this.#at = at;
    if (at === this.#rows.length) this.#stretch = null;
  }

  /** Its rows from this time on. */
  countFrom(time_ms: number): number {
    return this.#segment.events.count - this.#rowsBefore(time_ms);
  }

  /** Texts that the dictionary may take back are looked up again. */
  forget(used: Uint8Array): void {
    this.#stretch?.forget(used);
  }
}

function span(begin: number, end: number): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(Math.max(0, end - begin));
  for (let i = 0; i < rows.length; i++) rows[i] = begin + i;
  return rows;
}

/** Where 1 stands. Counted first: few rows of a long stretch need no memory for all. */
function placesIn(isWanted: Uint8Array, begin: number, end: number): Int32Array<ArrayBuffer> {
  let count = 0;
  for (let row = begin; row < end; row++) count += isWanted[row];
  const rows = new Int32Array(count);
  for (let row = begin, found = 0; found < count; row++) if (isWanted[row] === 1) rows[found++] = row;
  return rows;
}

/** The first place from `low` on, and before `high`, whose time is not before this; `high`: there is none. */
function lowerBound(times: Float64Array, low: number, high: number, time_ms: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time_ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function emptyEvent(columns: readonly ColumnSpec[]): StoredRow {
  const contentHash = (): string => {
    throw new Error('an event of stored columns has an id of its own');
  };
  const place = { partition: 0, position: 0, entry: 0 };
  // Those of columns are counted for the whole stretch.
  const failed_casts = noFailedCasts(columns);
  const values = new Float64Array(columns.length);
  return { timestamp: 0, seq: 0, id: new Uint8Array(0), tenant: 0, contentHash, failed_casts, values, ...place };
}
