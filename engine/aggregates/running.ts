import type { AggregateSpec } from '../program.ts';
import { type ColumnShape, readValue } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import { compareValues, type Value } from '../value.ts';

/**
 * An aggregate of a window whose rows come at the new end and leave at the old one. Rows have ordinals that rise by one;
 * only numbers that count (no NULL, FILTER passed) are given. It has the value that evaluateAggregate has over the same
 * rows, or says UNKNOWN where only all rows in order can tell.
 */
export interface Running {
  add(raw: number, ordinal: number): void;
  remove(raw: number, ordinal: number): void;
  value(): Value | typeof UNKNOWN;
}

export const UNKNOWN: unique symbol = Symbol('unknown');

/**
 * What an aggregate over a column of this shape is kept by while rows come and leave: how many numbers count, the last of
 * them too, or a form of its own; null: it cannot be.
 */
export function runningKind(
  spec: AggregateSpec,
  shape: ColumnShape,
  symbols: Symbols,
): 'count' | 'last' | 'own' | null {
  if (spec.function === 'count' || spec.function === 'last') return spec.function;
  return runningOf(spec, shape, symbols) === null ? null : 'own';
}

/** The form of its own of an aggregate over a column of this shape; null where it has none. */
export function runningOf(spec: AggregateSpec, shape: ColumnShape, symbols: Symbols): Running | null {
  switch (spec.function) {
    case 'count_distinct':
      return new RunningDistinct();
    case 'sum':
      return new RunningSum(false);
    case 'avg':
      return new RunningSum(true);
    case 'min':
    case 'max':
      return new RunningExtreme(spec.function === 'max' ? 1 : -1, shape, symbols);
    case 'first':
    case 'any_value':
      return new RunningFirst(shape, symbols);
    default:
      return null;
  }
}

class RunningDistinct implements Running {
  readonly #counts = new Map<number, number>();

  add(raw: number): void {
    this.#counts.set(raw, (this.#counts.get(raw) ?? 0) + 1);
  }

  remove(raw: number): void {
    const count = this.#counts.get(raw) ?? 0;
    if (count > 1) this.#counts.set(raw, count - 1);
    else this.#counts.delete(raw);
  }

  value(): Value {
    return this.#counts.size;
  }
}

/** Floats are summed in total order (S14): a running sum is that sum only while every step of it is a whole number. */
class RunningSum implements Running {
  readonly #isMean: boolean;
  #count = 0;
  #total = 0;
  /** Sum of the magnitudes: no partial sum of any of these rows is beyond it. */
  #magnitude = 0;
  #fractions = 0;

  constructor(isMean: boolean) {
    this.#isMean = isMean;
  }

  add(raw: number): void {
    this.#count++;
    if (!Number.isSafeInteger(raw)) this.#fractions++;
    else this.#move(raw, 1);
  }

  remove(raw: number): void {
    this.#count--;
    if (!Number.isSafeInteger(raw)) this.#fractions--;
    else this.#move(raw, -1);
  }

  #move(raw: number, sign: 1 | -1): void {
    this.#total += sign * raw;
    this.#magnitude += sign * Math.abs(raw);
    // Beyond 2^53 the magnitude itself is rounded and cannot be taken back.
    if (!Number.isSafeInteger(this.#magnitude)) this.#fractions = Number.POSITIVE_INFINITY;
  }

  value(): Value | typeof UNKNOWN {
    if (this.#fractions > 0) return UNKNOWN;
    if (this.#count === 0) return null;
    return this.#isMean ? this.#total / this.#count : this.#total;
  }
}

/** A queue of candidates, each better than those behind it: the first is the extreme. */
class RunningExtreme implements Running {
  readonly #sign: 1 | -1;
  readonly #shape: ColumnShape;
  readonly #symbols: Symbols;
  #candidates: { readonly ordinal: number; readonly raw: number; readonly value: Value }[] = [];
  #head = 0;

  constructor(sign: 1 | -1, shape: ColumnShape, symbols: Symbols) {
    this.#sign = sign;
    this.#shape = shape;
    this.#symbols = symbols;
  }

  add(raw: number, ordinal: number): void {
    const value = readValue(this.#shape, raw, this.#symbols);
    const candidates = this.#candidates;
    while (candidates.length > this.#head) {
      const last = candidates[candidates.length - 1];
      if (last.raw !== raw && compareValues(last.value, value) * this.#sign > 0) break;
      candidates.pop();
    }
    candidates.push({ ordinal, raw, value });
  }

  remove(_raw: number, ordinal: number): void {
    if (this.#candidates.length > this.#head && this.#candidates[this.#head].ordinal === ordinal) this.#head++;
    if (this.#head < 64 || this.#head * 2 < this.#candidates.length) return;
    this.#candidates = this.#candidates.slice(this.#head);
    this.#head = 0;
  }

  value(): Value {
    return this.#candidates.length > this.#head ? this.#candidates[this.#head].value : null;
  }
}

class RunningFirst implements Running {
  readonly #shape: ColumnShape;
  readonly #symbols: Symbols;
  #raws: number[] = [];
  #head = 0;

  constructor(shape: ColumnShape, symbols: Symbols) {
    this.#shape = shape;
    this.#symbols = symbols;
  }

  add(raw: number): void {
    this.#raws.push(raw);
  }

  remove(): void {
    this.#head++;
    if (this.#head < 64 || this.#head * 2 < this.#raws.length) return;
    this.#raws = this.#raws.slice(this.#head);
    this.#head = 0;
  }

  value(): Value {
    return this.#raws.length > this.#head ? readValue(this.#shape, this.#raws[this.#head], this.#symbols) : null;
  }
}
