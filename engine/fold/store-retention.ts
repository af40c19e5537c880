import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { ASLEEP } from '../state/hot-blocks.ts';
import { KEY_BLOCK, KEY_COUNT, KEY_NEWEST, KEY_REMOVED } from '../state/key-table.ts';
import { LongTexts } from '../state/long-texts.ts';
import { STATE_RESET, STATE_STALE, STATE_TRUE } from '../state/state-table.ts';
import type { Horizon } from './horizon.ts';
import type { KeyedStore } from './keyed-store.ts';
import type { StoreLimits } from './store-limits.ts';

/** Rows that may leave in one push: more than came, so that a backlog shrinks; few, so that no event waits long. */
const LEAVE_PER_ROW = 4;
const LEAVE_PER_PUSH = 1_024;

/** Rows that leave at once. */
const ROUND = 256;

/**
 * HOT. What a row store forgets, and when. What no window reaches any more stands at the heads of the table's queues:
 * each push takes a bounded number of such rows away. A key goes with its last row. What is beyond a bound goes too, and
 * is counted by the bound's name; bounds count only rows that some window reaches, so that it cannot show when expired
 * rows were taken away.
 */
export class StoreRetention {
  readonly drops: DropCounters = {};
  readonly long: LongTexts;
  readonly #store: KeyedStore;
  readonly #horizon: Horizon;
  readonly #limits: StoreLimits;
  /** A key whose rows fall to this many may go cold: its states go, where nothing stands against it. */
  readonly #cold: number;
  /** While windows reach back to this time, no row can leave: later rows have later times. */
  #dueFrom = Number.NEGATIVE_INFINITY;
  /** Rows of a round, and their keys. */
  readonly #rows = new Int32Array(ROUND);
  readonly #keys = new Int32Array(ROUND);
  /** Keeps the compiler from leaving out the reads of sweep(). */
  touched = 0;
  #now = Number.NEGATIVE_INFINITY;

  constructor(store: KeyedStore, horizon: Horizon, limits: StoreLimits) {
    this.#store = store;
    this.#horizon = horizon;
    this.#limits = limits;
    this.long = new LongTexts(limits.key_groups);
    const needs = store.operators.filter((o) => o.decided !== 'end').map((o) => o.bounds.least_rows);
    this.#cold = Math.min(Number.POSITIVE_INFINITY, ...needs) >> 1;
  }

