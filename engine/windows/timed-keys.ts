import type { StoreLimits } from '../fold/store-limits.ts';
import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_BLOCK, KEY_COUNT, KEY_MARKS, KEY_NEWEST, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import { LongTexts } from '../state/long-texts.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import type { RowTable } from '../state/row-table.ts';
import { COLD_MARKS, type ColdKeys } from './cold-keys.ts';
import type { TimedStates } from './timed-states.ts';
import type { TimedWindow } from './timed-window.ts';

/** Ints of a key that a window store adds to those of every store: what it needs as a cold one, and then these. */
export const TIMED_MARKS = COLD_MARKS + 2;
/** With so many rows it is trimmed. */
const TRIM_AT = KEY_MARKS + COLD_MARKS;
/** 1: it is cold no more, until it goes (cold-keys.ts). */
const AWAKE = TRIM_AT + 1;
/** Ints of the record of a key with states: how many it has, then its state per operator. */
const HELD = 0;
const STATES = 1;
/** A key with fewer rows than this is not trimmed. */
const LEAST_TRIM = 16;

/**
 * HOT. What a window store keeps of a key, and when it goes: a key with its last state, or where it is cold when no
 * operator would have one, rows of a key that no state asks
 * for any more when they have become many, and what is beyond a bound, counted by the bound's name. All of it follows
 * from the rows of the key group alone, so that batches and shards cannot show.
 */
export class TimedKeys {
  readonly drops: DropCounters = {};
  readonly long: LongTexts;
  /** By key group the time up to which events of keys that a bound drove out are forgotten. */
  readonly forgottenTo: Float64Array;
  readonly #states: TimedStates;
  readonly #windows: readonly TimedWindow[];
  readonly #table: RowTable;
  readonly #keys: KeyTable;
  readonly #limits: StoreLimits;
  readonly #cold: ColdKeys;
  /** One per key that has a state, named by KEY_BLOCK. Record 0 is "none". */
  readonly #records: Records;

  constructor(
    states: TimedStates,
    windows: readonly TimedWindow[],
    cold: ColdKeys,
    table: RowTable,
    keys: KeyTable,
    limits: StoreLimits,
  ) {
    this.#states = states;
    this.#windows = windows;
    this.#cold = cold;
    this.#table = table;
    this.#keys = keys;
    this.#limits = limits;
    this.long = new LongTexts(limits.key_groups);
    this.forgottenTo = new Float64Array(limits.key_groups).fill(Number.NEGATIVE_INFINITY);
    this.#records = new Records((STATES + windows.length + 1) >> 1);
    this.#records.allocate();
  }

  /** A key was created. */
  add(key: number): void {
    this.#keys.set(key, TRIM_AT, LEAST_TRIM);
    this.#keys.set(key, AWAKE, this.#cold.least === Number.POSITIVE_INFINITY ? 1 : 0);
    this.#cold.release(key);
    const own = this.#keys.longBytesOf(key);
    if (own > 0) this.long.add(key, this.#keys.groupOf(key), own);
  }

  /** 0: the operator remembers nothing of the key. */
  stateOf(key: number, local: number): number {
    const record = this.#keys.get(key, KEY_BLOCK);
    return record === 0 ? 0 : this.#intsOf(record)[this.#placeIn(record) + STATES + local];
  }

  isAwake(key: number): boolean {
    return this.#keys.get(key, AWAKE) === 1;
  }

  /** Gives a cold key's operators the states that they would have at `time`, its newest `leftOut` rows left out. */
  wake(key: number, time: number, leftOut: number): void {
    const cold = this.#cold;
    cold.read(key, leftOut);
    for (let k = 0; k < cold.count; k++) {
      const local = cold.found[k];
      if (cold.isKept(local, time)) cold.wake(local, this.createState(key, local), time);
    }
    cold.release(key);
    this.#keys.set(key, AWAKE, 1);
  }

  createState(key: number, local: number): number {
    const state = this.#states.create(local, key);
    const record = this.#keys.get(key, KEY_BLOCK) || this.#makeRecord(key);
    const ints = this.#intsOf(record);
    const at = this.#placeIn(record);
    ints[at + STATES + local] = state;
    ints[at + HELD]++;
    return state;
  }

  #makeRecord(key: number): number {
    const record = this.#records.allocate();
    this.#keys.set(key, KEY_BLOCK, record);
    const at = this.#placeIn(record);
    this.#intsOf(record).fill(0, at, at + STATES + this.#windows.length);
    return record;
  }

