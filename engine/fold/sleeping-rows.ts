import type { JoinSpec, Program } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { MISSING } from '../state/key-table.ts';
import { ASKED_AT_ONCE } from './asked-batch.ts';
import type { JoinInput } from './join-input.ts';
import type { Side } from './join-parts.ts';
import type { PassedRows } from './join-routes.ts';
import type { Sleep } from './sleep.ts';
import { SleepingQueue } from './sleeping-queue.ts';
import { DROPPED, GROUP, ID_LENGTH, NEXT_OF_GROUP, SleepingRecords } from './sleeping-records.ts';
import type { StoreLimits } from './store-limits.ts';

/** So few places of dropped rows are not worth a walk through the queue. */
const LEAST_DROPPED = 64;

/**
 * HOT. Rows of one side of a join whose pairs no rule can read while the lookups say what they say (PairGuard.ofSide): of a
 * condition on a lookup that is nearly all of them. They stand in one queue in the order in which they came, which is that in
 * which they leave, and no key is looked for. When a lookup's content changes they are asked again, and those that can be
 * read now are kept as if they came at that moment. Only rows of events without long texts sleep. Bounded per key group
 * (rows_per_group): beyond it the group's oldest goes, counted.
 */
export class SleepingRows {
  readonly #sleep: Sleep;
  /** By place in the bound batch: 1 for a row that sleeps if it is short, where it was asked. */
  #asleep: Uint8Array = new Uint8Array(0);
  readonly #records: SleepingRecords;
  readonly #keep_ms: number;
  readonly #limits: StoreLimits;
  readonly #queue = new SleepingQueue();
  /** Whether rows are counted by key group: not as long as there are so few of them that no group can have too many. */
  #isGrouped = false;
  /** By key group: its oldest and newest row, and how many it has. */
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #counts: Int32Array;
  /** What rows_per_group dropped. */
  dropped = 0;
  /** Of them, how many are still in the queue. */
  #gone = 0;

  constructor(
    sleep: Sleep,
    program: Program,
    spec: JoinSpec,
    side: Side,
    keep_ms: number,
    symbols: Symbols,
    limits: StoreLimits,
  ) {
    this.#sleep = sleep;
    this.#records = new SleepingRecords(program, spec, side, symbols);
    this.#keep_ms = keep_ms;
    this.#limits = limits;
    this.#heads = new Int32Array(limits.key_groups).fill(-1);
    this.#tails = new Int32Array(limits.key_groups).fill(-1);
    this.#counts = new Int32Array(limits.key_groups);
  }

  /** Must be called before rows of a batch are asked for, once for each batch: those that `passed` names. */
  bind(rows: StreamRows, before: number, passed: PassedRows): void {
    this.#records.bind(rows, before);
    this.#asleep = this.#sleep.ask(rows, passed.list, passed.count);
  }

