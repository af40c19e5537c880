import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import type { JoinRow, Side } from './join-parts.ts';
import type { StoreLimits } from './store-limits.ts';

/** A row that waits for others to come, with values instead of dictionary ids: it outlives sweeps. */
export interface WaitingRow extends JoinRow {
  /** Left rows: whether a right row was found. */
  matched: boolean;
  /** Left rows: a window's end gave it in the last millisecond that can match, so it stands behind its deadline. */
  isLast: boolean;
  /** It has left before its time. */
  dropped: boolean;
}

interface JoinKey {
  left: WaitingRow[];
  right: WaitingRow[];
}

const sides = ['left', 'right'] as const;

/** A row that sleeps, with the name of its key. */
export interface Sleeper {
  readonly name: string;
  readonly row: WaitingRow;
}

/** A row in a queue, and up to when it can be matched. */
interface Queued {
  readonly name: string;
  readonly row: WaitingRow;
  readonly until: number;
}

/** So few places of dropped rows are not worth a walk through the queues. */
const LEAST_QUEUED = 64;

/** Rows of one side by when they leave; those of one time in the order in which they came. */
class RowQueue {
  #rows: Queued[] = [];
  #first = 0;

  /** Mostly at the end: only rows that an EXISTS held back come out of the order of their times. */
  push(one: Queued): void {
    let place = this.#rows.length;
    while (place > this.#first && this.#rows[place - 1].until > one.until) place--;
    this.#rows.splice(place, 0, one);
  }

  /** Rows that left before their time leave at once: until they are due, a flood would fill the queue with them. */
  compact(): void {
    this.#rows = this.#rows.slice(this.#first).filter(({ row }) => !row.dropped);
    this.#first = 0;
  }

  /** How many rows it holds, dropped ones too. */
  get length(): number {
    return this.#rows.length - this.#first;
  }

  /** The first row, if it can be matched no more at this time; it leaves. */
  takeBefore(time: number): Queued | null {
    const next = this.#rows[this.#first];
    if (next === undefined || next.until >= time) return null;
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
  /** Rows that sleep (sleep.ts), in the order in which they came. */
  #sleeping: Record<Side, Sleeper[]> = { left: [], right: [] };
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
  rowsOf(name: string, side: Side): readonly WaitingRow[] {
    return this.#keys.get(name)?.[side] ?? [];
  }

  /** Of a key's right rows, those whose next newer one, or the coming row, has at most this time leave. */
  supersede(name: string, time: number, floor: number): void {
    const rows = this.#keys.get(name)?.right ?? [];
    while (rows.length > 0 && (rows[1]?.time ?? time) <= floor) {
      (rows.shift() as WaitingRow).dropped = true;
      this.rows--;
    }
  }

  /** Keeps a row; rows come in total order. */
  add(name: string, side: Side, row: WaitingRow): void {
    const key = this.#keys.get(name) ?? { left: [], right: [] };
    this.#keys.delete(name);
    this.#keys.set(name, key);
    key[side].push(row);
    this.#enqueue(name, side, row);
    if (key.left.length + key.right.length > this.#limits.rows_per_key) {
      const oldest = key[oldestSide(key)].shift() as WaitingRow;
      oldest.dropped = true;
      this.rows--;
      this.#drop('rows_per_key', 1);
    }
    while (this.#keys.size > this.#limits.keys_per_group) this.#evict('keys_per_group');
    while (this.rows > this.#limits.rows_per_group && this.#keys.size > 1) this.#evict('rows_per_group');
    if (this.queued > 2 * this.rows + LEAST_QUEUED) for (const one of sides) this.#queues[one].compact();
  }

  /** A row falls asleep. Beyond the bound the side's oldest one goes. */
  fallAsleep(name: string, side: Side, row: WaitingRow): void {
    this.#sleeping[side].push({ name, row });
    if (this.#sleeping[side].length <= this.#limits.rows_per_group) return;
    this.#sleeping[side].shift();
    this.#drop('rows_per_group', 1);
  }

  /** Keeps those of a side that sleep no more. */
  wake(side: Side, sleeps: (row: WaitingRow) => boolean): void {
    const all = this.#sleeping[side];
    this.#sleeping[side] = [];
    for (const one of all) {
      if (sleeps(one.row)) this.#sleeping[side].push(one);
      else this.add(one.name, side, one.row);
    }
  }

  /** Places in the queues: at most so many more than twice the rows. */
  get queued(): number {
    return this.#queues.left.length + this.#queues.right.length;
  }

  /** Takes out a left row that waits for nothing more. */
  remove(name: string, row: WaitingRow): void {
    const key = this.#keys.get(name) as JoinKey;
    key.left.splice(key.left.indexOf(row), 1);
    row.dropped = true;
    this.rows--;
    if (key.left.length + key.right.length === 0) this.#keys.delete(name);
  }

  #enqueue(name: string, side: Side, row: WaitingRow): void {
    this.#queues[side].push({ name, row, until: row.time + this.#keep_ms[side] });
    this.rows++;
  }

  /** Removes what no row at `time` or later can match, and gives the left rows among it that have no match. */
  expire(time: number, unmatched: WaitingRow[]): void {
    for (const side of sides) {
      const slept = this.#sleeping[side];
      while (slept.length > 0 && slept[0].row.time + this.#keep_ms[side] < time) slept.shift();
      for (;;) {
        const next = this.#queues[side].takeBefore(time);
        if (next === null) break;
        const { name, row } = next;
        if (row.dropped) continue;
        const key = this.#keys.get(name) as JoinKey;
        // Mostly the first: a key's rows stand in the order in which they came.
        key[side].splice(key[side].indexOf(row), 1);
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
    return JSON.stringify({ keys: [...this.#keys], drops: this.drops, sleeping: this.#sleeping });
  }

  restore(snapshot: Snapshot): void {
    const from = JSON.parse(snapshot as string) as {
      readonly keys: [string, JoinKey][];
      readonly drops: DropCounters;
      readonly sleeping: Record<Side, Sleeper[]>;
    };
    this.#sleeping = from.sleeping;
    Object.assign(this.drops, from.drops);
    for (const [name, key] of from.keys) {
      this.#keys.set(name, key);
      for (const side of sides) {
        for (const row of key[side]) this.#enqueue(name, side, row);
      }
    }
  }
}

/** The side whose first row is the older one. */
function oldestSide({ left, right }: JoinKey): Side {
  if (left.length === 0) return 'right';
  return right.length === 0 || left[0].time <= right[0].time ? 'left' : 'right';
}
