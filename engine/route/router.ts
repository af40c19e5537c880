import type { Conjunct, OperatorSpec, StreamSpec } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { columnOf, columnShape } from './column-values.ts';
import { type PredicateColumn, predicateColumns } from './predicate-columns.ts';
import { JointConditions, type ResidualColumn, type ResidualTests } from './residual.ts';
import { RowClasses } from './row-classes.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';
import { ValueClasses } from './value-classes.ts';

interface Signature {
  readonly row_class: number;
  /** By group of conditions over several columns: those that its operators ask for. */
  readonly joint: readonly Int32Array[];
}

/**
 * HOT. Says for every row which operators it may pass (language.md: NULL never matches). Per predicate column a value
 * has a class; the classes of the columns that most operators look at are the row's signature, and the operators that
 * a signature leaves are looked up once per signature: they are the row's class. What few operators ask of other
 * columns is residual: a class number per row, and a look at its outcomes where it matters.
 */
export class Router {
  readonly classes = new RowClasses();
  /** Row class of each row of the last batch. */
  rowClass = new Int32Array(64);
  readonly residual: readonly ResidualColumn[];
  /** By operator: what it asks of the residual columns; null where its signature decides. */
  readonly tests: readonly (ResidualTests | null)[];
  readonly #columns: readonly ValueClasses[];
  readonly #residualColumns: readonly { readonly values: ValueClasses; readonly column: ResidualColumn }[];
  readonly #joint: readonly JointConditions[];
  /** By operator: (signature column, condition of it) that must hold; null where the operator can never pass. */
  readonly #required: readonly (Int32Array | null)[];
  readonly #valueClass: Int32Array[];
  #hash = new Int32Array(64);
  readonly #signatures: Signature[] = [];
  /** Classes of each signature, one after the other; open addressing over them, entries are signature + 1. */
  #tuples = new Int32Array(0);
  #table = new Int32Array(64);

  constructor(stream: StreamSpec, operators: readonly Pick<OperatorSpec, 'where'>[], symbols: Symbols) {
    const planned = predicateColumns(stream, operators);
    const classesOf = ({ column, conjuncts }: PredicateColumn) =>
      new ValueClasses(column, columnShape(stream, column), conjuncts, symbols);
    this.#columns = planned.signature.map(classesOf);
    this.#valueClass = planned.signature.map(() => new Int32Array(64));
    this.#residualColumns = planned.residual.map(classesOf).map((values) => ({
      values,
      column: { table: values.table, classes: new Int32Array(64) },
    }));
    this.#joint = planned.joint.map((conjuncts) => new JointConditions(conjuncts, stream, symbols));
    this.residual = [...this.#residualColumns.map(({ column }) => column), ...this.#joint];
    const inSignature = placesOf(planned.signature.map(({ conjuncts }) => conjuncts));
    const inResidual = placesOf([...planned.residual.map(({ conjuncts }) => conjuncts), ...planned.joint]);
    const isImpossible = (conjunct: Conjunct) => conjunct.columns.length === 0 && conjunct.test([]) !== true;
    this.#required = operators.map(({ where }) =>
      where.some(isImpossible) ? null : Int32Array.from(where.flatMap((conjunct) => inSignature.get(conjunct) ?? [])),
    );
    this.tests = operators.map(({ where }) => {
      const asked = where.flatMap((conjunct) => inResidual.get(conjunct) ?? []);
      return asked.length === 0 ? null : Int32Array.from(asked);
    });
  }

  /** Fills rowClass and the residual classes for the rows; their columns must be complete. */
  route(rows: StreamRows): void {
    const { count } = rows;
    if (this.rowClass.length < count) this.#grow(count * 2);
    const hash = this.#hash;
    hash.fill(0, 0, count);
    for (let k = 0; k < this.#columns.length; k++) {
      const classes = this.#valueClass[k];
      this.#columns[k].classify(columnOf(rows, this.#columns[k].column), count, classes);
      for (let i = 0; i < count; i++) hash[i] = Math.imul(hash[i] ^ classes[i], 0x9e3779b1);
    }
    for (const { values, column } of this.#residualColumns) {
      values.classify(columnOf(rows, values.column), count, column.classes);
    }
    const joint = this.#joint;
    for (let i = 0; i < count; i++) {
      const signature = this.#signatures[this.#signatureOf(i)];
      this.rowClass[i] = signature.row_class;
      for (let k = 0; k < joint.length; k++) joint[k].classify(rows, i, signature.joint[k]);
    }
  }

  #grow(length: number): void {
    this.rowClass = new Int32Array(length);
    this.#hash = new Int32Array(length);
    for (let k = 0; k < this.#valueClass.length; k++) this.#valueClass[k] = new Int32Array(length);
    for (const column of this.residual) column.classes = new Int32Array(length);
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
    if (this.#signatures.length * 2 <= this.#table.length) return this.#insert(number);
    this.#table = new Int32Array(this.#table.length * 2);
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

  /** The operators whose conditions on the signature's columns all hold. */
  #match(base: number): Signature {
    const operators: number[] = [];
    const joint = this.#joint.map(() => new Set<number>());
    const at = this.#residualColumns.length;
    this.#required.forEach((required, operator) => {
      if (required === null) return;
      for (let k = 0; k < required.length; k += 2) {
        const { table } = this.#columns[required[k]];
        if (table.outcomes[this.#tuples[base + required[k]] * table.width + required[k + 1]] !== 1) return;
      }
      operators.push(operator);
      const tests = this.tests[operator] ?? [];
      for (let k = 0; k < tests.length; k += 2) joint[tests[k] - at]?.add(tests[k + 1]);
    });
    return { row_class: this.classes.intern(operators), joint: joint.map((asked) => Int32Array.from(asked)) };
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    for (const column of this.#columns) column.forget();
    for (const { values } of this.#residualColumns) values.forget();
  }

  /** Numbers that stored rows hold: row classes and residual classes. The rest is found again. */
  snapshot(): Snapshot {
    return { classes: this.classes.snapshot(), residual: this.residual.map(({ table }) => table.snapshot()) };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { classes: Snapshot; residual: Snapshot[] };
    this.classes.restore(from.classes);
    from.residual.forEach((table, k) => {
      this.residual[k].table.restore(table);
    });
  }
}

/** By conjunct: its group, and its place in it. */
function placesOf(groups: readonly (readonly Conjunct[])[]): ReadonlyMap<Conjunct, readonly [number, number]> {
  return new Map(groups.flatMap((group, k) => group.map((conjunct, place) => [conjunct, [k, place]] as const)));
}
