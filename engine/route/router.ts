import type { Conjunct, OperatorSpec, StreamSpec } from '../program.ts';
import type { Value } from '../value.ts';
import { columnOf, columnShape, readValue } from './column-values.ts';
import { RowClasses } from './row-classes.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';
import { ValueClasses } from './value-classes.ts';

/** Operators that passed every condition on one column; those with further conditions are tried per row. */
interface Signature {
  /** The row's class, or -1 where some operators have further conditions. */
  readonly row_class: number;
  readonly operators: readonly number[];
}

/**
 * HOT. Says for every row which operators' WHERE it passes (language.md: NULL never matches). Per predicate column a
 * value has a class; the tuple of a row's classes is its signature, and operators are looked up once per signature.
 * Conditions over several columns are left for each row of a signature that needs them.
 */
export class Router {
  readonly classes = new RowClasses();
  /** Row class of each row of the last batch. */
  rowClass = new Int32Array(64);
  readonly #stream: StreamSpec;
  readonly #symbols: Symbols;
  readonly #columns: readonly ValueClasses[];
  /** Per operator: [predicate column, conjunct of it] that must hold, and conjuncts over several columns. */
  readonly #required: readonly (readonly [number, number])[][];
  readonly #residual: readonly (readonly Conjunct[])[];
  readonly #impossible: readonly boolean[];
  #valueClass: Int32Array[];
  #hash = new Int32Array(64);
  readonly #signatures: Signature[] = [];
  /** Classes of each signature, one after the other; open addressing over them, entries are signature + 1. */
  #tuples = new Int32Array(0);
  #table = new Int32Array(64);

  constructor(stream: StreamSpec, operators: readonly OperatorSpec[], symbols: Symbols) {
    this.#stream = stream;
    this.#symbols = symbols;
    const perColumn = new Map<number, Conjunct[]>();
    this.#required = operators.map((operator) =>
      operator.where.filter(isOnOneColumn).map((conjunct) => {
        const conjuncts = perColumn.get(conjunct.columns[0]) ?? [];
        perColumn.set(conjunct.columns[0], conjuncts);
        return [conjunct.columns[0], conjuncts.push(conjunct) - 1] as const;
      }),
    );
    this.#residual = operators.map((operator) =>
      operator.where.filter((conjunct) => !isOnOneColumn(conjunct) && conjunct.columns.length > 0),
    );
    this.#impossible = operators.map((operator) =>
      operator.where.some((conjunct) => conjunct.columns.length === 0 && conjunct.test([]) !== true),
    );
    const numbers = [...perColumn.keys()].sort((a, b) => a - b);
    this.#columns = numbers.map(
      (column) => new ValueClasses(column, columnShape(stream, column), perColumn.get(column) ?? [], symbols),
    );
    this.#required = this.#required.map((pairs) =>
      pairs.map(([column, conjunct]) => [numbers.indexOf(column), conjunct] as const),
    );
    this.#valueClass = this.#columns.map(() => new Int32Array(64));
  }

  /** Fills rowClass for the rows; their columns must be complete. */
  route(rows: StreamRows): void {
    const { count } = rows;
    if (this.rowClass.length < count) {
      this.rowClass = new Int32Array(count * 2);
      this.#hash = new Int32Array(count * 2);
      this.#valueClass = this.#columns.map(() => new Int32Array(count * 2));
    }
    const hash = this.#hash;
    hash.fill(0, 0, count);
    for (let k = 0; k < this.#columns.length; k++) {
      const classes = this.#valueClass[k];
      this.#columns[k].classify(columnOf(rows, this.#columns[k].column), count, classes);
      for (let i = 0; i < count; i++) hash[i] = Math.imul(hash[i] ^ classes[i], 0x9e3779b1);
    }
    for (let i = 0; i < count; i++) {
      const signature = this.#signatures[this.#signatureOf(i)];
      this.rowClass[i] = signature.row_class >= 0 ? signature.row_class : this.#tryResidual(rows, i, signature);
    }
  }

  #signatureOf(row: number): number {
    const mask = this.#table.length - 1;
    const width = this.#columns.length;
    const hash = this.#hash[row];
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const signature = this.#table[slot] - 1;
      if (signature < 0) return this.#addSignature(row);
      let k = 0;
      const base = signature * width;
      while (k < width && this.#tuples[base + k] === this.#valueClass[k][row]) k++;
      if (k === width) return signature;
    }
  }

  #addSignature(row: number): number {
    const width = this.#columns.length;
    const number = this.#signatures.length;
    if ((number + 1) * width > this.#tuples.length) {
      const grown = new Int32Array(Math.max(64, (number + 1) * width * 2));
      grown.set(this.#tuples);
      this.#tuples = grown;
    }
    for (let k = 0; k < width; k++) this.#tuples[number * width + k] = this.#valueClass[k][row];
    this.#signatures.push(this.#match(number * width));
    if (this.#signatures.length * 2 > this.#table.length) this.#table = new Int32Array(this.#table.length * 2);
    else return this.#insert(number);
    for (let n = 0; n <= number; n++) this.#insert(n);
    return number;
  }

  #insert(signature: number): number {
    const mask = this.#table.length - 1;
    const width = this.#columns.length;
    let hash = 0;
    for (let k = 0; k < width; k++) hash = Math.imul(hash ^ this.#tuples[signature * width + k], 0x9e3779b1);
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
    this.#table[slot] = signature + 1;
    return signature;
  }

  #match(base: number): Signature {
    const operators: number[] = [];
    for (let operator = 0; operator < this.#required.length; operator++) {
      const passes = this.#required[operator].every(
        ([column, conjunct]) => this.#columns[column].outcomes[this.#tuples[base + column]][conjunct] === 1,
      );
      if (passes && !this.#impossible[operator]) operators.push(operator);
    }
    const plain = operators.every((operator) => this.#residual[operator].length === 0);
    return { row_class: plain ? this.classes.intern(operators) : -1, operators };
  }

  /** Rows with conditions over several columns: evaluated on plain values, row by row. */
  #tryResidual(rows: StreamRows, row: number, signature: Signature): number {
    const value = (column: number): Value =>
      readValue(columnShape(this.#stream, column), columnOf(rows, column)[row], this.#symbols);
    const passed = signature.operators.filter((operator) =>
      this.#residual[operator].every((conjunct) => conjunct.test(conjunct.columns.map(value)) === true),
    );
    return this.classes.intern(passed);
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    for (const column of this.#columns) column.forget();
  }
}

function isOnOneColumn(conjunct: Conjunct): boolean {
  return conjunct.columns.length === 1;
}
