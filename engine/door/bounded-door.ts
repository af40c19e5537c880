import type { Batch } from '../batch.ts';
import type { DecodedEvent } from '../decode/decoded-event.ts';
import type { Decoder } from '../decode/decoder.ts';
import type { FailedCasts } from '../decode/failed-casts.ts';
import { limits } from '../limits.ts';
import type { DeadLetter, SourceRecord } from '../ports.ts';
import type { Program } from '../program.ts';
import type { DoorCounters, Rejection, Verdict } from '../verdict.ts';
import { ContentHash, RecordHash } from './content-hash.ts';
import { Dedup } from './dedup.ts';
import { COUNTED, EventRows, LATE_LIVE, STANDS, type Texts, USED } from './event-rows.ts';
import { Occurrences } from './occurrence.ts';
import { judgeLength, judgeTime, letterOf, newCounters } from './rejection.ts';
import { ReorderStage } from './reorder.ts';

/** What the door tells about each record, by its number (from 0, in the order of add()). */
export interface BoundedDoorListener {
  on_verdict(record: number, verdict: Verdict, detail: string): void;
  on_letter(letter: DeadLetter): void;
}

/** What is known of a source's stored verdicts. */
export interface StoredHistory {
  /** Stored late events are judged as if they had been in time. */
  readonly include_late: boolean;
  /** Every record before this time comes with its stored verdict; null: nothing is known. */
  readonly judged_to_ms: number | null;
}

const CHUNK = 1024;
const utf8 = new TextEncoder();

/**
 * The door of a bounded source (S4): everything is read, then sorted whole, so nothing is late. Duplicates are judged in
 * total order. Stored verdicts of a log's history stand; records without one are judged.
 */
export class BoundedDoor {
  readonly counters: DoorCounters = newCounters();
  readonly rows: EventRows;
  /** Ids that were made for events without one. */
  given_ids = 0;
  readonly #decoder: Decoder;
  readonly #texts: Texts;
  readonly #program: Program;
  readonly #includeLate: boolean;
  /** Every record before this time has its stored verdict. */
  readonly #judgedTo_ms: number;
  /** Before this time no content is compared: what is judged is further off than the dedup horizon. */
  readonly #comparedFrom_ms: number;
  /** Half an id's hash of each row that is judged; null: most are. Ids of other rows need not be remembered. */
  readonly #judged: Set<number> | null;
  /** Of the rows that add() kept the earliest and the latest. */
  #firstKept_ms = Number.POSITIVE_INFINITY;
  #lastKept_ms = Number.NEGATIVE_INFINITY;
  readonly #listener: BoundedDoorListener;
  readonly #dedup: Dedup;
  readonly #occurrences = new Occurrences(limits.dedup_ids);
  readonly #hash = new ContentHash();
  readonly #recordHash = new RecordHash();
  readonly #place = { partition: 0, position: 0, entry: 0 };
  readonly #partitions = new Map<string, number>();
  /** Per partition: the greatest timestamp that its live door would have taken. */
  readonly #greatest_ms: number[] = [];
  #reorder: ReorderStage;
  readonly #sorted = new Int32Array(CHUNK);
  #sortedAt = 0;
  #sortedEnd = 0;

  constructor(
    program: Program,
    decoder: Decoder,
    texts: Texts,
    { include_late, judged_to_ms }: StoredHistory,
    listener: BoundedDoorListener,
  ) {
    this.#program = program;
    this.#decoder = decoder;
    this.#texts = texts;
    this.#includeLate = include_late;
    this.#judgedTo_ms = judged_to_ms ?? Number.NEGATIVE_INFINITY;
    const isJudged = judged_to_ms !== null && !include_late;
    this.#judged = isJudged ? new Set() : null;
    this.#comparedFrom_ms = isJudged ? judged_to_ms - program.settings.dedup_horizon_ms : Number.NEGATIVE_INFINITY;
    this.#listener = listener;
    this.rows = new EventRows(program, texts);
    this.#reorder = new ReorderStage(this.rows);
    this.#dedup = new Dedup(this.rows, program.settings.dedup_horizon_ms);
  }

