import type { ColumnSpec } from '../program.ts';

/** By column: the bit of its cast of details among those of an event; -1: it is no cast. */
export function castBits(columns: readonly ColumnSpec[]): Int32Array {
  let bits = 0;
  return Int32Array.from(columns, (spec) => (spec.kind === 'field' && spec.conversion === 'cast' ? bits++ : -1));
}

/** Words of 32 bits that hold those of an event, none of which is set. */
export function noFailedCasts(columns: readonly ColumnSpec[]): Int32Array {
  const casts = castBits(columns).reduce((sum, bit) => sum + (bit === -1 ? 0 : 1), 0);
  return new Int32Array((casts + 31) >> 5);
}

/** Casts of details that failed and gave NULL, of the events that were accepted. */
export class FailedCasts {
  readonly #columns: readonly ColumnSpec[];
  readonly #bits: Int32Array;
  readonly #counts: Float64Array;

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
    this.#bits = castBits(columns);
    this.#counts = new Float64Array(noFailedCasts(columns).length * 32);
  }

  /** HOT. Counts those of one event. @param word the first of its bits is 32 times this */
  add(word: number, bits: number): void {
    for (let left = bits; left !== 0; left &= left - 1) this.#counts[32 * word + 31 - Math.clz32(left & -left)]++;
  }

  /** By the column's name; columns whose casts never failed are left out. */
  byColumn(): Map<string, number> {
    return this.#sums(({ name }) => name);
  }

  /** The same by the column and its type, as byColumn() of several takes it. */
  byCast(): Map<string, number> {
    return this.#sums(({ name, type }) => JSON.stringify([name, type]));
  }

  /**
   * By the column's name, what the parts of a program counted, each of the same events: where two of them have a cast, both
   * counted it.
   */
  static byColumnOf(parts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
    const byCast = new Map<string, number>();
    for (const [cast, count] of parts.flatMap((part) => [...part])) {
      byCast.set(cast, Math.max(count, byCast.get(cast) ?? 0));
    }
    const sums = new Map<string, number>();
    for (const [cast, count] of byCast) add(sums, JSON.parse(cast)[0], count);
    return sums;
  }

  #sums(keyOf: (spec: ColumnSpec) => string): Map<string, number> {
    const sums = new Map<string, number>();
    this.#columns.forEach((spec, column) => {
      const count = this.#bits[column] === -1 ? 0 : this.#counts[this.#bits[column]];
      if (count > 0) add(sums, keyOf(spec), count);
    });
    return sums;
  }
}

function add(sums: Map<string, number>, key: string, count: number): void {
  sums.set(key, (sums.get(key) ?? 0) + count);
}