  /** Whether row i of the bound batch, which has a key, sleeps; then it waits here. */
  take(rows: StreamRows, i: number): boolean {
    if (this.#asleep[i] === 0 || !this.#sleep.isShort(rows, i)) return false;
    this.#add(rows, i);
    return true;
  }

  /** The same for all that passed, where isQuiet() up to the end of the push: those that wait here leave the list. */
  takeAll(rows: StreamRows, passed: PassedRows, input: JoinInput): void {
    const { list, count } = passed;
    let kept = 0;
    for (let n = 0; n < count; n++) {
      const i = list[n];
      if (this.#asleep[i] === 0 || input.keyOf(i) !== MISSING || !this.take(rows, i)) list[kept++] = i;
    }
    passed.count = kept;
  }

  /** Whether it is known that nextTurn() has nothing to tell up to this time. false says nothing. */
  isQuiet(time: number): boolean {
    return this.#sleep.isQuiet(time);
  }

  /** What has left may still be here as long as no bound is near: it is taken away at the end of a push. */
  #add(rows: StreamRows, i: number): void {
    const time = rows.time[i];
    const { rows_per_group } = this.#limits;
    if (this.#isGrouped || this.live >= rows_per_group) this.expire(time);
    const row = this.#records.add(rows, i);
    this.#queue.push(row, time);
    if (this.#isGrouped) this.#joinGroup(row);
    else if (this.live > rows_per_group) this.#group();
  }

  /** From now on until the queue is empty, rows are counted by group. */
  #group(): void {
    this.#isGrouped = true;
    for (let n = 0; n < this.#queue.size; n++) this.#joinGroup(this.#queue.at(n));
  }

  #joinGroup(row: number): void {
    const group = this.#records.groupOf(row, this.#limits.key_groups);
    this.#records.set(row, GROUP, group);
    this.#records.set(row, NEXT_OF_GROUP, -1);
    if (this.#tails[group] < 0) this.#heads[group] = row;
    else this.#records.set(this.#tails[group], NEXT_OF_GROUP, row);
    this.#tails[group] = row;
    if (++this.#counts[group] > this.#limits.rows_per_group) this.#dropOldest(group);
  }

  #dropOldest(group: number): void {
    const row = this.#heads[group];
    this.#leaveGroup(row, group);
    this.#records.set(row, ID_LENGTH, DROPPED);
    this.dropped++;
    this.#gone++;
    // Until they are due, a flood would fill the queue with them.
    if (this.#gone > this.live + LEAST_DROPPED) this.#compact();
  }

  /** Rows that a bound dropped leave the queue. */
  #compact(): void {
    const queue = this.#queue;
    let kept = 0;
    for (let n = 0; n < queue.size; n++) {
      const row = queue.at(n);
      if (this.#records.get(row, ID_LENGTH) === DROPPED) this.#records.free(row);
      else queue.move(n, kept++);
    }
    queue.cut(kept);
    this.#gone = 0;
  }

  /** The oldest row of a group is no more of it. */
  #leaveGroup(row: number, group: number): void {
    this.#heads[group] = this.#records.get(row, NEXT_OF_GROUP);
    if (this.#heads[group] < 0) this.#tails[group] = -1;
    this.#counts[group]--;
  }

  /** Removes what no row at `time` or later can match. */
  expire(time: number): void {
    while (this.#queue.first_ms + this.#keep_ms < time) this.#takeFirst();
  }

  #takeFirst(): void {
    const row = this.#queue.shift();
    if (this.#gone > 0 && this.#records.get(row, ID_LENGTH) === DROPPED) this.#gone--;
    else if (this.#isGrouped) this.#leaveGroup(row, this.#records.get(row, GROUP));
    this.#records.free(row);
    if (this.#queue.size === 0) this.#isGrouped = false;
  }

  /** The next time up to `time` as of which those that sleep are to be asked again; Infinity: none. Times do not fall. */
  nextTurn(time: number): number {
    return this.#sleep.nextTurn(time);
  }

  /**
   * Asks every row again, in order, as of this time. `take` gets each that sleeps no more as the one row of a batch, with the
   * columns that the join reads. Rare, but of a million rows: many are asked at once, and those that sleep on stay in place.
   */
  wake(time: number, take: (one: StreamRows) => void): void {
    const queue = this.#queue;
    if (queue.size === 0) return;
    const batch = this.#records.askedBatch();
    /** By key group: the last row of those that stay; -1: none. */
    const before = new Int32Array(this.#heads.length).fill(-1);
    let kept = 0;
    for (let from = 0; from < queue.size; from += ASKED_AT_ONCE) {
      const to = Math.min(queue.size, from + ASKED_AT_ONCE);
      batch.count = 0;
      for (let n = from; n < to; n++) this.#records.copy(queue.at(n), batch);
      const asleep = this.#sleep.askAgain(batch.rows, batch.list, batch.count, time);
      for (let n = from; n < to; n++) {
        const row = queue.at(n);
        const isDropped = this.#gone > 0 && this.#records.get(row, ID_LENGTH) === DROPPED;
        if (asleep[n - from] === 1 || isDropped) {
          if (this.#isGrouped && !isDropped) before[this.#records.get(row, GROUP)] = row;
          queue.move(n, kept++);
          continue;
        }
        take(this.#records.oneOf(row));
        if (this.#isGrouped) this.#takeOutOfGroup(row, this.#records.get(row, GROUP), before);
        this.#records.free(row);
      }
    }
    queue.cut(kept);
    if (kept === 0) this.#isGrouped = false;
  }

  #takeOutOfGroup(row: number, group: number, before: Int32Array): void {
    const next = this.#records.get(row, NEXT_OF_GROUP);
    if (next < 0) this.#tails[group] = before[group];
    if (before[group] < 0) this.#heads[group] = next;
    else this.#records.set(before[group], NEXT_OF_GROUP, next);
    this.#counts[group]--;
  }

  /** Rows that sleep. */
  get live(): number {
    return this.#records.live - this.#gone;
  }

  get allocated_bytes(): number {
    return this.#records.allocated_bytes + this.#queue.allocated_bytes + 3 * this.#heads.byteLength;
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#sleep.forget();
  }

  /** Marks the dictionary ids that rows hold. */
  markUsed(used: Uint8Array): void {
    this.#records.markUsed(used);
  }

  snapshot(): Snapshot {
    return {
      records: this.#records.snapshot(),
      groups: [this.#heads.slice(), this.#tails.slice(), this.#counts.slice()],
      queue: this.#queue.snapshot(),
      counts: Float64Array.of(this.dropped, this.#gone, this.#isGrouped ? 1 : 0, this.#sleep.told_ms),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; groups: Int32Array[]; queue: Snapshot; counts: Float64Array };
    this.#records.restore(from.records);
    [this.#heads, this.#tails, this.#counts].forEach((own, k) => {
      own.set(from.groups[k]);
    });
    this.#queue.restore(from.queue, (row) => this.#records.timeOf(row));
    const [dropped, gone, isGrouped, told_ms] = from.counts;
    this.dropped = dropped;
    this.#gone = gone;
    this.#isGrouped = isGrouped === 1;
    this.#sleep.restore(told_ms);
  }
}
