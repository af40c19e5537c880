import type { Column } from '../batch.ts';
import type { Conjunct } from '../program.ts';
import { type ColumnShape, readValue } from './column-values.ts';
import { OutcomeTable } from './outcome-table.ts';
import type { Symbols } from './symbols.ts';

/** Distinct numbers whose classes are remembered for conditions that are not comparisons; then it starts again. */
const REMEMBERED_NUMBERS = 4096;

/**
 * HOT. Values of one column that no condition of any rule can tell apart form a class. A condition is evaluated once
 * per distinct value (ids, other numbers) or once per interval between the thresholds (comparisons), not per event.
 */
export class ValueClasses {
  readonly column: number;
  readonly #shape: ColumnShape;
  readonly #conjuncts: readonly Conjunct[];
  readonly #symbols: Symbols;
  /** Per class: which of the conjuncts are true. */
  readonly table: OutcomeTable;
  /** By id: class + 1, 0 is not known yet. */
  #byId = new Int32Array(0);
  readonly #byNumber = new Map<number, number>();
  /** Set when all conjuncts are comparisons: class of NaN, then of each interval and threshold in turn. */
  readonly #thresholds: Float64Array | null;
  readonly #byInterval: Int32Array;

  constructor(column: number, shape: ColumnShape, conjuncts: readonly Conjunct[], symbols: Symbols) {
    this.column = column;
    this.#shape = shape;
    this.#conjuncts = conjuncts;
    this.#symbols = symbols;
    this.table = new OutcomeTable(conjuncts.length);
    const comparable = shape.storage === 'number' && conjuncts.every((conjunct) => conjunct.comparison !== undefined);
    const constants = comparable ? conjuncts.map((conjunct) => conjunct.comparison?.constant ?? 0) : [];
    this.#thresholds = comparable ? Float64Array.from(new Set(constants)).sort() : null;
    this.#byInterval = this.#thresholds === null ? new Int32Array(0) : this.#classIntervals(this.#thresholds);
  }

  /** Writes the class of each row's value. */
  classify(values: Column, count: number, classes: Int32Array): void {
    if (this.#shape.storage === 'id') {
      for (let i = 0; i < count; i++) classes[i] = this.classOf(values[i]);
    } else if (this.#thresholds !== null) {
      for (let i = 0; i < count; i++) classes[i] = this.#byInterval[this.#interval(this.#thresholds, values[i])];
    } else {
      for (let i = 0; i < count; i++) classes[i] = this.#byNumber.get(values[i]) ?? this.#classOfNumber(values[i]);
    }
  }

  /** The class of an id, in an id column. */
  classOf(id: number): number {
    const known = id < this.#byId.length ? this.#byId[id] : 0;
    return known === 0 ? this.#classOfId(id) : known - 1;
  }

  /** 0: NaN; 2k + 1: below threshold k and above the one before; 2k + 2: equal to threshold k. */
  #interval(thresholds: Float64Array, value: number): number {
    if (Number.isNaN(value)) return 0;
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (thresholds[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low < thresholds.length && thresholds[low] === value ? 2 * low + 2 : 2 * low + 1;
  }

  #classIntervals(thresholds: Float64Array): Int32Array {
    const classes = new Int32Array(2 * thresholds.length + 2);
    classes[0] = this.table.intern(this.#conjuncts.map(() => false));
    for (let interval = 1; interval < classes.length; interval++) {
      const k = (interval - 1) >> 1;
      const equal = interval % 2 === 0;
      const outcomes = this.#conjuncts.map((conjunct) => {
        const comparison = conjunct.comparison as NonNullable<Conjunct['comparison']>;
        // Every value of the interval stands to the constant as this difference of positions says.
        const position = thresholds.indexOf(comparison.constant + 0);
        return holds(comparison.operator, equal ? k - position : k - position - 0.5);
      });
      classes[interval] = this.table.intern(outcomes);
    }
    return classes;
  }

  #evaluate(raw: number): number {
    const value = readValue(this.#shape, raw, this.#symbols);
    return this.table.intern(this.#conjuncts.map((conjunct) => conjunct.test([value])));
  }

  #classOfId(id: number): number {
    if (id >= this.#byId.length) {
      const grown = new Int32Array(Math.max(256, id * 2));
      grown.set(this.#byId);
      this.#byId = grown;
    }
    const found = this.#evaluate(id);
    this.#byId[id] = found + 1;
    return found;
  }

  #classOfNumber(value: number): number {
    if (this.#byNumber.size >= REMEMBERED_NUMBERS) this.#byNumber.clear();
    const found = this.#evaluate(value);
    this.#byNumber.set(value, found);
    return found;
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#byId.fill(0);
  }
}

/** Whether `value operator constant` holds when value - constant has this sign. */
function holds(operator: NonNullable<Conjunct['comparison']>['operator'], difference: number): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '<>':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}