  /** Before a key is created: the group has room for it afterwards. */
  makeRoomForKey(group: number, time: number): void {
    if (this.#store.keys.count[group] < this.#limits.keys_per_group) return;
    this.#expire(group, time);
    while (this.#store.keys.count[group] >= this.#limits.keys_per_group) {
      this.#evictSilentLongest(group);
      this.#drop('keys_per_group', 1);
    }
  }

  /** After a row of the key was stored; `count` are the key's rows with it. */
  afterAppend(key: number, count: number, group: number, time: number): void {
    const { keys, table } = this.#store;
    if (count > this.#limits.rows_per_key) this.#shorten(key, group, time);
    if (table.mayHoldLong) this.#holdLong(key, count, group, time);
    if (table.count[group] <= this.#limits.rows_per_group) return;
    this.#expire(group, time);
    while (table.count[group] > this.#limits.rows_per_group && keys.count[group] > 1) {
      this.#drop('rows_per_group', this.#evictSilentLongest(group));
    }
  }

  /** Counts the long texts of the key's newest row; with its first one come those of the key. */
  #holdLong(key: number, count: number, group: number, time: number): void {
    const { long } = this;
    const { keys, table } = this.#store;
    const bytes = table.longBytesOf(keys.get(key, KEY_NEWEST));
    const own = keys.longBytesOf(key);
    if (bytes + own === 0) return;
    const isNew = count === 1 && keys.get(key, KEY_REMOVED) === 0;
    long.add(key, group, isNew ? bytes + own : bytes);
    const { text_bytes_per_group: most } = this.#limits;
    if (long.bytesOf(group) <= most) return;
    this.#expire(group, time);
    while (long.bytesOf(group) > most) {
      const oldest = long.oldest(group);
      if (oldest !== key) {
        this.#drop('text_bytes_per_group', this.#evict(oldest, group));
        continue;
      }
      // It has all of them: its older half goes.
      const rows = keys.get(key, KEY_COUNT);
      if (rows === 1) return;
      this.#keepNewest(key, group, rows >> 1, 'text_bytes_per_group');
    }
  }

  /** Takes away what no window reaches from `time` on. `came` rows came with this push. */
  sweep(time: number, came: number): void {
    const { order } = this.#store.table;
    const from = this.#horizon.from(time);
    if (from <= this.#dueFrom) return;
    this.#now = time;
    let left = LEAVE_PER_PUSH + LEAVE_PER_ROW * came;
    let least = time;
    for (let queue = 0; queue < order.queues && left > 0; queue++) {
      left -= this.#leave(queue, from, left);
      least = Math.min(least, order.oldestTime[queue]);
    }
    if (left > 0) this.#dueFrom = least;
  }

  /** Takes all rows of the group's queue that no window reaches from `time` on. */
  #expire(group: number, time: number): void {
    const { order } = this.#store.table;
    this.#now = time;
    this.#leave(order.queueOf(group), this.#horizon.from(time), Number.POSITIVE_INFINITY);
  }

  /**
   * Takes rows before `from` off a queue, at most `most`, in rounds: the keys of a round are touched first, in a loop
   * without dependent reads, so that the waits for memory overlap. Returns how many.
   */
  #leave(queue: number, from: number, most: number): number {
    const { table, keys } = this.#store;
    let gone = 0;
    while (gone < most) {
      const count = table.order.take(queue, from, Math.min(ROUND, most - gone), this.#rows, this.#keys);
      let touched = 0;
      for (let k = 0; k < count; k++) touched += keys.get(this.#keys[k], KEY_COUNT);
      this.touched = touched;
      for (let k = 0; k < count; k++) this.#leaveRow(this.#rows[k], this.#keys[k]);
      gone += count;
      if (count < ROUND) break;
    }
    return gone;
  }

  /** A row that was taken out of the order leaves its key. */
  #leaveRow(row: number, key: number): void {
    const { table, keys } = this.#store;
    const group = keys.groupOf(key);
    if (this.long.bytes > 0) this.long.take(key, group, table.longBytesOf(row));
    table.free(row, group);
    const count = keys.get(key, KEY_COUNT) - 1;
    keys.set(key, KEY_COUNT, count);
    keys.set(key, KEY_REMOVED, keys.get(key, KEY_REMOVED) + 1);
    if (count === 0) this.#freeKey(key);
    else if (count === this.#cold && keys.get(key, KEY_BLOCK) !== 0) this.#cool(key);
  }

  #freeKey(key: number): void {
    const block = this.#store.keys.get(key, KEY_BLOCK);
    if (block !== 0) this.#freeBlock(key, block);
    if (this.long.bytes > 0) this.long.forget(key, this.#store.keys.groupOf(key));
    this.#store.keys.free(key);
  }

  #freeBlock(key: number, block: number): void {
    const { blocks, states, keys } = this.#store;
    for (let local = 0; local < blocks.operators; local++) {
      const state = blocks.getState(block, local);
      if (state !== 0) states.free(local, state);
    }
    blocks.free(block);
    keys.set(key, KEY_BLOCK, 0);
  }

  /** Frees what the rows can give back; without anything else the key is cold again. */
  #cool(key: number): void {
    const { blocks, states, operators, keys } = this.#store;
    const block = keys.get(key, KEY_BLOCK);
    let kept = 0;
    for (let local = 0; local < operators.length; local++) {
      if (this.#mustStay(key, block, local)) {
        kept++;
        continue;
      }
      const state = blocks.getState(block, local);
      if (state !== 0) {
        states.free(local, state);
        blocks.setState(block, local, 0);
      }
      blocks.setUntil(block, local, Number.NEGATIVE_INFINITY);
      blocks.setLeft(block, local, 1);
    }
    if (kept === 0) this.#freeBlock(key, block);
  }

  /**
   * A verdict that was true and still stands, a window that was decided and is still open, and rows that a RESET removed
   * and that are still there cannot be read off the rows.
   */
  #mustStay(key: number, block: number, local: number): boolean {
    const { blocks, states, operators, keys } = this.#store;
    const { decided, size_ms } = operators[local];
    const remembered_ms = decided === 'event' ? size_ms : 0;
    if (blocks.getUntil(block, local) >= this.#now - remembered_ms) return true;
    const state = blocks.getState(block, local);
    if (state === 0 || decided !== 'event') return false;
    const isStanding =
      states.getInt(local, state, STATE_TRUE) === 1 && states.getTime(local, state) >= this.#now - size_ms;
    return isStanding || states.getInt(local, state, STATE_RESET) > keys.get(key, KEY_REMOVED);
  }

  /** Lets the key's oldest rows go, an eighth at once, so that the walk to them is paid by many events. */
  #shorten(key: number, group: number, time: number): void {
    this.#expire(group, time);
    const { rows_per_key: most } = this.#limits;
    if (this.#store.keys.get(key, KEY_COUNT) > most) this.#keepNewest(key, group, most - (most >> 3), 'rows_per_key');
  }

  /** The key's older rows go, because of a bound. */
  #keepNewest(key: number, group: number, kept: number, bound: keyof DropCounters): void {
    const { table, keys } = this.#store;
    const count = keys.get(key, KEY_COUNT);
    let row = keys.get(key, KEY_NEWEST);
    for (let step = 0; step < count; step++) {
      const previous = table.previousOf(row);
      if (step >= kept) {
        if (this.long.bytes > 0) this.long.take(key, group, table.longBytesOf(row));
        table.remove(row, group);
      }
      row = previous;
    }
    keys.set(key, KEY_COUNT, kept);
    keys.set(key, KEY_REMOVED, keys.get(key, KEY_REMOVED) + count - kept);
    this.#drop(bound, count - kept);
    const block = keys.get(key, KEY_BLOCK);
    if (block !== 0) this.#lookAgain(block);
  }

