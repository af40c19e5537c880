import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Value } from '../value.ts';
import type { StoreLimits } from './store-limits.ts';

/** A row that waits for others to come, with values instead of dictionary ids: it outlives sweeps. */
export interface JoinRow {
  readonly time: number;
  readonly stamp: number;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly id: string;
  readonly event_id: string;
  /** Values for the joined row, in the order of JoinSpec.sources of its side. */
  readonly values: readonly Value[];
  /** Left rows of an outer join: whether a right row was found. */
  matched: boolean;
  /** A bound dropped it. */
  dropped: boolean;
}

interface JoinKey {
  left: JoinRow[];
  right: JoinRow[];
}

const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];

/** Rows of one side in total order. What lies before `first` has left. */
class RowQueue {
  #rows: { readonly name: string; readonly row: JoinRow }[] = [];
  #first = 0;

  push(name: string, row: JoinRow): void {
    this.#rows.push({ name, row });
  }

  /** The oldest row, if its time lies before this one; it leaves. */
  takeBefore(time: number): { readonly name: string; readonly row: JoinRow } | null {
    const next = this.#rows[this.#first];
    if (next === undefined || next.row.time >= time) return null;
    this.#first++;
    if (this.#first > 64 && this.#first * 2 > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#first);
      this.#first = 0;
    }
    return next;
  }
}

/**
 * Rows of one key group, by key; the keys stand in the order in which they last got a row. Bounded in rows per key and
 * rows and keys per group; only rows that can still be matched are counted, so when the others are swept cannot show.
 */
export class JoinGroup {
  readonly #limits: StoreLimits;
  readonly #keep_ms: Readonly<Record<Side, number>>;
  readonly #keys = new Map<string, JoinKey>();
  readonly #queues = { left: new RowQueue(), right: new RowQueue() };
  rows = 0;
  readonly drops: DropCounters = {};

  /** `keep_ms`: how long after its time a row of each side can be matched. */
  constructor(limits: StoreLimits, keep_ms: Readonly<Record<Side, number>>) {
    this.#limits = limits;
    this.#keep_ms = keep_ms;
  }

  get keys(): number {
    return this.#keys.size;
  }

  /** The rows of a side that have the key, oldest first. */
  rowsOf(name: string, side: Side): readonly JoinRow[] {
    return this.#keys.get(name)?.[side] ?? [];
  }

  /** Keeps a row; rows come in total order. */
  add(name: string, side: Side, row: JoinRow): void {
    const key = this.#keys.get(name) ?? { left: [], right: [] };
    this.#keys.delete(name);
    this.#keys.set(name, key);
    key[side].push(row);
    this.#queues[side].push(name, row);
    this.rows++;
    if (key.left.length + key.right.length > this.#limits.rows_per_key) {
      const oldest = key[oldestSide(key)].shift() as JoinRow;
      oldest.dropped = true;
      this.rows--;
      this.#drop('rows_per_key', 1);
    }
    while (this.#keys.size > this.#limits.keys_per_group) this.#evict('keys_per_group');
    while (this.rows > this.#limits.rows_per_group && this.#keys.size > 1) this.#evict('rows_per_group');
  }

  /** Removes what no row at `time` or later can match, and gives the left rows among it that have no match. */
  expire(time: number, unmatched: JoinRow[]): void {
    for (const side of sides) {
      for (;;) {
        const next = this.#queues[side].takeBefore(time - this.#keep_ms[side]);
        if (next === null) break;
        const { name, row } = next;
        if (row.dropped) continue;
        // The oldest of its key: a key's rows stand in the order of the queue.
        const key = this.#keys.get(name) as JoinKey;
        key[side].shift();
        this.rows--;
        if (key.left.length + key.right.length === 0) this.#keys.delete(name);
        if (side === 'left' && !row.matched) unmatched.push(row);
      }
    }
  }

  /** The key that was silent longest goes. */
  #evict(bound: 'keys_per_group' | 'rows_per_group'): void {
    const [[name, { left, right }]] = this.#keys;
    this.#keys.delete(name);
    const rows = [...left, ...right];
    for (const row of rows) row.dropped = true;
    this.rows -= rows.length;
    this.#drop(bound, bound === 'keys_per_group' ? 1 : rows.length);
  }

  #drop(bound: keyof DropCounters, count: number): void {
    this.drops[bound] = (this.drops[bound] ?? 0) + count;
  }

  snapshot(): Snapshot {
    return JSON.stringify({ keys: [...this.#keys], drops: this.drops });
  }

  restore(snapshot: Snapshot): void {
    const from = JSON.parse(snapshot as string) as { keys: [string, JoinKey][]; drops: DropCounters };
    Object.assign(this.drops, from.drops);
    for (const [name] of from.keys) this.#keys.set(name, { left: [], right: [] });
    for (const side of sides) {
      const rows = from.keys.flatMap(([name, key]) => key[side].map((row) => ({ name, row })));
      rows.sort((a, b) => a.row.time - b.row.time);
      for (const { name, row } of rows) {
        (this.#keys.get(name) as JoinKey)[side].push(row);
        this.#queues[side].push(name, row);
        this.rows++;
      }
    }
  }
}

/** The side whose first row is the older one. */
function oldestSide({ left, right }: JoinKey): Side {
  if (left.length === 0) return 'right';
  return right.length === 0 || left[0].time <= right[0].time ? 'left' : 'right';
}
