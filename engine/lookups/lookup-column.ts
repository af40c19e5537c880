import type { Column } from '../batch.ts';
import type { LookupColumn, StreamSpec } from '../program.ts';
import { type ColumnShape, columnOf, columnShape, readValue, writeValue } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Value } from '../value.ts';
import { type LookupTable, NO_MATCH } from './lookup-table.ts';
import type { Acting, LookupVersions } from './lookup-versions.ts';

const nothing: Acting = { from_ms: Number.POSITIVE_INFINITY, to_ms: Number.NEGATIVE_INFINITY, table: null };

/**
 * HOT. Fills a lookup column: each row's key is looked up as of the row's time. The match of a key is found once and
 * remembered by the numbers of its parts, the value of a lookup row is made once; per row there are comparisons of
 * numbers. Rows come in the order of time, so the version that acts changes rarely.
 */
export class LookupColumnFiller {
  readonly #spec: LookupColumn;
  readonly #lookup: LookupVersions;
  readonly #inputs: readonly ColumnShape[];
  readonly #symbols: Symbols;
  readonly #key: Value[];
  /** By row of the table: the column's number, NaN where it was not made yet (then #made says 0). */
  #raw = new Float64Array(0);
  #made = new Uint8Array(0);
  #acting = nothing;
  #generation = -1;
  #target: Column;

  constructor(stream: StreamSpec, spec: LookupColumn, lookup: LookupVersions, symbols: Symbols) {
    this.#spec = spec;
    this.#lookup = lookup;
    this.#inputs = spec.inputs.map((input) => columnShape(stream, input));
    this.#symbols = symbols;
    this.#key = new Array<Value>(spec.inputs.length).fill(null);
    this.#target = this.#allocate(0);
  }

  #allocate(length: number): Column {
    return this.#spec.storage === 'id' ? new Int32Array(length) : new Float64Array(length);
  }

  fill(rows: StreamRows): Column {
    if (this.#target.length < rows.count) this.#target = this.#allocate(Math.max(64, rows.count * 2));
    if (this.#generation !== this.#lookup.generation) {
      this.#generation = this.#lookup.generation;
      this.#acting = nothing;
    }
    const sources = this.#spec.inputs.map((input) => columnOf(rows, input));
    const target = this.#target;
    for (let i = 0; i < rows.count; i++) target[i] = this.#valueOf(sources, i, rows.stamp[i]);
    return target;
  }

  #valueOf(sources: readonly Column[], i: number, time_ms: number): number {
    if (time_ms < this.#acting.from_ms || time_ms >= this.#acting.to_ms) this.#turnTo(time_ms);
    const unknown = this.#spec.storage === 'id' ? 0 : Number.NaN;
    const { table } = this.#acting;
    // What is not known of the lookup, and NULL in the key, is neither in it nor not in it.
    if (table === null || this.#hasNull(sources, i)) return unknown;
    const row = table.rowAt(this.#matchOf(table, sources, i), time_ms);
    if (this.#spec.output === null) return row === NO_MATCH ? 0 : 1;
    if (row === NO_MATCH) return unknown;
    if (this.#made[row] === 0) {
      this.#raw[row] = writeValue(this.#spec.storage, table.rows[row][this.#spec.output], this.#symbols);
      this.#made[row] = 1;
    }
    return this.#raw[row];
  }

  #turnTo(time_ms: number): void {
    this.#acting = this.#lookup.at(time_ms);
    this.#begin();
  }

  #hasNull(sources: readonly Column[], i: number): boolean {
    for (let k = 0; k < sources.length; k++) {
      const raw = sources[k][i];
      if (this.#inputs[k].storage === 'id' ? raw === 0 : Number.isNaN(raw)) return true;
    }
    return false;
  }

  #matchOf(table: LookupTable, sources: readonly Column[], i: number): number {
    const known = table.known.of(sources, i);
    if (known !== undefined) return known;
    for (let k = 0; k < sources.length; k++) {
      this.#key[k] = readValue(this.#inputs[k], sources[k][i], this.#symbols);
    }
    const match = table.match(this.#key);
    table.known.set(sources, i, match);
    return match;
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#lookup.forget();
    this.#begin();
  }

  /** Values of another version's rows, or with other ids. */
  #begin(): void {
    const rows = this.#acting.table?.rows.length ?? 0;
    if (this.#raw.length < rows) this.#raw = new Float64Array(rows);
    if (this.#made.length < rows) this.#made = new Uint8Array(rows);
    else this.#made.fill(0);
  }
}
