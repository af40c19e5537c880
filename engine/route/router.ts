import type { Conjunct, OperatorSpec, StreamSpec } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { columnOf, columnShape } from './column-values.ts';
import { JointConditions, type ResidualColumn, type ResidualTests } from './residual.ts';
import { RowClasses } from './row-classes.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';
import { ValueClasses } from './value-classes.ts';

/** A column with at most this many conditions is always part of the signature. */
const FEW_CONDITIONS = 4;

interface Signature {
  readonly row_class: number;
  /** Conditions over several columns that its operators ask for. */
  readonly joint: Int32Array;
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
  readonly #joint: JointConditions | null;
  /** By operator: (signature column, condition of it) that must hold; null where the operator can never pass. */
  readonly #required: readonly (Int32Array | null)[];
  readonly #valueClass: Int32Array[];
  #hash = new Int32Array(64);
  readonly #signatures: Signature[] = [];
  /** Classes of each signature, one after the other; open addressing over them, entries are signature + 1. */
  #tuples = new Int32Array(0);
  #table = new Int32Array(64);

  constructor(stream: StreamSpec, operators: readonly Pick<OperatorSpec, 'where'>[], symbols: Symbols) {
    const conditions = new Map<number, Conjunct[]>();
    const joint: Conjunct[] = [];
    const users = new Map<number, Set<number>>();
    operators.forEach((operator, position) => {
      for (const conjunct of operator.where) {
        if (conjunct.columns.length > 1) joint.push(conjunct);
        if (conjunct.columns.length !== 1) continue;
        const [column] = conjunct.columns;
        conditions.set(column, [...(conditions.get(column) ?? []), conjunct]);
        users.set(column, (users.get(column) ?? new Set()).add(position));
      }
    });
    const columns = [...conditions.keys()].sort((a, b) => a - b);
    const isBroad = (column: number) =>
      (conditions.get(column) ?? []).length <= FEW_CONDITIONS ||
      (users.get(column) ?? new Set()).size * 2 >= operators.length;
    const classesOf = (column: number) =>
      new ValueClasses(column, columnShape(stream, column), conditions.get(column) ?? [], symbols);
    const broad = columns.filter(isBroad);
    const narrow = columns.filter((column) => !isBroad(column));
    this.#columns = broad.map(classesOf);
    this.#valueClass = broad.map(() => new Int32Array(64));
    this.#residualColumns = narrow.map(classesOf).map((values) => ({
      values,
      column: { table: values.table, classes: new Int32Array(64) },
    }));
    this.#joint = joint.length === 0 ? null : new JointConditions(joint, stream, symbols);
    this.residual = [
      ...this.#residualColumns.map(({ column }) => column),
      ...(this.#joint === null ? [] : [this.#joint]),
    ];
    const pairs = (operator: Pick<OperatorSpec, 'where'>, list: readonly number[]) =>
      operator.where.flatMap((conjunct) => {
        if (conjunct.columns.length !== 1 || !list.includes(conjunct.columns[0])) return [];
        const [column] = conjunct.columns;
        return [list.indexOf(column), (conditions.get(column) ?? []).indexOf(conjunct)];
      });
    const isImpossible = (conjunct: Conjunct) => conjunct.columns.length === 0 && conjunct.test([]) !== true;
    this.#required = operators.map((operator) =>
      operator.where.some(isImpossible) ? null : Int32Array.from(pairs(operator, broad)),
    );
    this.tests = operators.map((operator) => {
      const asked = operator.where.filter((conjunct) => conjunct.columns.length > 1);
      const all = [
        ...pairs(operator, narrow),
        ...asked.flatMap((conjunct) => [narrow.length, joint.indexOf(conjunct)]),
      ];
      return all.length === 0 ? null : Int32Array.from(all);
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
      if (joint !== null) joint.classify(rows, i, signature.joint);
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
    const joint = new Set<number>();
    const at = this.#residualColumns.length;
    this.#required.forEach((required, operator) => {
      if (required === null) return;
      for (let k = 0; k < required.length; k += 2) {
        const { table } = this.#columns[required[k]];
        if (table.outcomes[this.#tuples[base + required[k]] * table.width + required[k + 1]] !== 1) return;
      }
      operators.push(operator);
      const tests = this.tests[operator] ?? [];
      for (let k = 0; k < tests.length; k += 2) if (tests[k] === at) joint.add(tests[k + 1]);
    });
    return { row_class: this.classes.intern(operators), joint: Int32Array.from(joint) };
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
