import type { Column } from '../batch.ts';
import { LookupColumnFiller } from '../lookups/lookup-column.ts';
import type { Lookups } from '../lookups/lookups.ts';
import type { ComputedColumn, StreamSpec } from '../program.ts';
import type { Value } from '../value.ts';
import { type ColumnShape, columnOf, columnShape, readValue, writeValue } from './column-values.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';

/** Marks an id in a cache that has not been computed yet; no id and no number of a column is this NaN-free value. */
const UNKNOWN = Number.NEGATIVE_INFINITY;

/** Inputs that are remembered at a time by those that are asked beside the stream itself: of a thousand joins each its own. */
const FEW_IDS = 1024;

/**
 * HOT where a computed column has a single id input: then it is computed once per distinct input and looked up per
 * row. Any other input is computed per row.
 */
class ComputedColumnFiller {
  readonly #spec: ComputedColumn;
  readonly #inputs: readonly ColumnShape[];
  readonly #symbols: Symbols;
  readonly #arguments: Value[];
  /** By id of the single input, or by place in #few; empty where there is none. */
  #cache = new Float64Array(0);
  /** By id modulo their count: the id that is remembered there. null: all ids are. */
  readonly #few: Int32Array | null;
  #target: Column;

  constructor(stream: StreamSpec, spec: ComputedColumn, symbols: Symbols, remembersFew: boolean) {
    this.#few = remembersFew ? new Int32Array(FEW_IDS) : null;
    this.#spec = spec;
    this.#inputs = spec.inputs.map((input) => columnShape(stream, input));
    this.#symbols = symbols;
    this.#arguments = new Array<Value>(spec.inputs.length).fill(null);
    this.#target = this.#allocate(0);
  }

  #allocate(length: number): Column {
    return this.#spec.storage === 'id' ? new Int32Array(length) : new Float64Array(length);
  }

  fill(rows: StreamRows): Column {
    if (this.#target.length < rows.count) this.#target = this.#allocate(Math.max(64, rows.count * 2));
    const sources = this.#spec.inputs.map((input) => columnOf(rows, input));
    const target = this.#target;
    if (sources.length === 1 && this.#inputs[0].storage === 'id') {
      if (this.#few === null) this.#fillById(sources[0], target, rows.count);
      else this.#fillByFew(this.#few, sources[0], target, rows.count);
    } else for (let i = 0; i < rows.count; i++) target[i] = this.#compute(sources, i);
    return target;
  }

  #fillById(source: Column, target: Column, count: number): void {
    for (let i = 0; i < count; i++) {
      const id = source[i];
      let raw = id < this.#cache.length ? this.#cache[id] : UNKNOWN;
      if (raw === UNKNOWN) {
        raw = this.#compute([source], i);
        this.#remember(id, raw);
      }
      target[i] = raw;
    }
  }

  #fillByFew(few: Int32Array, source: Column, target: Column, count: number): void {
    if (this.#cache.length === 0) this.#cache = new Float64Array(FEW_IDS).fill(UNKNOWN);
    for (let i = 0; i < count; i++) {
      const id = source[i];
      const place = id & (FEW_IDS - 1);
      if (few[place] !== id || this.#cache[place] === UNKNOWN) {
        this.#cache[place] = this.#compute([source], i);
        few[place] = id;
      }
      target[i] = this.#cache[place];
    }
  }

  #remember(id: number, raw: number): void {
    if (id >= this.#cache.length) {
      const grown = new Float64Array(Math.max(256, id * 2)).fill(UNKNOWN);
      grown.set(this.#cache);
      this.#cache = grown;
    }
    this.#cache[id] = raw;
  }

  #compute(sources: readonly Column[], row: number): number {
    for (let k = 0; k < sources.length; k++) {
      this.#arguments[k] = readValue(this.#inputs[k], sources[k][row], this.#symbols);
    }
    return writeValue(this.#spec.storage, this.#spec.evaluate(this.#arguments), this.#symbols);
  }

  forget(): void {
    this.#cache.fill(UNKNOWN);
  }
}

/** In place of a column that nobody asks for. */
interface Unfilled {
  fill(): Column;
  forget(): void;
}

const nothing = new Float64Array(0);
const unfilled: Unfilled = { fill: () => nothing, forget: () => undefined };

/** Puts the computed columns of a stream beside those that were read, so that `rows.columns` is whole. */
export class ComputedColumns {
  /** One per column of the stream; null where the column is read from the event. */
  readonly #fillers: readonly (ComputedColumnFiller | LookupColumnFiller | Unfilled | null)[];

  /**
   * @param needed columns that are asked for, by somebody beside the stream itself; the others are empty, and little is
   * remembered. Absent: all are.
   */
  constructor(stream: StreamSpec, symbols: Symbols, lookups: Lookups, needed?: ReadonlySet<number>) {
    this.#fillers = stream.columns.map((column, index) => {
      if (column.kind !== 'field' && needed?.has(index) === false) return unfilled;
      if (column.kind === 'computed') return new ComputedColumnFiller(stream, column, symbols, needed !== undefined);
      if (column.kind === 'field') return null;
      return new LookupColumnFiller(stream, column, lookups.all[column.lookup], symbols);
    });
  }

  /** Replaces rows.columns (field columns only) by one column per column of the stream. */
  complete(rows: StreamRows): void {
    const read = rows.columns;
    rows.columns = [];
    let field = 0;
    for (const filler of this.#fillers) rows.columns.push(filler === null ? read[field++] : filler.fill(rows));
  }

  /** Ids were taken back: whatever was cached by an id, or with one as its result, may be wrong now. */
  forget(): void {
    for (const filler of this.#fillers) filler?.forget();
  }
}