  /** Takes the next record; returns the slot of its row, or -1 when its verdict is known already. */
  add(record: SourceRecord, stored?: Verdict): number {
    const number = this.counters.read++;
    const partition = this.#partitionOf(record.partition);
    const { max_ahead_ms } = this.#program.settings;
    const latest_ms = stored === undefined ? record.received_at + max_ahead_ms : Number.POSITIVE_INFINITY;
    const rejection = judgeLength(record) ?? this.#decoder.decode(record.bytes, latest_ms);
    if (rejection !== null) return this.#reject(number, record, rejection, stored);
    const { event } = this.#decoder;
    const id = event.id.length > 0 ? event.id : this.#givenId(record, event, partition);
    if (stored !== undefined) {
      if (stored === 'rejected' || stored === 'duplicate') return this.#tell(number, stored, 'stored');
      if (stored === 'late' && !this.#includeLate) return this.#tell(number, stored, 'stored');
      const flag = stored === 'accepted' && !this.#includeLate ? STANDS : 0;
      return this.#wait(this.#keep(event, id, number, partition, record, flag));
    }
    const ahead = judgeTime(event.timestamp, record.received_at, max_ahead_ms);
    if (ahead !== null) return this.#reject(number, record, ahead);
    const flag = this.#wouldBeLate(partition, event.timestamp) ? LATE_LIVE : 0;
    return this.#wait(this.#keep(event, id, number, partition, record, flag));
  }

  /**
   * Counts records that are not added, those before the next add(): their events come as columns, and some of them by
   * keepStored().
   * @param partitions of all of them, in the order in which they came
   * @param latest_ms of those that are accepted
   */
  passOver(
    { read, accepted, duplicate, late, rejected }: PassedRecords,
    partitions: readonly string[],
    latest_ms: number,
  ): void {
    if (latest_ms >= this.#judgedTo_ms) {
      throw new Error(`columns have an event of ${latest_ms}, and verdicts are known before ${this.#judgedTo_ms} only`);
    }
    for (const name of partitions) this.#partitionOf(name);
    this.counters.read += read;
    this.counters.accepted += accepted;
    this.counters.duplicate += duplicate;
    this.counters.late += late;
    this.counters.rejected += rejected;
  }

  /** The number of a partition, which is given when it is first seen. */
  partitionNumber(name: string): number {
    return this.#partitionOf(name);
  }

  /** By number. */
  get partitions(): string[] {
    return [...this.#partitions.keys()];
  }

  /**
   * From this time on an event of columns may be near a record with the id of one that is judged, if only to one whose verdict
   * stands: which of those is remembered depends on what was before it. To be asked when all was added. Events before it, and
   * those whose id no judged record has, go past the door: their verdicts stand, and nothing depends on them.
   */
  get contested_from_ms(): number {
    if (this.#judged?.size === 0) return Number.POSITIVE_INFINITY;
    return this.#firstKept_ms - this.#program.settings.dedup_horizon_ms;
  }

  /** Of the events that add() kept; +Infinity and -Infinity: none. */
  get span(): { readonly first_ms: number; readonly last_ms: number } {
    return { first_ms: this.#firstKept_ms, last_ms: this.#lastKept_ms };
  }

  /** Whether one that is judged may have this id (and has it, but for equal hashes). */
  isContested(id: Uint8Array, tenant: number): boolean {
    this.#hash.of(id, this.#texts.hashOf(tenant));
    return this.#judged === null || this.#judged.has(this.#hash.low);
  }

  /**
   * Makes the row of an event that its stored verdict accepts, out of columns (S4), which passOver() has counted; the caller
   * judges it next. It is before judged_to_ms, and what is judged now is not: so no record that is judged has its content,
   * which columns do not keep.
   */
  keepStored(event: StoredRow): number {
    const slot = this.rows.add(event, event.id, event.seq, event);
    this.rows.flags[slot] = USED | STANDS | COUNTED;
    this.rows.content[slot] = 0;
    if (this.#judged === null || this.#judged.size > 0) this.#hashId(slot, event.id, event.tenant);
    return slot;
  }

  #hashId(slot: number, id: Uint8Array, tenant: number): void {
    this.#hash.of(id, this.#texts.hashOf(tenant));
    this.rows.hashLow[slot] = this.#hash.low;
    this.rows.hashHigh[slot] = this.#hash.high;
  }

  /** No watermark says here which counts can be forgotten; the limit alone does, and counts what it may have spoilt. */
  #givenId({ event_id }: SourceRecord, event: DecodedEvent, partition: number): Uint8Array {
    if (event_id !== undefined) return utf8.encode(event_id);
    this.given_ids++;
    return this.#occurrences.nextId(event.contentHash(), partition, event.timestamp, Number.NEGATIVE_INFINITY);
  }

  #wait(slot: number): number {
    this.#reorder.insert(slot);
    return slot;
  }

  #partitionOf(name: string): number {
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    this.#partitions.set(name, this.#partitions.size);
    return this.#greatest_ms.push(Number.NEGATIVE_INFINITY) - 1;
  }

  /**
   * A shadow of the live door, by the partition's own order alone: how partitions would have been interleaved live, a
   * file cannot know. A duplicate moves it like the event that it repeats.
   */
  #wouldBeLate(partition: number, timestamp: number): boolean {
    if (timestamp < this.#greatest_ms[partition] - this.#program.settings.lateness_ms) return true;
    if (timestamp > this.#greatest_ms[partition]) this.#greatest_ms[partition] = timestamp;
    return false;
  }

  #reject(number: number, record: SourceRecord, rejection: Rejection, stored?: Verdict): -1 {
    if (stored !== 'rejected') this.#listener.on_letter(letterOf(record, rejection));
    return this.#tell(number, 'rejected', `${rejection.reason}: ${rejection.message}`);
  }

  #tell(number: number, verdict: Verdict, detail: string): -1 {
    this.counters[verdict]++;
    this.#listener.on_verdict(number, verdict, detail);
    return -1;
  }

