import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEY_COUNT, KEY_NEWEST, KEY_REMOVED, KEY_STATE_OPERATOR, KEY_TALLY } from '../state/key-table.ts';
import { STATE_RESET, STATE_STALE, STATE_TRUE } from '../state/state-table.ts';
import type { Horizon } from './horizon.ts';
import type { KeyedStore } from './keyed-store.ts';
import type { StoreLimits } from './store-limits.ts';

/** Rows that may leave with one append: more than one, so that a backlog shrinks; few, so that no event waits long. */
const LEAVE_PER_APPEND = 4;
/** Key groups that the clock hand looks at per push, and rows that may leave from each. */
const GROUPS_PER_PUSH = 8;
const LEAVE_PER_GROUP = 64;

/**
 * HOT. What a row store forgets, and when. Every key group has a queue of its rows in total order, so what no window
 * reaches any more stands at its head: each append to a group takes a few such rows away, and a clock hand goes over
 * groups that are silent. A key goes with its last row. What is beyond a bound goes too, and is counted by the bound's
 * name; bounds count only rows that some window reaches, so that it cannot show when expired rows were taken away.
 */
export class StoreRetention {
  readonly drops: DropCounters = {};
  readonly #store: KeyedStore;
  readonly #horizon: Horizon;
  readonly #limits: StoreLimits;
  /** A key whose rows fall to this many may go cold: its states go, where nothing stands against it. */
  readonly #cold: number;
  #hand = 0;
  #now = Number.NEGATIVE_INFINITY;

  constructor(store: KeyedStore, horizon: Horizon, limits: StoreLimits) {
    this.#store = store;
    this.#horizon = horizon;
    this.#limits = limits;
    const needs = store.operators.filter((o) => o.decided !== 'end').map((o) => o.bounds.least_rows);
    this.#cold = Math.min(Number.POSITIVE_INFINITY, ...needs) >> 1;
  }

