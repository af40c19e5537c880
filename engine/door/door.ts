import type { Batch } from '../batch.ts';
import type { DecodedEvent } from '../decode/decoded-event.ts';
import type { Decoder, IdWatcher } from '../decode/decoder.ts';
import { FailedCasts } from '../decode/failed-casts.ts';
import { limits } from '../limits.ts';
import type { DeadLetter, SourceRecord } from '../ports.ts';
import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import type { DoorCounters, Rejection, Verdict } from '../verdict.ts';
import { ContentHash, RecordHash } from './content-hash.ts';
import { Dedup } from './dedup.ts';
import { EventRows, FALLS, OVERTHROWN, STANDS, type Texts } from './event-rows.ts';
import { Occurrences } from './occurrence.ts';
import { judgeLength, judgeTime, letterOf, newCounters } from './rejection.ts';
import { ReorderStage } from './reorder.ts';
import { Watermark } from './watermark.ts';

/** A verdict as it leaves the door; as it is, it may be an entry of the log. */
export interface DoorVerdict {
  readonly kind: 'verdict';
  /** Log position of the record. */
  readonly position: number;
  readonly verdict: Verdict;
  /** Rejected: reason and message. Late: the bound it missed. Duplicate: 'conflict' when the content differs. Else ''. */
  readonly detail: string;
  /** Of a rejected record. */
  readonly letter: DeadLetter | null;
}

/** Slots released at once. */
const CHUNK = 1024;

/**
 * The live door (semantics.md S2 to S4): gives each record read one verdict and releases the accepted events in total
 * order behind the watermark. Rejected, late and most duplicate records have their verdict at once, the others when they
 * are released; until then they are pending: read = accepted + duplicate + late + rejected + pending, always.
 */
export class Door implements IdWatcher {
  readonly counters: DoorCounters = newCounters();
  readonly watermark: Watermark;
  /** Of accepted events, since the start. */
  readonly failed_casts: FailedCasts;
  readonly #decoder: Decoder;
  readonly #texts: Texts;
  readonly #max_ahead_ms: number;
  readonly #rows: EventRows;
  readonly #reorder: ReorderStage;
  readonly #dedup: Dedup;
  readonly #occurrences = new Occurrences(limits.dedup_ids);
  readonly #hash = new ContentHash();
  /** #hash is that of the id of the record that is judged. */
  #isHashed = false;
  readonly #recordHash = new RecordHash();
  readonly #place = { partition: 0, position: 0, entry: 0 };
  readonly #released = new Int32Array(CHUNK);
  /** While stored history is read: the times of waiting records that will be accepted, by log position. */
  readonly #waiting = new Map<number, number>();
  /** Whether the record that was judged last says that its partition is there and gets on (S3); a rejected one does not. */
  is_sign_of_life = false;
  #releasedAt = 0;
  #releasedEnd = 0;
  #verdicts: DoorVerdict[] = [];
  /** Gets accepted rows as they arrive. */
  #arrivals: { readonly batch: Batch; take(): void } | null = null;

  constructor(program: Program, decoder: Decoder, texts: Texts) {
    this.#decoder = decoder;
    this.#texts = texts;
    this.#max_ahead_ms = program.settings.max_ahead_ms;
    this.watermark = new Watermark(program.settings);
    this.failed_casts = new FailedCasts(program.streams[0].columns);
    this.#rows = new EventRows(program, texts);
    this.#reorder = new ReorderStage(this.#rows);
    this.#dedup = new Dedup(this.#rows, program.settings.dedup_horizon_ms);
  }

  /** Records whose verdict waits for their release. */
  get pending(): number {
    return this.#rows.count;
  }

