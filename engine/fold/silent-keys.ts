import type { Snapshot } from '../snapshot.ts';
import type { KeyTable } from '../state/key-table.ts';
import { KEY_ROWS, SILENT_BEFORE, SILENT_NEXT } from './join-layout.ts';

/** The keys of each key group in the order in which they last got a row, and how many rows a group has. HOT. */
export class SilentKeys {
  readonly #keys: KeyTable;
  /** Per group, as key + 1: the one that was silent longest, and the last one. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly rows: Int32Array;

  constructor(keys: KeyTable, groups: number) {
    this.#keys = keys;
    this.#first = new Int32Array(groups);
    this.#last = new Int32Array(groups);
    this.rows = new Int32Array(groups);
  }

  rowsOf(key: number): number {
    return this.#keys.get(key, KEY_ROWS);
  }

  /** Puts a key behind all others of its group. */
  add(key: number, group: number): void {
    const last = this.#last[group];
    this.#keys.set(key, SILENT_BEFORE, last);
    this.#keys.set(key, SILENT_NEXT, 0);
    if (last > 0) this.#keys.set(last - 1, SILENT_NEXT, key + 1);
    else this.#first[group] = key + 1;
    this.#last[group] = key + 1;
  }

  remove(key: number, group: number): void {
    const [before, next] = [this.#keys.get(key, SILENT_BEFORE), this.#keys.get(key, SILENT_NEXT)];
    if (before > 0) this.#keys.set(before - 1, SILENT_NEXT, next);
    else this.#first[group] = next;
    if (next > 0) this.#keys.set(next - 1, SILENT_BEFORE, before);
    else this.#last[group] = before;
  }

  longest(group: number): number {
    return this.#first[group] - 1;
  }

  snapshot(): Snapshot {
    return { first: this.#first.slice(), last: this.#last.slice(), rows: this.rows.slice() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { first: Int32Array; last: Int32Array; rows: Int32Array };
    this.#first.set(from.first);
    this.#last.set(from.last);
    this.rows.set(from.rows);
  }
}
