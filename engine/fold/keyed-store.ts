import type { DropCounters } from '../limits.ts';
import type { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { HotBlocks } from '../state/hot-blocks.ts';
import { KEY_BLOCK, KEY_COUNT, KEY_NEWEST, type KeyTable, MISSING, NULL_KEY } from '../state/key-table.ts';
import { KeyWalk } from '../state/key-walk.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import type { RowTable } from '../state/row-table.ts';
import { StateTable } from '../state/state-table.ts';
import { WindowRows } from '../state/window-rows.ts';
import type { Emission } from './emission.ts';
import { Horizon } from './horizon.ts';
import { OperatorSteps } from './operator-steps.ts';
import type { RowStore, StoreSetting } from './row-store.ts';
import { storeKeys, storeRows } from './store-base.ts';
import { StoreClasses } from './store-classes.ts';
import { StoreJudgement } from './store-judgement.ts';
import type { StoreOperator } from './store-operator.ts';
import { StoreRetention } from './store-retention.ts';
import { WindowEnds } from './window-ends.ts';

/**
 * HOT. One row store: operators of a stream that group by the same key share its rows. A row costs one append; as long
 * as the key has fewer rows than any of the row's operators needs (and no operator remembers anything of it), that is
 * all. Then the key gets a block, in which each operator counts down to the row at which it must look; only when its
 * hot form cannot say "no" the judge computes the aggregates from the rows.
 */
export class KeyedStore implements RowStore {
  readonly table: RowTable;
  readonly keys: KeyTable;
  readonly states: StateTable;
  readonly blocks: HotBlocks;
  readonly operators: readonly StoreOperator[];
  readonly retention: StoreRetention;
  readonly classes: StoreClasses;
  readonly #router: Router;
  readonly #countsNulls: boolean;
  readonly #ends: readonly WindowEnds[];
  #nextEnd = Number.POSITIVE_INFINITY;
  readonly #walk: KeyWalk;
  readonly #steps: OperatorSteps;

  constructor(setting: StoreSetting, router: Router, symbols: Symbols) {
    const { stream, key, limits } = setting;
    this.#router = router;
    this.#countsNulls = setting.shard === 0;
    const { tests, residual, ...shared } = storeRows(setting, router, symbols);
    this.table = shared.table;
    this.operators = shared.operators;
    const sizes = [...new Set(this.operators.filter((o) => o.decided === 'end').map((o) => o.size_ms))];
    this.keys = storeKeys(setting, Math.ceil(sizes.length / 32), symbols);
    this.#ends = sizes.map((size, i) => new WindowEnds(size, this.#endOperators(size), i, this.keys));
    const payloads = this.operators.map((operator) => operator.bounds.payload);
    this.states = new StateTable(payloads);
    this.blocks = new HotBlocks(this.operators.length);
    this.retention = new StoreRetention(this, new Horizon(setting.operators.map(({ spec }) => spec)), limits);
    this.classes = new StoreClasses(this.operators, setting.operators, router);
    this.#walk = new KeyWalk(this.table, this.blocks);
    const { table, keys, states, blocks, operators, classes } = this;
    const window = new WindowRows(table, { bits: classes.bits, residual, tests });
    const judgement = new StoreJudgement({ table, keys, window }, stream, key, symbols);
    const walk = this.#walk;
    this.#steps = new OperatorSteps({
      ...{ operators, classes, router, table, keys, blocks, states, walk, window, judgement, limits },
    });
  }

  #endOperators(size: number): number[] {
    const all = this.operators.map((operator, local) => ({ operator, local }));
    return all.filter(({ operator: o }) => o.decided === 'end' && o.size_ms === size).map(({ local }) => local);
  }

  /** Folds in the `count` rows of the store that `list` names; then closes windows whose end - 1 is before `until`. */
  process(rows: StreamRows, list: Int32Array, count: number, until: number, _reached: number, out: Emission[]): void {
    if (count > 0) {
      this.keys.bind(rows);
      this.table.bind(rows);
      const warmed = this.keys.warm(list, count);
      this.blocks.warm(this.keys.warmed, warmed);
    }
    for (let n = 0; n < count; n++) {
      const i = list[n];
      const time = rows.time[i];
      if (this.#nextEnd - 1 < time) this.#closeBefore(time, out);
      let key = this.keys.find(i);
      if (key < 0) {
        if (key === NULL_KEY && this.#countsNulls) this.classes.countNull(this.#router, i);
        if (key !== MISSING) continue;
        this.retention.makeRoomForKey(this.keys.group, time);
        key = this.keys.create();
      }
      this.#fold(rows, i, time, key, out);
    }
    if (this.#nextEnd - 1 < until) this.#closeBefore(until, out);
    this.retention.sweep(until, count);
  }

  #fold(rows: StreamRows, i: number, time: number, key: number, out: Emission[]): void {
    const row_class = this.#router.rowClass[i];
    this.keys.records.own(key >> SEGMENT_BITS);
    const ints = this.keys.records.ints[key >> SEGMENT_BITS];
    const at = (key & SEGMENT_MASK) * this.keys.records.stride * 2 + this.keys.ints;
    const group = this.keys.groupOf(key);
    const row = this.table.append(rows, i, row_class, key, ints[at + KEY_NEWEST], group);
    ints[at + KEY_NEWEST] = row;
    ints[at + KEY_COUNT]++;
    if (this.#ends.length > 0) this.#noteEnds(key, time);
    this.retention.afterAppend(key, ints[at + KEY_COUNT], group, time);
    let block = ints[at + KEY_BLOCK];
    if (block === 0 && ints[at + KEY_COUNT] < this.classes.least[row_class]) return;
    if (block === 0) {
      block = this.#steps.heat(key, row);
      ints[at + KEY_BLOCK] = block;
    } else this.blocks.addRecent(block, row, time, row_class, ints[at + KEY_COUNT]);
    this.#walk.start(row, block);
    this.#steps.run(rows, i, key, row, block, out);
  }

  #noteEnds(key: number, time: number): void {
    for (const ends of this.#ends) {
      ends.note(key, time);
      if (ends.end < this.#nextEnd) this.#nextEnd = ends.end;
    }
  }

  #closeBefore(time: number, out: Emission[]): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const ends of this.#ends) {
      const { end } = ends;
      if (end === Number.NEGATIVE_INFINITY) continue;
      if (end - 1 < time) ends.close((key) => this.#steps.judgeEnd(ends, end, key, out));
      else if (end < this.#nextEnd) this.#nextEnd = end;
    }
  }

  /** Rows with a NULL in the key that an operator would have read (counted on shard 0 for all). */
  nullRowsOf(local: number): number {
    return this.classes.nullRows[local];
  }

  get drops(): DropCounters {
    return this.retention.drops;
  }

  stateBytesOf(local: number): number {
    return this.states.records[local].allocated_bytes;
  }

  /** Hot: a state, a block, and the least ring of recent rows, which grows by 16 bytes a row as far as it does. */
  bytesPerKey(local: number): { readonly key: number; readonly hot: number } {
    const ring = this.blocks.recent.capacityOf(0) * 16;
    const hot = (this.states.records[local].stride + this.blocks.records.stride) * 8 + ring;
    return { key: this.keys.records.stride * 8, hot: this.operators[local].decided === 'end' ? 0 : hot };
  }

  get allocated_bytes(): number {
    const hot = this.states.allocated_bytes + this.blocks.allocated_bytes + this.retention.long.allocated_bytes;
    return this.table.allocated_bytes + this.keys.allocated_bytes + hot;
  }

  /** Marks the dictionary ids that rows and keys hold. Payloads hold only values of rows, or of rows that are gone. */
  markUsed(used: Uint8Array): void {
    this.keys.markUsed(used);
    this.table.markUsed(used);
  }

  snapshot(): Snapshot {
    return {
      table: this.table.snapshot(),
      keys: this.keys.snapshot(),
      states: this.states.snapshot(),
      blocks: this.blocks.snapshot(),
      ends: this.#ends.map((ends) => ends.snapshot()),
      nullRows: this.classes.nullRows.slice(),
      retention: this.retention.snapshot(),
    };
  }

  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as { [part: string]: Snapshot } & { ends: Snapshot[]; nullRows: Float64Array };
    this.table.restore(from.table, isShared);
    this.keys.restore(from.keys, isShared);
    this.states.restore(from.states, isShared);
    this.blocks.restore(from.blocks);
    this.#nextEnd = Number.POSITIVE_INFINITY;
    this.#ends.forEach((ends, i) => {
      ends.restore(from.ends[i]);
      if (ends.end !== Number.NEGATIVE_INFINITY) this.#nextEnd = Math.min(this.#nextEnd, ends.end);
    });
    this.classes.nullRows.set(from.nullRows);
    this.retention.restore(from.retention);
  }
}