  /**
   * Judges a record. The answer is final but for 'accepted', which may still become 'duplicate' at release.
   * @param entry the record's position in the log
   * @param stored the verdict that the log has on it, which stands (S4); between holdForStored() and endStored()
   */
  judge(entry: number, record: SourceRecord, stored?: Verdict): Verdict {
    this.counters.read++;
    this.is_sign_of_life = false;
    const partition = this.#partitionOf(record);
    if (partition === -1) return this.#reject(entry, record, tooManyPartitions);
    const wasTaken = stored !== undefined && stored !== 'rejected';
    const latest_ms = wasTaken ? Number.POSITIVE_INFINITY : record.received_at + this.#max_ahead_ms;
    this.#isHashed = false;
    const rejection = judgeLength(record) ?? this.#decoder.decode(record.bytes, latest_ms, this);
    if (rejection !== null) return this.#reject(entry, record, rejection);
    const event = this.#decoder.event;
    const id = event.id.length > 0 ? event.id : this.#nextId(event, partition, record);
    const ahead = wasTaken ? null : judgeTime(event.timestamp, record.received_at, this.#max_ahead_ms);
    if (ahead !== null) return this.#reject(entry, record, ahead);
    if (stored === 'rejected') return this.#reject(entry, record, rejectedBefore);
    this.watermark.appear(partition);
    const slot = this.#keep(event, id, entry, partition, record);
    if (stored !== undefined) return this.#obey(slot, stored);
    // Only stored history, of another LATENESS, can have been released beyond the bound of an active partition.
    const bound_ms = Math.max(this.watermark.bound_ms(partition), this.watermark.release_ms);
    const isLate = event.timestamp < bound_ms;
    const arrival = isLate ? 'late' : this.#dedup.arrive(slot, this.watermark.release_ms);
    if (arrival !== 'stands') this.is_sign_of_life = this.watermark.comesNearer(partition, event.timestamp);
    if (arrival === 'late') return this.#judgeLate(slot, bound_ms);
    if (arrival === 'duplicate') return this.#turnAway(slot, 'duplicate', '');
    this.#reorder.insert(slot);
    if (arrival === 'gives-way') return 'duplicate';
    this.watermark.accept(partition, event.timestamp);
    this.is_sign_of_life = true;
    this.#arrive(slot);
    return 'accepted';
  }

  /** As the decoder's watcher: the id's place in the dedup table is fetched while texts become ids. */
  onId(id: Uint8Array, tenant_hash: number): void {
    this.#hash.of(id, tenant_hash);
    this.#isHashed = true;
    this.#dedup.touch(this.#hash.low, this.#hash.high);
  }

  /** Every row that is accepted so far is appended to the batch and then taken, in the order of arrival. */
  watchArrivals(arrivals: { readonly batch: Batch; take(): void }): void {
    this.#arrivals = arrivals;
  }

  #arrive(slot: number): void {
    if (this.#arrivals === null) return;
    this.#rows.copyTo(this.#arrivals.batch, slot);
    this.#arrivals.take();
  }

  /**
   * A record whose verdict is stored goes the way it would go now, so that whoever comes after it finds the same table
   * and the same watermark; only its own verdict is given beforehand.
   */
  #obey(slot: number, stored: Verdict): Verdict {
    const rows = this.#rows;
    const time_ms = rows.time[slot];
    if (stored === 'late') return this.#turnAway(slot, 'late', 'stored');
    const partition = rows.partition[slot];
    // What was released before it: only a history that another version wrote out of order has an accepted one here.
    const canWait = time_ms >= this.watermark.release_ms;
    const wasLate = time_ms < this.watermark.bound_ms(partition);
    if (!canWait || (wasLate && stored === 'duplicate')) {
      return this.#judgeLate(slot, this.watermark.release_ms, stored);
    }
    const arrival = this.#dedup.arrive(slot, this.watermark.release_ms);
    if (arrival === 'duplicate') {
      if (stored === 'duplicate') return this.#turnAway(slot, 'duplicate', '');
      // Not in the table: an event of its id, which stands by today's horizon, is.
      rows.flags[slot] |= OVERTHROWN;
    }
    rows.flags[slot] |= stored === 'accepted' ? STANDS : FALLS;
    this.#reorder.insert(slot);
    // Only 'accepted' is always told at release; a duplicate's verdict may be older.
    if (stored === 'accepted') this.#waiting.set(rows.entry[slot], time_ms);
    if (arrival !== 'gives-way') this.watermark.accept(partition, time_ms);
    if (stored === 'accepted') this.#arrive(slot);
    return stored;
  }

