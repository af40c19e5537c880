import type { StoreLimits } from '../fold/store-limits.ts';
import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_BLOCK, KEY_COUNT, KEY_NEWEST, KEY_REMOVED, type KeyTable } from '../state/key-table.ts';
import { LongTexts } from '../state/long-texts.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import type { RowTable } from '../state/row-table.ts';
import type { TimedStates } from './timed-states.ts';
import type { TimedWindow } from './timed-window.ts';

/** Ints of a key's record: with so many rows it is trimmed; so many states it has; then its state per operator. */
const TRIM_AT = 0;
const HELD = 1;
const STATES = 2;
/** A key with fewer rows than this is not trimmed. */
const LEAST_TRIM = 16;

/**
 * HOT. What a window store keeps of a key, and when it goes: a key with its last state, rows of a key that no state asks
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
  /** One per key, named by KEY_BLOCK. Record 0 is "none". */
  readonly #records: Records;

  constructor(
    states: TimedStates,
    windows: readonly TimedWindow[],
    table: RowTable,
    keys: KeyTable,
    limits: StoreLimits,
  ) {
    this.#states = states;
    this.#windows = windows;
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
    const record = this.#records.allocate();
    this.#keys.set(key, KEY_BLOCK, record);
    const at = (record & SEGMENT_MASK) * this.#records.stride * 2;
    const ints = this.#records.ints[record >> SEGMENT_BITS];
    ints[at + TRIM_AT] = LEAST_TRIM;
    ints[at + HELD] = 0;
    ints.fill(0, at + STATES, at + STATES + this.#windows.length);
    const own = this.#keys.longBytesOf(key);
    if (own > 0) this.long.add(key, this.#keys.groupOf(key), own);
  }

  /** 0: the operator remembers nothing of the key. */
  stateOf(key: number, local: number): number {
    return this.#get(key, STATES + local);
  }

  createState(key: number, local: number): number {
    const state = this.#states.create(local, key);
    this.#set(key, STATES + local, state);
    this.#set(key, HELD, this.#get(key, HELD) + 1);
    return state;
  }

  /** A state has nothing more to remember; with the last one of its key the key goes. */
  freeState(state: number): void {
    const key = this.#states.keyOf(state);
    const local = this.#states.operatorOf(state);
    this.#windows[local].forget(state);
    this.#states.free(state);
    const record = this.#keys.get(key, KEY_BLOCK);
    const ints = this.#records.ints[record >> SEGMENT_BITS];
    const at = (record & SEGMENT_MASK) * this.#records.stride * 2;
    ints[at + STATES + local] = 0;
    if (--ints[at + HELD] === 0) this.#freeKey(key);
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
    if (count < this.#get(key, TRIM_AT)) return;
    let from = time;
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
    this.#set(key, TRIM_AT, Math.max(LEAST_TRIM, 2 * kept));
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
    this.#records.free(this.#keys.get(key, KEY_BLOCK));
    this.#keys.set(key, KEY_BLOCK, 0);
    this.#keys.free(key);
  }

  #get(key: number, field: number): number {
    const record = this.#keys.get(key, KEY_BLOCK);
    return this.#records.ints[record >> SEGMENT_BITS][(record & SEGMENT_MASK) * this.#records.stride * 2 + field];
  }

  #set(key: number, field: number, value: number): void {
    const record = this.#keys.get(key, KEY_BLOCK);
    this.#records.ints[record >> SEGMENT_BITS][(record & SEGMENT_MASK) * this.#records.stride * 2 + field] = value;
  }

  /** Counts what a bound dropped. */
  drop(bound: keyof DropCounters, count: number): void {
    this.drops[bound] = (this.drops[bound] ?? 0) + count;
  }

  get allocated_bytes(): number {
    const beside = this.#windows.reduce((sum, window) => sum + window.allocated_bytes, 0);
    return this.#records.allocated_bytes + this.#states.allocated_bytes + beside + this.long.allocated_bytes;
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
  }
}
