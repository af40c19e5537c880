import type { Column } from '../batch.ts';
import { type JoinSpec, type Program, TENANT_COLUMN, TIMESTAMP_COLUMN } from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import { noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { contentHash, groupOf } from '../state/key-hash.ts';
import { Records } from '../state/records.ts';
import { AskedBatch } from './asked-batch.ts';
import { INLINE_ID_BYTES } from './join-layout.ts';
import { orderOf, type Side } from './join-parts.ts';

/** Doubles of a row; behind them its columns. */
const TIME = 0;
const ORDER = 1;
const COLUMNS = 2;
/** Ints of a row, behind its doubles. */
const TENANT = 0;
export const GROUP = 1;
export const NEXT_OF_GROUP = 2;
/** DROPPED: a bound has dropped the row, which is still in the queue. */
export const ID_LENGTH = 3;
const ID = 4;

export const DROPPED = -1;

/** HOT. Rows that sleep (sleeping-rows.ts) as records of numbers: what the join reads of them. */
export class SleepingRecords {
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
  readonly #symbols: Symbols;
  #sources: Column[] = [];
  #before = 0;

  constructor(program: Program, spec: JoinSpec, side: Side, symbols: Symbols) {
    const { stream, key } = spec[side];
    const read = spec.sources.flatMap((one) => (one.side === side ? [one.column] : []));
    this.#columns = [...new Set([...key, ...read])].filter((column) => column >= 0);
    const isId = (column: number) => columnShape(program.streams[stream], column).storage === 'id';
    this.#isId = this.#columns.map(isId);
    this.#keyAt = key.map((column) => this.#columns.indexOf(column));
    this.#keyColumns = key;
    this.#keyIsId = key.map(isId);
    this.#key = key.map(() => 0);
    this.#symbols = symbols;
    const end = COLUMNS + this.#columns.length;
    this.#ints = 2 * end;
    this.#records = new Records(end + ((ID + INLINE_ID_BYTES / 4 + 1) >> 1));
  }

  /** Must be called before rows of a batch are added, once for each batch; so many events came `before` it. */
  bind(rows: StreamRows, before: number): void {
    this.#before = before;
    this.#sources = this.#columns.map((column) => columnOf(rows, column));
  }

  /** A record of row i of the bound batch, with an id that fits into it. */
  add(rows: StreamRows, i: number): number {
    const row = this.#records.allocate();
    const at = this.#at(row);
    const doubles = this.#records.doubles[row >> this.#records.bits];
    const ints = this.#records.ints[row >> this.#records.bits];
    doubles[at + TIME] = rows.time[i];
    doubles[at + ORDER] = orderOf(rows, i, this.#before);
    for (let k = 0; k < this.#sources.length; k++) doubles[at + COLUMNS + k] = this.#sources[k][i];
    const base = 2 * at + this.#ints;
    ints[base + TENANT] = rows.tenant[i];
    this.#writeId(row, base, rows, i);
    return row;
  }

  #writeId(row: number, base: number, { idStart, idBytes }: StreamRows, i: number): void {
    const start = idStart[i];
    const length = idStart[i + 1] - start;
    this.#records.ints[row >> this.#records.bits][base + ID_LENGTH] = length;
    const bytes = this.#records.bytes[row >> this.#records.bits];
    const target = (base + ID) * 4;
    for (let k = 0; k < length; k++) bytes[target + k] = idBytes[start + k];
  }

  free(row: number): void {
    this.#records.free(row);
  }

  /** The key group of a row, as JoinBounds has it. */
  groupOf(row: number, groups: number): number {
    const at = this.#at(row) + COLUMNS;
    const doubles = this.#records.doubles[row >> this.#records.bits];
    for (let k = 0; k < this.#key.length; k++) {
      const place = this.#keyAt[k];
      this.#key[k] = place >= 0 ? doubles[at + place] : this.#ownValue(row, this.#keyColumns[k]);
    }
    return groupOf(contentHash(this.#symbols, this.get(row, TENANT), this.#key, this.#keyIsId), groups);
  }

  /** What ON may ask for beside columns. */
  #ownValue(row: number, column: number): number {
    if (column === TIMESTAMP_COLUMN) return this.timeOf(row);
    if (column === TENANT_COLUMN) return this.get(row, TENANT);
    throw new Error(`column ${column} of a join's key is kept nowhere`);
  }

  /** An empty batch that copy() fills. */
  askedBatch(): AskedBatch {
    return new AskedBatch(this.#columns, this.#isId);
  }

  copy(row: number, batch: AskedBatch): void {
    const at = this.#at(row);
    batch.add(this.#records.doubles[row >> this.#records.bits], at + TIME, at + COLUMNS, this.get(row, TENANT));
  }

  /** A row as the one row of a batch again, with the columns that the join reads. */
  oneOf(row: number): StreamRows {
    const at = this.#at(row);
    const doubles = this.#records.doubles[row >> this.#records.bits];
    const columns: Column[] = [];
    this.#columns.forEach((column, k) => {
      const raw = doubles[at + COLUMNS + k];
      columns[column] = this.#isId[k] ? Int32Array.of(raw) : Float64Array.of(raw);
    });
    const target = (2 * at + this.#ints + ID) * 4;
    const length = this.get(row, ID_LENGTH);
    const idBytes = this.#records.bytes[row >> this.#records.bits].slice(target, target + length);
    const time = Float64Array.of(doubles[at + TIME]);
    const tenant = Int32Array.of(this.get(row, TENANT));
    const ids = { idStart: Int32Array.of(0, length), idBytes };
    const evidence = { evidenceStart: ids.idStart, evidenceBytes: idBytes };
    const place = { root: new Int32Array(1), atEnd: new Uint8Array(1), origin: Float64Array.of(doubles[at + ORDER]) };
    return { ...noRows, count: 1, time, stamp: time, tenant, columns, ...ids, ...evidence, ...place };
  }

  /** Marks the dictionary ids that rows hold, in the order of memory: of a million rows the way along the queue takes long. */
  markUsed(used: Uint8Array): void {
    const isLive = this.#records.liveRecords();
    for (let row = 0; row < isLive.length; row++) {
      if (isLive[row] === 0) continue;
      const at = this.#at(row) + COLUMNS;
      const doubles = this.#records.doubles[row >> this.#records.bits];
      used[this.get(row, TENANT)] = 1;
      for (let k = 0; k < this.#isId.length; k++) if (this.#isId[k]) used[doubles[at + k]] = 1;
    }
  }

  timeOf(row: number): number {
    return this.#records.doubles[row >> this.#records.bits][this.#at(row) + TIME];
  }

  get(row: number, field: number): number {
    return this.#records.ints[row >> this.#records.bits][2 * this.#at(row) + this.#ints + field];
  }

  set(row: number, field: number, value: number): void {
    this.#records.ints[row >> this.#records.bits][2 * this.#at(row) + this.#ints + field] = value;
  }

  #at(row: number): number {
    return (row & this.#records.mask) * this.#records.stride;
  }

  /** Records in use. */
  get live(): number {
    return this.#records.live;
  }

  get allocated_bytes(): number {
    return this.#records.allocated_bytes;
  }

  snapshot(): Snapshot {
    return this.#records.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.#records.restore(snapshot);
  }
}