  /** From here on judge() is given stored verdicts, and told with storedVerdict() when the log comes to them. */
  holdForStored(): void {
    this.watermark.hold();
  }

  /** The log has its verdict on the record at `position` here: what stands before it in the order was released. */
  storedVerdict(position: number): void {
    const time_ms = this.#waiting.get(position);
    if (time_ms === undefined) return;
    this.#waiting.delete(position);
    this.watermark.passed(time_ms);
  }

  /** Every record that has a stored verdict was judged. */
  endStored(): void {
    this.#waiting.clear();
    this.watermark.letGo();
  }

  #partitionOf(record: SourceRecord): number {
    const known = this.watermark.find(record.partition);
    if (known !== -1) return known;
    return this.watermark.partitions < limits.partitions ? this.watermark.add(record.partition) : -1;
  }

  /** Counted before MAX_AHEAD is looked at: over all records read, whatever their verdict (S4). */
  #nextId(event: DecodedEvent, partition: number, record: SourceRecord): Uint8Array {
    const time_ms = Math.min(event.timestamp, record.received_at + this.#max_ahead_ms);
    const oldest_ms = this.#dedup.oldestFor(this.watermark.release_ms);
    return this.#occurrences.nextId(event.contentHash(), partition, time_ms, oldest_ms);
  }

  #keep(event: DecodedEvent, id: Uint8Array, entry: number, partition: number, record: SourceRecord): number {
    const place = this.#place;
    place.partition = partition;
    place.position = record.position;
    place.entry = entry;
    const seq = Number.isNaN(event.seq) ? record.position : event.seq;
    const slot = this.#rows.add(event, id, seq, place);
    this.#rows.content[slot] = this.#recordHash.of(record.bytes);
    if (!this.#isHashed) this.#hash.of(id, this.#texts.hashOf(event.tenant));
    this.#rows.hashLow[slot] = this.#hash.low;
    this.#rows.hashHigh[slot] = this.#hash.high;
    return slot;
  }

  #reject(position: number, record: SourceRecord, rejection: Rejection): Verdict {
    this.counters.rejected++;
    const detail = `${rejection.reason}: ${rejection.message}`;
    const letter = letterOf(record, rejection);
    this.#verdicts.push({ kind: 'verdict', position, verdict: 'rejected', detail, letter });
    return 'rejected';
  }

  /** A duplicate even if late: the first that applies (S4). It moves nothing either way. */
  #judgeLate(slot: number, bound_ms: number, stored?: Verdict): Verdict {
    this.#dedup.conflict = false;
    const isDuplicate = this.#dedup.judgeLate(slot, this.watermark.release_ms) || stored === 'duplicate';
    if (isDuplicate) return this.#turnAway(slot, 'duplicate', '');
    return this.#turnAway(slot, 'late', `bound_ms=${bound_ms}`);
  }

  #turnAway(slot: number, verdict: 'duplicate' | 'late', detail: string): Verdict {
    this.#tell(slot, verdict, detail);
    this.#rows.free(slot);
    return verdict;
  }

  #tell(slot: number, verdict: Exclude<Verdict, 'rejected'>, detail: string): void {
    this.counters[verdict]++;
    const conflict = verdict === 'duplicate' && this.#dedup.conflict;
    if (conflict) this.counters.conflict++;
    const position = this.#rows.entry[slot];
    const told = conflict ? 'conflict' : detail;
    this.#verdicts.push({ kind: 'verdict', position, verdict, detail: told, letter: null });
  }

  /**
   * Appends released and accepted events to the batch until it holds `most` rows; false when none are left that the
   * watermark has passed. Called until then before the next judge().
   */
  release(batch: Batch, most: number): boolean {
    const watermark_ms = this.watermark.release_ms;
    while (batch.count < most) {
      if (this.#releasedAt === this.#releasedEnd) {
        this.#releasedAt = 0;
        this.#releasedEnd = this.#reorder.release(watermark_ms, this.#released);
        if (this.#releasedEnd === 0) {
          this.#dedup.forgetFor(watermark_ms);
          return false;
        }
      }
      const slot = this.#released[this.#releasedAt++];
      const flags = this.#rows.flags[slot];
      this.#dedup.conflict = false;
      const accepted = (this.#dedup.release(slot) && (flags & FALLS) === 0) || (flags & STANDS) !== 0;
      this.#tell(slot, accepted ? 'accepted' : 'duplicate', '');
      if (accepted) {
        this.#rows.copyTo(batch, slot);
        this.#rows.countFailedCasts(slot, this.failed_casts);
      }
      this.#rows.free(slot);
    }
    return true;
  }

  /** The verdicts since the last call, in the order in which they were given. */
  takeVerdicts(): DoorVerdict[] {
    const verdicts = this.#verdicts;
    this.#verdicts = [];
    return verdicts;
  }

  /** Ids and counts that the limit `dedup_ids` dropped within the horizon. */
  get dropped_ids(): number {
    return this.#dedup.dropped + this.#occurrences.uncertain;
  }

  /** What it holds, in bytes. */
  get parts(): Readonly<Record<string, number>> {
    return {
      'events that wait': this.#rows.allocated_bytes,
      'ids of events': this.#dedup.allocated_bytes,
      'occurrences of events without id': this.#occurrences.allocated_bytes,
    };
  }

  /** Marks the dictionary ids that pending events hold. */
  markUsed(used: Uint8Array): void {
    this.#rows.markUsed(used);
  }

  /** Between two calls of release() that left nothing, and with the verdicts taken. */
  snapshot(): Snapshot {
    return {
      counters: { ...this.counters },
      watermark: this.watermark.snapshot(),
      rows: this.#rows.snapshot(),
      reorder: this.#reorder.snapshot(),
      dedup: this.#dedup.snapshot(),
      occurrences: this.#occurrences.snapshot(),
      waiting: Float64Array.from([...this.#waiting].flat()),
      verdicts: this.#verdicts.map((verdict) => ({ ...verdict, letter: copyOf(verdict.letter) })),
    };
  }

  /**
   * Into a new door of the same program, with the dictionary as it was.
   * @param isShared somebody else may have the snapshot's memory
   */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { [part: string]: Snapshot };
    Object.assign(this.counters, from.counters);
    this.watermark.restore(from.watermark);
    this.#rows.restore(from.rows);
    this.#reorder.restore(from.reorder);
    this.#dedup.restore(from.dedup, isShared);
    this.#occurrences.restore(from.occurrences);
    const { waiting = new Float64Array(0) } = from as { waiting?: Float64Array };
    for (let i = 0; i < waiting.length; i += 2) this.#waiting.set(waiting[i], waiting[i + 1]);
    this.#verdicts = (from.verdicts as unknown as DoorVerdict[]).slice();
  }
}

const tooManyPartitions: Rejection = {
  reason: 'too_many_partitions',
  message: `its source partition would be more than the ${limits.partitions} that one engine follows: read fewer sources, or give several files one partition`,
};

const rejectedBefore: Rejection = {
  reason: 'bad_line',
  message: 'the log says that it was rejected when it came; its dead letter says why',
};

function copyOf(letter: DeadLetter | null): Snapshot {
  return letter === null ? null : { ...letter, bytes: letter.bytes.slice() };
}
