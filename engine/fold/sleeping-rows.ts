import type { Column } from '../batch.ts';
import { type JoinSpec, type Program, TENANT_COLUMN, TIMESTAMP_COLUMN } from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import { noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { contentHash, groupOf } from '../state/key-hash.ts';
import { Records } from '../state/records.ts';
import { ASKED_AT_ONCE, AskedBatch } from './asked-batch.ts';
import { INLINE_ID_BYTES } from './join-layout.ts';
import { orderOf, type Side } from './join-parts.ts';
import type { PassedRows } from './join-routes.ts';
import type { Sleep } from './sleep.ts';
import type { StoreLimits } from './store-limits.ts';

/** Doubles of a row; behind them its columns. */
const TIME = 0;
const ORDER = 1;
const COLUMNS = 2;
/** Ints of a row, behind its doubles. */
const TENANT = 0;
const GROUP = 1;
const NEXT = 2;
const NEXT_OF_GROUP = 3;
/** -1: a bound has dropped the row, which is still in the queue. */
const ID_LENGTH = 4;
const ID = 5;

const DROPPED = -1;

/** So few places of dropped rows are not worth a walk through the queue. */
const LEAST_DROPPED = 64;

/** While rows are asked again: the last one of those that stay, of all and by key group; -1: none. */
interface Before {
  row: number;
  readonly ofGroup: Int32Array;
}

/**
 * HOT. Rows of one side of a join whose pairs no rule can read while the lookups say what they say (PairGuard.ofSide): of a
 * condition on a lookup that is nearly all of them. They stand in one queue in the order in which they came, which is that in
 * which they leave, and no key is looked for. When a lookup's content changes they are asked again, and those that can be
 * read now are kept as if they came at that moment. Only rows of events without long texts sleep. Bounded per key group
 * (rows_per_group): beyond it the group's oldest goes, counted.
 */
export class SleepingRows {
  readonly #records: Records;
  readonly #ints: number;
  readonly #columns: readonly number[];
  /** Of #columns, those that are dictionary ids. */
  readonly #isId: readonly boolean[];
  /** Of the key's parts, which of #columns each is; -1: the row's time or tenant. */
  readonly #keyAt: readonly number[];
  readonly #keyColumns: readonly number[];
  readonly #keyIsId: readonly boolean[];
  readonly #key: number[];
  readonly #keep_ms: number;
  readonly #limits: StoreLimits;
  readonly #symbols: Symbols;
  #sources: Column[] = [];
  #before = 0;
  #first = -1;
  /** Its time; Infinity without one. */
  #first_ms = Number.POSITIVE_INFINITY;
  #last = -1;
  /** Whether rows are counted by key group: not as long as there are so few of them that no group can have too many. */
  #isGrouped = false;
  /** By key group: its oldest and newest row, and how many it has. */
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #counts: Int32Array;
  /** What rows_per_group dropped. */
  dropped = 0;
  /** Of them, how many are still in the queue. */
  #gone = 0;

  readonly #sleep: Sleep;
  /** By place in the bound batch: 1 for a row that sleeps, where it was asked. */
  #asleep = new Uint8Array(0);

  constructor(
    sleep: Sleep,
    program: Program,
    spec: JoinSpec,
    side: Side,
    keep_ms: number,
    symbols: Symbols,
    limits: StoreLimits,
  ) {
    this.#sleep = sleep;
    const { stream, key } = spec[side];
    const read = spec.sources.flatMap((one) => (one.side === side ? [one.column] : []));
    this.#columns = [...new Set([...key, ...read])].filter((column) => column >= 0);
    const isId = (column: number) => columnShape(program.streams[stream], column).storage === 'id';
    this.#isId = this.#columns.map(isId);
    this.#keyAt = key.map((column) => this.#columns.indexOf(column));
    this.#keyColumns = key;
    this.#keyIsId = key.map(isId);
    this.#key = key.map(() => 0);
    this.#keep_ms = keep_ms;
    this.#symbols = symbols;
    this.#limits = limits;
    const end = COLUMNS + this.#columns.length;
    this.#ints = 2 * end;
    this.#records = new Records(end + ((ID + INLINE_ID_BYTES / 4 + 1) >> 1));
    this.#heads = new Int32Array(limits.key_groups).fill(-1);
    this.#tails = new Int32Array(limits.key_groups).fill(-1);
    this.#counts = new Int32Array(limits.key_groups);
  }

  /** Must be called before rows of a batch are asked for, once for each batch: those that `passed` names. */
  bind(rows: StreamRows, before: number, passed: PassedRows): void {
    this.#readFrom(rows, before);
    if (this.#asleep.length < rows.count) this.#asleep = new Uint8Array(2 * rows.count);
    this.#sleep.ask(rows, passed.list, passed.count, this.#asleep);
  }

  #readFrom(rows: StreamRows, before: number): void {
    this.#before = before;
    this.#sources = this.#columns.map((column) => columnOf(rows, column));
  }

  /** Whether row i of the bound batch, which has a key, sleeps; then it waits here. */
  take(rows: StreamRows, i: number): boolean {
    if (this.#asleep[i] === 0) return false;
    this.#add(rows, i);
    return true;
  }

  #add(rows: StreamRows, i: number): void {
    const row = this.#records.allocate();
    const at = (row & this.#records.mask) * this.#records.stride;
    const doubles = this.#records.doubles[row >> this.#records.bits];
    const ints = this.#records.ints[row >> this.#records.bits];
    doubles[at + TIME] = rows.time[i];
    doubles[at + ORDER] = orderOf(rows, i, this.#before);
    for (let k = 0; k < this.#sources.length; k++) doubles[at + COLUMNS + k] = this.#sources[k][i];
    const base = 2 * at + this.#ints;
    ints[base + TENANT] = rows.tenant[i];
    ints[base + NEXT] = -1;
    this.#writeId(row, base, rows, i);
    if (this.#last < 0) this.#setFirst(row);
    else this.#set(this.#last, NEXT, row);
    this.#last = row;
    if (this.#isGrouped) this.#joinGroup(row);
    else if (this.live > this.#limits.rows_per_group) this.#group();
  }

  #setFirst(row: number): void {
    this.#first = row;
    this.#first_ms = row < 0 ? Number.POSITIVE_INFINITY : this.#timeOf(row);
  }

  /** From now on until the queue is empty, rows are counted by group. */
  #group(): void {
    this.#isGrouped = true;
    for (let row = this.#first; row >= 0; row = this.#get(row, NEXT)) this.#joinGroup(row);
  }

  #joinGroup(row: number): void {
    const at = (row & this.#records.mask) * this.#records.stride + COLUMNS;
    const doubles = this.#records.doubles[row >> this.#records.bits];
    for (let k = 0; k < this.#key.length; k++) {
      const place = this.#keyAt[k];
      this.#key[k] = place >= 0 ? doubles[at + place] : this.#ownValue(row, this.#keyColumns[k]);
    }
    const hash = contentHash(this.#symbols, this.#get(row, TENANT), this.#key, this.#keyIsId);
    const group = groupOf(hash, this.#limits.key_groups);
    this.#set(row, GROUP, group);
    this.#set(row, NEXT_OF_GROUP, -1);
    if (this.#tails[group] < 0) this.#heads[group] = row;
    else this.#set(this.#tails[group], NEXT_OF_GROUP, row);
    this.#tails[group] = row;
    if (++this.#counts[group] > this.#limits.rows_per_group) this.#dropOldest(group);
  }

  /** What ON may ask for beside columns. */
  #ownValue(row: number, column: number): number {
    if (column === TIMESTAMP_COLUMN) return this.#timeOf(row);
    if (column === TENANT_COLUMN) return this.#get(row, TENANT);
    throw new Error(`column ${column} of a join's key is kept nowhere`);
  }

  #writeId(row: number, base: number, { idStart, idBytes }: StreamRows, i: number): void {
    const start = idStart[i];
    const length = idStart[i + 1] - start;
    this.#records.ints[row >> this.#records.bits][base + ID_LENGTH] = length;
    const bytes = this.#records.bytes[row >> this.#records.bits];
    const target = (base + ID) * 4;
    for (let k = 0; k < length; k++) bytes[target + k] = idBytes[start + k];
  }

  #dropOldest(group: number): void {
    const row = this.#heads[group];
    this.#leaveGroup(row, group);
    this.#set(row, ID_LENGTH, DROPPED);
    this.dropped++;
    this.#gone++;
    // Until they are due, a flood would fill the queue with them.
    if (this.#gone > this.live + LEAST_DROPPED) this.#compact();
  }

  /** Rows that a bound dropped leave the queue. */
  #compact(): void {
    let kept = -1;
    for (let row = this.#first, next = -1; row >= 0; row = next) {
      next = this.#get(row, NEXT);
      if (this.#get(row, ID_LENGTH) === DROPPED) {
        this.#records.free(row);
        continue;
      }
      if (kept < 0) this.#setFirst(row);
      else this.#set(kept, NEXT, row);
      kept = row;
    }
    this.#set(kept, NEXT, -1);
    this.#last = kept;
    this.#gone = 0;
  }

  /** The oldest row of a group is no more of it. */
  #leaveGroup(row: number, group: number): void {
    this.#heads[group] = this.#get(row, NEXT_OF_GROUP);
    if (this.#heads[group] < 0) this.#tails[group] = -1;
    this.#counts[group]--;
  }

  /** Removes what no row at `time` or later can match. */
  expire(time: number): void {
    while (this.#first_ms + this.#keep_ms < time) this.#takeFirst();
  }

  #takeFirst(): void {
    const row = this.#first;
    if (this.#get(row, ID_LENGTH) === DROPPED) this.#gone--;
    else if (this.#isGrouped) this.#leaveGroup(row, this.#get(row, GROUP));
    this.#setFirst(this.#get(row, NEXT));
    this.#records.free(row);
    if (this.#first >= 0) return;
    this.#last = -1;
    this.#isGrouped = false;
  }

  /** The next time up to `time` as of which those that sleep are to be asked again; Infinity: none. Times do not fall. */
  nextTurn(time: number): number {
    return this.#sleep.nextTurn(time);
  }

  /**
   * Asks every row again, in order, as of this time. `take` gets each that sleeps no more as the one row of a batch, with the
   * columns that the join reads. Rare, but of a million rows: many are asked at once, and those that sleep on stay in place.
   */
  wake(time: number, take: (one: StreamRows) => void): void {
    if (this.#first < 0) return;
    const batch = new AskedBatch(this.#columns, this.#isId);
    const before: Before = { row: -1, ofGroup: new Int32Array(this.#heads.length).fill(-1) };
    for (let row = this.#first, stop = -1; row >= 0; row = stop) {
      batch.count = 0;
      for (stop = row; stop >= 0 && batch.count < ASKED_AT_ONCE; stop = this.#get(stop, NEXT)) this.#copy(stop, batch);
      const asleep = this.#sleep.askAgain(batch.rows, batch.list, batch.count, time);
      for (let n = 0, one = row, next = -1; one !== stop; n++, one = next) {
        next = this.#get(one, NEXT);
        const isDropped = this.#get(one, ID_LENGTH) === DROPPED;
        if (asleep[n] === 1 || isDropped) {
          before.row = one;
          if (this.#isGrouped && !isDropped) before.ofGroup[this.#get(one, GROUP)] = one;
          continue;
        }
        take(this.#oneOf(one));
        this.#takeOut(one, before);
      }
    }
  }

  #copy(row: number, batch: AskedBatch): void {
    const at = (row & this.#records.mask) * this.#records.stride;
    batch.add(this.#records.doubles[row >> this.#records.bits], at + TIME, at + COLUMNS, this.#get(row, TENANT));
  }

  /** A row leaves that stands behind these. */
  #takeOut(row: number, before: Before): void {
    if (this.#isGrouped) this.#takeOutOfGroup(row, this.#get(row, GROUP), before.ofGroup);
    const next = this.#get(row, NEXT);
    if (next < 0) this.#last = before.row;
    if (before.row < 0) this.#setFirst(next);
    else this.#set(before.row, NEXT, next);
    this.#records.free(row);
    if (this.#first < 0) this.#isGrouped = false;
  }

  #takeOutOfGroup(row: number, group: number, before: Int32Array): void {
    const next = this.#get(row, NEXT_OF_GROUP);
    if (next < 0) this.#tails[group] = before[group];
    if (before[group] < 0) this.#heads[group] = next;
    else this.#set(before[group], NEXT_OF_GROUP, next);
    this.#counts[group]--;
  }

  #oneOf(row: number): StreamRows {
    const at = (row & this.#records.mask) * this.#records.stride;
    const doubles = this.#records.doubles[row >> this.#records.bits];
    const columns: Column[] = [];
    this.#columns.forEach((column, k) => {
      const raw = doubles[at + COLUMNS + k];
      columns[column] = this.#isId[k] ? Int32Array.of(raw) : Float64Array.of(raw);
    });
    const target = (2 * at + this.#ints + ID) * 4;
    const length = this.#get(row, ID_LENGTH);
    const idBytes = this.#records.bytes[row >> this.#records.bits].slice(target, target + length);
    const time = Float64Array.of(doubles[at + TIME]);
    const tenant = Int32Array.of(this.#get(row, TENANT));
    const ids = { idStart: Int32Array.of(0, length), idBytes };
    const evidence = { evidenceStart: ids.idStart, evidenceBytes: idBytes };
    const place = { root: new Int32Array(1), atEnd: new Uint8Array(1), origin: Float64Array.of(doubles[at + ORDER]) };
    return { ...noRows, count: 1, time, stamp: time, tenant, columns, ...ids, ...evidence, ...place };
  }

  /** Rows that sleep. */
  get live(): number {
    return this.#records.live - this.#gone;
  }

  get allocated_bytes(): number {
    return this.#records.allocated_bytes + 3 * this.#heads.byteLength;
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#sleep.forget();
  }

  /** Marks the dictionary ids that rows hold, in the order of memory: of a million rows the way along the queue takes long. */
  markUsed(used: Uint8Array): void {
    const isLive = this.#records.liveRecords();
    for (let row = 0; row < isLive.length; row++) {
      if (isLive[row] === 0) continue;
      const at = (row & this.#records.mask) * this.#records.stride + COLUMNS;
      const doubles = this.#records.doubles[row >> this.#records.bits];
      used[this.#get(row, TENANT)] = 1;
      for (let k = 0; k < this.#isId.length; k++) if (this.#isId[k]) used[doubles[at + k]] = 1;
    }
  }

  #timeOf(row: number): number {
    return this.#records.doubles[row >> this.#records.bits][(row & this.#records.mask) * this.#records.stride + TIME];
  }

  #get(row: number, field: number): number {
    const at = (row & this.#records.mask) * this.#records.stride;
    return this.#records.ints[row >> this.#records.bits][2 * at + this.#ints + field];
  }

  #set(row: number, field: number, value: number): void {
    const at = (row & this.#records.mask) * this.#records.stride;
    this.#records.ints[row >> this.#records.bits][2 * at + this.#ints + field] = value;
  }

  snapshot(): Snapshot {
    return {
      records: this.#records.snapshot(),
      groups: [this.#heads.slice(), this.#tails.slice(), this.#counts.slice()],
      ends: Float64Array.of(
        this.#first,
        this.#last,
        this.dropped,
        this.#gone,
        this.#isGrouped ? 1 : 0,
        this.#sleep.told_ms,
      ),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { records: Snapshot; groups: Int32Array[]; ends: Float64Array };
    this.#records.restore(from.records);
    [this.#heads, this.#tails, this.#counts].forEach((own, k) => {
      own.set(from.groups[k]);
    });
    const [first, last, dropped, gone, isGrouped, told_ms] = from.ends;
    this.#setFirst(first);
    this.#last = last;
    this.dropped = dropped;
    this.#gone = gone;
    this.#isGrouped = isGrouped === 1;
    this.#sleep.restore(told_ms);
  }
}