  #keep(
    event: DecodedEvent,
    id: Uint8Array,
    number: number,
    partition: number,
    record: Pick<SourceRecord, 'position' | 'bytes'>,
    flags: number,
  ): number {
    const place = this.#place;
    place.partition = partition;
    place.position = record.position;
    place.entry = number;
    const slot = this.rows.add(event, id, Number.isNaN(event.seq) ? record.position : event.seq, place);
    this.rows.flags[slot] = USED | flags;
    if (event.timestamp >= this.#comparedFrom_ms) this.rows.content[slot] = this.#recordHash.of(record.bytes);
    this.#hashId(slot, id, event.tenant);
    this.#firstKept_ms = Math.min(this.#firstKept_ms, event.timestamp);
    this.#lastKept_ms = Math.max(this.#lastKept_ms, event.timestamp);
    if ((flags & STANDS) === 0) this.#judged?.add(this.#hash.low);
    return slot;
  }

  /** Makes the row of an event that was spilled; the caller judges it next. */
  keepAgain(event: DecodedEvent, spilled: SpilledRow): number {
    return this.#keep(event, spilled.id, spilled.entry, spilled.partition, spilled, spilled.flags);
  }

  /**
   * The next slot of the rows that add() kept, in total order, or -1. Between calls rows may be freed, and those of
   * keepStored() come and go, but add() is not called.
   */
  nextSorted(): number {
    if (this.#sortedAt === this.#sortedEnd) {
      this.#sortedAt = 0;
      this.#sortedEnd = this.#reorder.release(Number.POSITIVE_INFINITY, this.#sorted);
      if (this.#sortedEnd === 0) return -1;
    }
    return this.#sorted[this.#sortedAt++];
  }

  /** After all kept rows have been taken: rows of any time can be added again. */
  beginAnew(): void {
    this.#reorder = new ReorderStage(this.rows);
  }

  /**
   * Judges the next row in total order and appends it to the batch if it is accepted and before `until_ms`; frees it.
   * @param counts of the casts that failed in rows of the batch; null: this one is not counted
   */
  judge(slot: number, batch: Batch, until_ms: number, counts: FailedCasts | null): boolean {
    const { rows, counters } = this;
    const flags = rows.flags[slot];
    const time_ms = rows.time[slot];
    this.#dedup.forgetFor(time_ms);
    const accepted = this.#isSettled(slot, flags) || this.#dedup.settle(slot) || (flags & STANDS) !== 0;
    const conflict = !accepted && this.#dedup.conflict;
    if ((flags & COUNTED) === 0) {
      this.#tell(rows.entry[slot], accepted ? 'accepted' : 'duplicate', conflict ? 'conflict' : '');
    }
    if (conflict) counters.conflict++;
    if (accepted && (flags & LATE_LIVE) !== 0) counters.would_be_late++;
    if (accepted && time_ms < until_ms) {
      rows.copyTo(batch, slot);
      if (counts !== null) rows.countFailedCasts(slot, counts);
    }
    rows.free(slot);
    return accepted;
  }

  /** Whether a row is accepted, and no row that is judged has its id. */
  #isSettled(slot: number, flags: number): boolean {
    const judged = this.#judged;
    if (judged === null || (flags & STANDS) === 0) return false;
    return judged.size === 0 || !judged.has(this.rows.hashLow[slot]);
  }

  /** Ids and counts that the limit `dedup_ids` dropped too early. */
  get dropped_ids(): number {
    return this.#dedup.dropped + this.#occurrences.uncertain;
  }

  /** What it holds, in bytes. */
  get parts(): Readonly<Record<string, number>> {
    return {
      'events that wait': this.rows.allocated_bytes,
      'ids of events': this.#dedup.allocated_bytes,
      'occurrences of events without id': this.#occurrences.allocated_bytes,
    };
  }
}

/** What a spilled event brings back beside its decoded fields. */
export interface SpilledRow {
  readonly id: Uint8Array;
  readonly entry: number;
  readonly position: number;
  readonly partition: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** An event of stored columns. */
export interface StoredRow extends DecodedEvent {
  /** With what S2 gives it where the producer did not. */
  seq: number;
  partition: number;
  position: number;
  entry: number;
}

/** Records and their verdicts. */
export type PassedRecords = Pick<DoorCounters, 'read' | 'accepted' | 'duplicate' | 'late' | 'rejected'>;
