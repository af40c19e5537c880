import type { DropCounters } from '../limits.ts';
import type { JoinSpec, Program } from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { KeyTable, MISSING } from '../state/key-table.ts';
import { BaselineRows } from './baseline-rows.ts';
import { JoinBounds } from './join-bounds.ts';
import { JoinInput, STOPPED } from './join-input.ts';
import { JOIN_MARKS } from './join-layout.ts';
import { agesOf_ms, isOuter, type JoinNeeds, type JoinOperator, type Side } from './join-parts.ts';
import type { PassedRows } from './join-routes.ts';
import { JoinSide } from './join-side.ts';
import type { StoreLimits } from './store-limits.ts';

/**
 * HOT. A table as a baseline (S8): each left row gets the columns of the last row of its key in the table whose window
 * ended at or before its time. Both sides come in total order, and a window that ended at t stands at t - 1 behind all
 * else, so what a left row may see is there when it comes: nothing waits. Of a key one row is kept, the last one; more
 * only where left rows come later than their time (EXISTS held them back). The plain form (plain-baseline.ts) is its meaning.
 */
export class Baseline implements JoinOperator {
  readonly spec: JoinSpec;
  readonly #isOuter: boolean;
  /** How much later than its time a left row may come. */
  readonly #age_ms: number;
  readonly #passed: Readonly<Record<Side, PassedRows>>;
  readonly #inputs: Readonly<Record<Side, JoinInput>>;
  readonly #keys: KeyTable;
  readonly #right: JoinSide;
  readonly #bounds: JoinBounds;
  readonly #rows: BaselineRows;
  /** Sources of the right side. */
  readonly #shown: readonly number[];

  constructor(program: Program, stream: number, symbols: Symbols, limits: StoreLimits, { routes }: JoinNeeds) {
    const spec = program.streams[stream].join as JoinSpec;
    this.spec = spec;
    this.#isOuter = isOuter(spec.kind);
    this.#age_ms = agesOf_ms(program)[spec.left.stream];
    this.#passed = routes.of(spec);
    const { stream: of, key } = spec.right;
    const keyIsId = key.map((column) => columnShape(program.streams[of], column).storage === 'id');
    const inputOf = (side: Side) => new JoinInput(spec, side, keyIsId);
    this.#inputs = { left: inputOf('left'), right: inputOf('right') };
    const place = { shard: 0, shards: 1, groups: limits.key_groups };
    this.#keys = new KeyTable(key, keyIsId, JOIN_MARKS, place, symbols);
    this.#right = new JoinSide(program, spec, 'right', this.#keys, keptFor_ms(spec, this.#age_ms), symbols);
    this.#bounds = new JoinBounds(this.#keys, [this.#right], limits);
    this.#rows = new BaselineRows(program.streams[stream], spec);
    this.#shown = spec.sources.flatMap(({ side }, source) => (side === 'right' ? [source] : []));
  }

  process(left: StreamRows, right: StreamRows, until: number, first: number): StreamRows {
    this.#inputs.left.bind(left);
    this.#inputs.right.bind(right);
    this.#right.bind(right, first, true);
    this.#rows.begin(left);
    const { left: lefts, right: rights } = this.#passed;
    let r = 0;
    for (let l = 0; l < lefts.count; l++) {
      const row = lefts.list[l];
      // What ended later than the left row's own millisecond began is not for it.
      while (r < rights.count && right.time[rights.list[r]] < left.time[row]) this.#keep(right, rights.list[r++]);
      this.#join(left, row);
    }
    while (r < rights.count) this.#keep(right, rights.list[r++]);
    this.#expire(until);
    return this.#rows.make((column) => columnOf(left, column));
  }

  #join(left: StreamRows, i: number): void {
    const { parts } = this.#inputs.left;
    const known = this.#inputs.left.keyOf(i);
    if (known === STOPPED) return;
    const key = known === MISSING ? this.#keys.findParts(left.tenant[i], parts) : MISSING;
    const row = key < 0 ? -1 : this.#asOf(key, left.stamp[i]);
    if (row < 0 && !this.#isOuter) return;
    this.#rows.add(i);
    if (row < 0) return;
    for (let k = 0; k < this.#shown.length; k++) {
      const source = this.#shown[k];
      this.#rows.set(source, this.#right.rawOf(row, source));
    }
  }

  /** The key's last row whose window ended at or before `time`; -1: none that is kept so long. */
  #asOf(key: number, time: number): number {
    for (let row = this.#right.newestOf(key); row >= 0; row = this.#right.olderThan(row)) {
      const end = this.#right.timeOf(row) + 1;
      if (end <= time) return end + this.spec.before_ms >= time ? row : -1;
    }
    return -1;
  }

  #keep(rows: StreamRows, i: number): void {
    const time = rows.time[i];
    this.#expire(time);
    const { parts } = this.#inputs.right;
    if (this.#inputs.right.keyOf(i) !== MISSING) return;
    const key = this.#bounds.keyFor(rows.tenant[i], parts);
    this.#supersede(key, time);
    const row = this.#right.append(rows, i, time, key, 0);
    this.#bounds.added(this.#right, row, key);
  }

  /** Rows of the key leave for which every left row that is still to come has a newer one. */
  #supersede(key: number, time: number): void {
    for (let row = this.#right.oldestOf(key); row >= 0; row = this.#right.oldestOf(key)) {
      const newer = this.#right.newerThan(row);
      if ((newer < 0 ? time : this.#right.timeOf(newer)) > time - this.#age_ms) return;
      this.#bounds.remove(this.#right, row);
    }
  }

  /** Removes what no left row at `time` or later can see. */
  #expire(time: number): void {
    for (let row = this.#right.expiredAt(time); row >= 0; row = this.#right.expiredAt(time)) {
      this.#bounds.expire(this.#right, row);
    }
  }

  get drops(): readonly DropCounters[] {
    return [this.#bounds.drops];
  }

  get rows(): number {
    return this.#right.live;
  }

  get keys(): number {
    return this.#keys.records.live;
  }

  get bytes(): number {
    return this.#keys.allocated_bytes + this.#right.allocated_bytes + this.#bounds.allocated_bytes;
  }

  markUsed(used: Uint8Array): void {
    this.#keys.markUsed(used);
    this.#right.markUsed(used);
  }

  snapshot(): Snapshot {
    return {
      keys: this.#keys.snapshot(),
      right: this.#right.snapshot(),
      bounds: this.#bounds.snapshot(),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { keys: Snapshot; right: Snapshot; bounds: Snapshot };
    this.#keys.restore(from.keys);
    this.#right.restore(from.right);
    this.#bounds.restore(from.bounds);
  }
}

/** How long after the time of its row (end - 1) a window can be asked for. */
export function keptFor_ms({ before_ms }: JoinSpec, age_ms: number): number {
  return 1 + before_ms + age_ms;
}
