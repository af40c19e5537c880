import type { Snapshot } from '../snapshot.ts';
import { KEY_STATE_OPERATOR, KEY_STATE_SLOT, type KeyTable } from './key-table.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';

/** Doubles of a state before its operator's payload: the time, then six ints. */
export const STATE_HEADER = 4;
/** SLIDING: time of the key's last event of this operator. TUMBLING: start of the window that was decided. */
export const STATE_TIME = 0;
/** Ints of a state. */
const STATE_KEY = 2;
const NEXT_OPERATOR = 3;
const NEXT_SLOT = 4;
/** SLIDING: 1 when HAVING was true at the last event. */
export const STATE_TRUE = 5;
/** Ordinal of the key's first row that a RESET has not removed. */
export const STATE_RESET = 6;
/** 1: the payload must be filled from the rows again. */
export const STATE_STALE = 7;

/**
 * HOT. What an operator remembers of a key beyond its rows, where there is something to remember: the verdict at the
 * last event, and the hot form's payload. Absent means: HAVING was not true at the key's last event of this operator.
 * (key, operator) is found by open addressing in one small table per key group; a key knows the list of its states.
 */
export class StateTable {
  /** By operator of the store. */
  readonly records: readonly Records[];
  readonly #keys: KeyTable;
  /** Per group, three ints an entry: key + 1 (0: free), operator, slot. */
  readonly #tables: Int32Array[];
  readonly #live: Int32Array;

  constructor(payloads: readonly number[], keys: KeyTable, groups: number) {
    this.records = payloads.map((doubles) => new Records(STATE_HEADER + doubles));
    this.#keys = keys;
    this.#tables = Array.from({ length: groups }, () => new Int32Array(0));
    this.#live = new Int32Array(groups);
  }

  /** The operator's state of a key of this group, or -1. */
  find(key: number, operator: number, group: number): number {
    const table = this.#tables[group];
    if (table.length === 0) return -1;
    const size = table.length / 3;
    for (let slot = place(key, operator) & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      const entry = table[3 * slot];
      if (entry === 0) return -1;
      if (entry === key + 1 && table[3 * slot + 1] === operator) return table[3 * slot + 2];
    }
  }

  /** A new state: never true, nothing reset, payload undefined. */
  create(key: number, operator: number, group: number): number {
    const records = this.records[operator];
    const state = records.allocate();
    const at = (state & SEGMENT_MASK) * records.stride;
    records.doubles[state >> SEGMENT_BITS][at + STATE_TIME] = Number.NEGATIVE_INFINITY;
    const ints = records.ints[state >> SEGMENT_BITS];
    ints[2 * at + STATE_KEY] = key;
    ints[2 * at + NEXT_OPERATOR] = this.#keys.get(key, KEY_STATE_OPERATOR);
    ints[2 * at + NEXT_SLOT] = this.#keys.get(key, KEY_STATE_SLOT);
    ints[2 * at + STATE_TRUE] = 0;
    ints[2 * at + STATE_RESET] = 0;
    ints[2 * at + STATE_STALE] = 0;
    this.#keys.set(key, KEY_STATE_OPERATOR, operator + 1);
    this.#keys.set(key, KEY_STATE_SLOT, state);
    this.#insert(key, operator, state, group);
    return state;
  }

  #insert(key: number, operator: number, state: number, group: number): void {
    const old = this.#tables[group];
    if (++this.#live[group] * 6 > old.length) {
      const grown = new Int32Array(Math.max(24, old.length * 2));
      for (let at = 0; at < old.length; at += 3) if (old[at] !== 0) put(grown, old[at], old[at + 1], old[at + 2]);
      this.#tables[group] = grown;
    }
    put(this.#tables[group], key + 1, operator, state);
  }

  getInt(operator: number, state: number, field: number): number {
    const records = this.records[operator];
    return records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride * 2 + field];
  }

  setInt(operator: number, state: number, field: number, value: number): void {
    const records = this.records[operator];
    records.ints[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride * 2 + field] = value;
  }

  getTime(operator: number, state: number): number {
    const records = this.records[operator];
    return records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride + STATE_TIME];
  }

  setTime(operator: number, state: number, time: number): void {
    const records = this.records[operator];
    records.doubles[state >> SEGMENT_BITS][(state & SEGMENT_MASK) * records.stride + STATE_TIME] = time;
  }

  /** Calls `keep` for every state of a key and frees those for which it says false. */
  sweep(key: number, group: number, keep: ((operator: number, state: number) => boolean) | null): void {
    let operator = this.#keys.get(key, KEY_STATE_OPERATOR) - 1;
    let state = this.#keys.get(key, KEY_STATE_SLOT);
    this.#keys.set(key, KEY_STATE_OPERATOR, 0);
    while (operator >= 0) {
      const nextOperator = this.getInt(operator, state, NEXT_OPERATOR) - 1;
      const nextState = this.getInt(operator, state, NEXT_SLOT);
      if (keep?.(operator, state)) {
        this.setInt(operator, state, NEXT_OPERATOR, this.#keys.get(key, KEY_STATE_OPERATOR));
        this.setInt(operator, state, NEXT_SLOT, this.#keys.get(key, KEY_STATE_SLOT));
        this.#keys.set(key, KEY_STATE_OPERATOR, operator + 1);
        this.#keys.set(key, KEY_STATE_SLOT, state);
      } else {
        this.#take(key, operator, group);
        this.records[operator].free(state);
      }
      operator = nextOperator;
      state = nextState;
    }
  }

  /** Removes an entry and moves back those behind it that may now stand nearer to their place. */
  #take(key: number, operator: number, group: number): void {
    const table = this.#tables[group];
    const mask = table.length / 3 - 1;
    let hole = place(key, operator) & mask;
    while (table[3 * hole] !== key + 1 || table[3 * hole + 1] !== operator) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; table[3 * slot] !== 0; slot = (slot + 1) & mask) {
      const home = place(table[3 * slot] - 1, table[3 * slot + 1]) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      table.copyWithin(3 * hole, 3 * slot, 3 * slot + 3);
      hole = slot;
    }
    table[3 * hole] = 0;
    this.#live[group]--;
  }

  get allocated_bytes(): number {
    const tables = this.#tables.reduce((sum, table) => sum + table.byteLength, 0);
    return tables + this.records.reduce((sum, records) => sum + records.allocated_bytes, 0);
  }

  snapshot(): Snapshot {
    return {
      records: this.records.map((records) => records.snapshot()),
      tables: this.#tables.map((table) => table.slice()),
      live: this.#live.slice(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot[]; tables: Int32Array[]; live: Int32Array };
    from.records.forEach((records, operator) => {
      this.records[operator].restore(records);
    });
    from.tables.forEach((table, group) => {
      this.#tables[group] = table.slice();
    });
    this.#live.set(from.live);
  }
}

function place(key: number, operator: number): number {
  const mixed = Math.imul(key ^ Math.imul(operator + 1, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function put(table: Int32Array, entry: number, operator: number, state: number): void {
  const mask = table.length / 3 - 1;
  let slot = place(entry - 1, operator) & mask;
  while (table[3 * slot] !== 0) slot = (slot + 1) & mask;
  table[3 * slot] = entry;
  table[3 * slot + 1] = operator;
  table[3 * slot + 2] = state;
}