  /** Payloads may hold what stood in rows that are gone, and sleep may rest on them: operators look at the rows again. */
  #lookAgain(block: number): void {
    const { blocks, states, operators } = this.#store;
    for (let local = 0; local < operators.length; local++) {
      const state = blocks.getState(block, local);
      if (state !== 0) states.setInt(local, state, STATE_STALE, 1);
      // A TUMBLING window that was decided stays decided, whatever rows it has left.
      else if (operators[local].decided === 'event' && blocks.getLeft(block, local) === ASLEEP) {
        blocks.setLeft(block, local, 1);
      }
    }
  }

  /** Returns how many rows went. */
  #evictSilentLongest(group: number): number {
    const { table, keys } = this.#store;
    const newestOf = (candidate: number) => keys.get(candidate, KEY_NEWEST);
    return this.#evict(
      table.order.silentLongest(group, (candidate) => keys.groupOf(candidate), newestOf),
      group,
    );
  }

  #evict(key: number, group: number): number {
    const { table, keys } = this.#store;
    const count = keys.get(key, KEY_COUNT);
    let row = keys.get(key, KEY_NEWEST);
    for (let step = 0; step < count; step++) {
      const previous = table.previousOf(row);
      table.remove(row, group);
      row = previous;
    }
    this.#freeKey(key);
    return count;
  }

  #drop(bound: keyof DropCounters, count: number): void {
    this.drops[bound] = (this.drops[bound] ?? 0) + count;
  }

  snapshot(): Snapshot {
    return { drops: { ...this.drops }, long: this.long.snapshot() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { drops: DropCounters; long: Snapshot };
    Object.assign(this.drops, from.drops);
    this.long.restore(from.long);
  }
}