  /** Before a key is created: the group has room for it afterwards. */
  makeRoomForKey(group: number, time: number): void {
    if (this.#store.keys.count[group] < this.#limits.keys_per_group) return;
    this.#expire(group, time, Number.POSITIVE_INFINITY);
    while (this.#store.keys.count[group] >= this.#limits.keys_per_group) {
      this.#evictSilentLongest(group);
      this.#drop('keys_per_group', 1);
    }
  }

  /** After a row of the key was stored; `count` are the key's rows with it. */
  afterAppend(key: number, count: number, group: number, time: number): void {
    const { keys, table } = this.#store;
    if (table.oldestTime[group] < this.#horizon.from(time)) this.#expire(group, time, LEAVE_PER_APPEND);
    if (count > this.#limits.rows_per_key) this.#shorten(key, group, time);
    if (table.count[group] <= this.#limits.rows_per_group) return;
    this.#expire(group, time, Number.POSITIVE_INFINITY);
    while (table.count[group] > this.#limits.rows_per_group && keys.count[group] > 1) {
      this.#drop('rows_per_group', this.#evictSilentLongest(group));
    }
  }

  /** The clock hand: a bounded number of rows per push, whatever has become old. */
  sweep(until: number): void {
    const groups = this.#limits.key_groups;
    for (let k = 0; k < Math.min(GROUPS_PER_PUSH, groups); k++) {
      this.#hand = this.#hand + 1 === groups ? 0 : this.#hand + 1;
      if (this.#store.table.oldest[this.#hand] >= 0) this.#expire(this.#hand, until, LEAVE_PER_GROUP);
    }
  }

  /** Takes up to `most` rows from the head of the queue that no window reaches from `time` on. */
  #expire(group: number, time: number, most: number): void {
    const { table, keys } = this.#store;
    const from = this.#horizon.from(time);
    this.#now = time;
    for (let left = most; left > 0; left--) {
      if (table.oldestTime[group] >= from) return;
      const row = table.oldest[group];
      if (row < 0) return;
      const key = table.keyOf(row);
      this.#leave(key, row, group);
      const count = keys.get(key, KEY_COUNT) - 1;
      keys.set(key, KEY_COUNT, count);
      keys.set(key, KEY_REMOVED, keys.get(key, KEY_REMOVED) + 1);
      if (count === 0) this.#freeKey(key, group);
      else if (count === this.#cold && keys.get(key, KEY_TALLY) !== 0) this.#cool(key, group);
    }
  }

  /** Takes one row of a key out of the table and of the key's tally. */
  #leave(key: number, row: number, group: number): void {
    const { table, keys, tallies, classes } = this.#store;
    const tally = keys.get(key, KEY_TALLY);
    if (tally !== 0) tallies.add(tally, classes.buckets[table.classOf(row)], -1);
    table.remove(row, group);
  }

  #freeKey(key: number, group: number): void {
    this.#store.states.sweep(key, group, null);
    this.#freeTally(key);
    this.#store.keys.free(key);
  }

  #freeTally(key: number): void {
    const tally = this.#store.keys.get(key, KEY_TALLY);
    if (tally !== 0) this.#store.tallies.free(tally);
    this.#store.keys.set(key, KEY_TALLY, 0);
  }

  /**
   * Frees the states that the rows can give back. A verdict that was true and still stands, a window that was decided
   * and is still open, and rows that a RESET removed and that are still there cannot be read off the rows.
   */
  #cool(key: number, group: number): void {
    const { states, operators, keys, tallies } = this.#store;
    const removed = keys.get(key, KEY_REMOVED);
    const tally = keys.get(key, KEY_TALLY);
    tallies.forgetStates(tally);
    states.sweep(key, group, (local, state) => {
      const { decided, size_ms } = operators[local];
      const time = states.getTime(local, state);
      const isDecided = decided === 'early' && time + size_ms > this.#now;
      const isStanding = states.getInt(local, state, STATE_TRUE) === 1 && time >= this.#now - size_ms;
      const keep = isDecided || isStanding || states.getInt(local, state, STATE_RESET) > removed;
      if (keep) tallies.noteState(tally, local);
      return keep;
    });
    if (keys.get(key, KEY_STATE_OPERATOR) === 0) this.#freeTally(key);
  }

  /** Lets the key's oldest rows go, an eighth at once, so that the walk to them is paid by many events. */
  #shorten(key: number, group: number, time: number): void {
    const { table, keys, states } = this.#store;
    this.#expire(group, time, Number.POSITIVE_INFINITY);
    const count = keys.get(key, KEY_COUNT);
    if (count <= this.#limits.rows_per_key) return;
    const kept = this.#limits.rows_per_key - (this.#limits.rows_per_key >> 3);
    let row = keys.get(key, KEY_NEWEST);
    for (let step = 0; step < count; step++) {
      const previous = table.previousOf(row);
      if (step >= kept) this.#leave(key, row, group);
      row = previous;
    }
    keys.set(key, KEY_COUNT, kept);
    keys.set(key, KEY_REMOVED, keys.get(key, KEY_REMOVED) + count - kept);
    this.#drop('rows_per_key', count - kept);
    // Payloads may hold what stood in these rows: they are filled again when they are next looked at.
    states.sweep(key, group, (local, state) => {
      states.setInt(local, state, STATE_STALE, 1);
      return true;
    });
  }

  /** Returns how many rows went. */
  #evictSilentLongest(group: number): number {
    const { table, keys } = this.#store;
    const key = table.silentLongest(group, (candidate) => keys.get(candidate, KEY_NEWEST));
    const count = keys.get(key, KEY_COUNT);
    let row = keys.get(key, KEY_NEWEST);
    for (let step = 0; step < count; step++) {
      const previous = table.previousOf(row);
      this.#leave(key, row, group);
      row = previous;
    }
    this.#freeKey(key, group);
    return count;
  }

  #drop(bound: keyof DropCounters, count: number): void {
    this.drops[bound] = (this.drops[bound] ?? 0) + count;
  }

  snapshot(): Snapshot {
    return { hand: this.#hand, drops: { ...this.drops } };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { hand: number; drops: DropCounters };
    this.#hand = from.hand;
    Object.assign(this.drops, from.drops);
  }
}