  #intsOf(record: number): Int32Array {
    return this.#records.ints[record >> SEGMENT_BITS];
  }

  #placeIn(record: number): number {
    return (record & SEGMENT_MASK) * this.#records.stride * 2;
  }

  /** A state has nothing more to remember; with the last one of its key the key goes. */
  freeState(state: number): void {
    const key = this.#states.keyOf(state);
    const local = this.#states.operatorOf(state);
    this.#windows[local].forget(state);
    this.#states.free(state);
    const record = this.#keys.get(key, KEY_BLOCK);
    const ints = this.#intsOf(record);
    const at = this.#placeIn(record);
    ints[at + STATES + local] = 0;
    if (--ints[at + HELD] === 0 && !this.#cold.isHeld(key)) this.#freeKey(key);
  }

  /** Cold keys that are due by `time` go: whose due time - 1 lies before it. */
  forgetCold(time: number): void {
    while (this.#cold.firstDue - 1 < time) {
      const key = this.#cold.next();
      if (this.#cold.isLong) this.wake(key, time, 0);
      if (key >= 0 && !this.#hasStates(key)) this.#freeKey(key);
    }
  }

  #hasStates(key: number): boolean {
    const record = this.#keys.get(key, KEY_BLOCK);
    return record !== 0 && this.#intsOf(record)[this.#placeIn(record) + HELD] > 0;
  }

  /** Before a key is created: the group has room for it afterwards. */
  makeRoomForKey(group: number): void {
    while (this.#keys.count[group] >= this.#limits.keys_per_group) {
      this.#evictSilentLongest(group);
      this.drop('keys_per_group', 1);
    }
  }

  /** After a row of the key was stored. */
  afterAppend(key: number): void {
    const { rows_per_key, rows_per_group } = this.#limits;
    const count = this.#keys.get(key, KEY_COUNT);
    // An eighth at once, so that the walk to the oldest rows is paid by many events.
    if (count > rows_per_key) this.drop('rows_per_key', this.#cut(key, rows_per_key - (rows_per_key >> 3)));
    const group = this.#keys.groupOf(key);
    if (this.#table.mayHoldLong) this.#holdLong(key, group);
    while (this.#table.count[group] > rows_per_group && this.#keys.count[group] > 1) {
      this.drop('rows_per_group', this.#evictSilentLongest(group));
    }
  }

  /** Counts the long texts of the key's newest row. */
  #holdLong(key: number, group: number): void {
    const { long } = this;
    const bytes = this.#table.longBytesOf(this.#keys.get(key, KEY_NEWEST));
    if (bytes + this.#keys.longBytesOf(key) === 0) return;
    long.add(key, group, bytes);
    while (long.bytesOf(group) > this.#limits.text_bytes_per_group) {
      const oldest = long.oldest(group);
      const rows = this.#keys.get(key, KEY_COUNT);
      // A key that has all of them loses the older half of its rows.
      if (oldest !== key) this.drop('text_bytes_per_group', this.#evict(oldest, group));
      else if (rows > 1) this.drop('text_bytes_per_group', this.#cut(key, rows >> 1));
      else return;
    }
  }

  /** Takes away what no state asks for at `time`, when the key's rows have doubled since the last time. */
  trim(key: number, time: number): void {
    const count = this.#keys.get(key, KEY_COUNT);
    if (count < this.#keys.get(key, TRIM_AT)) return;
    let from = this.isAwake(key) ? time : this.#coldFrom(key, time);
    for (let local = 0; local < this.#windows.length; local++) {
      const state = this.stateOf(key, local);
      if (state !== 0) from = Math.min(from, this.#windows[local].keepFrom(state, time));
    }
    let kept = 0;
    let row = this.#keys.get(key, KEY_NEWEST);
    while (kept < count && this.#table.timeOf(row) >= from) {
      row = this.#table.previousOf(row);
      kept++;
    }
    this.#shorten(key, kept);
    this.#keys.set(key, TRIM_AT, Math.max(LEAST_TRIM, 2 * kept));
  }

  /** From where on the rows of a cold key stay. Where they would say something else then, it is cold no more. */
  #coldFrom(key: number, time: number): number {
    this.#cold.read(key, 0);
    if (this.#cold.isFree) return this.#cold.keepFrom(time);
    this.wake(key, time, 0);
    return time;
  }

  /** Keeps the newest `kept` rows, at least one; returns how many went. */
  #shorten(key: number, kept: number): number {
    const count = this.#keys.get(key, KEY_COUNT);
    const group = this.#keys.groupOf(key);
    let row = this.#keys.get(key, KEY_NEWEST);
    for (let step = 0; step < count; step++) {
      const previous = this.#table.previousOf(row);
      if (step >= kept) {
        if (this.long.bytes > 0) this.long.take(key, group, this.#table.longBytesOf(row));
        this.#table.remove(row, group);
      }
      row = previous;
    }
    this.#keys.set(key, KEY_COUNT, Math.min(kept, count));
    return Math.max(0, count - kept);
  }

  /** The same of rows that windows may still hold. */
  #cut(key: number, kept: number): number {
    // The row that just came was not taken yet.
    if (!this.isAwake(key)) this.wake(key, this.#table.timeOf(this.#keys.get(key, KEY_NEWEST)), 1);
    const went = this.#shorten(key, kept);
    this.#keys.set(key, KEY_REMOVED, this.#keys.get(key, KEY_REMOVED) + went);
    return went;
  }

  /** Returns how many rows went. */
  #evictSilentLongest(group: number): number {
    const groupOf = (candidate: number) => this.#keys.groupOf(candidate);
    const newestOf = (candidate: number) => this.#keys.get(candidate, KEY_NEWEST);
    return this.#evict(this.#table.order.silentLongest(group, groupOf, newestOf), group);
  }

  #evict(key: number, group: number): number {
    const count = this.#keys.get(key, KEY_COUNT);
    const newest = this.#table.timeOf(this.#keys.get(key, KEY_NEWEST));
    this.forgottenTo[group] = Math.max(this.forgottenTo[group], newest);
    for (let local = 0; local < this.#windows.length; local++) {
      const state = this.stateOf(key, local);
      if (state === 0) continue;
      this.#windows[local].forget(state);
      this.#states.free(state);
    }
    this.#freeKey(key);
    return count;
  }

  #freeKey(key: number): void {
    this.#shorten(key, 0);
    if (this.long.bytes > 0) this.long.forget(key, this.#keys.groupOf(key));
    const record = this.#keys.get(key, KEY_BLOCK);
    if (record !== 0) this.#records.free(record);
    this.#keys.set(key, KEY_BLOCK, 0);
    this.#keys.free(key);
    this.#cold.release(key);
  }

  /** Counts what a bound dropped. */
  drop(bound: keyof DropCounters, count: number): void {
    this.drops[bound] = (this.drops[bound] ?? 0) + count;
  }

  get allocated_bytes(): number {
    const beside = this.#windows.reduce((sum, window) => sum + window.allocated_bytes, 0);
    const queues = this.#states.allocated_bytes + this.#cold.allocated_bytes;
    return this.#records.allocated_bytes + queues + beside + this.long.allocated_bytes;
  }

  /** With a state of every operator, and its entry in the queue. */
  get bytes_per_key(): number {
    return this.#records.stride * 8 + this.#windows.length * this.#states.bytes_per_state;
  }

  snapshot(): Snapshot {
    return {
      records: this.#records.snapshot(),
      drops: { ...this.drops },
      forgottenTo: this.forgottenTo.slice(),
      long: this.long.snapshot(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; drops: DropCounters; forgottenTo: Float64Array; long: Snapshot };
    this.long.restore(from.long);
    this.forgottenTo.set(from.forgottenTo);
    this.#records.restore(from.records);
    Object.assign(this.drops, from.drops);
    this.#cold.restore();
  }
}
