import { isoTime } from '../detections/json-value.ts';
import type { AggregateFunction, AggregateSpec } from '../program.ts';
import type { ColumnShape } from '../route/column-values.ts';
import { readValue } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import { compareValues, type Value, type ValueType } from '../value.ts';
import { sampleDeviation } from './deviation.ts';
import { entropyBits, frequencies, mostFrequent } from './frequencies.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { numberHash } from './value-hash.ts';

/**
 * The argument's numbers over the rows of a window in total order, NULLs and rows that FILTER excludes already left
 * out (count(*) has one number per row), and how to read them as values.
 */
export interface AggregateInput {
  readonly raws: Float64Array;
  readonly count: number;
  readonly shape: ColumnShape;
  readonly symbols: Symbols;
}

type Aggregate = (input: AggregateInput, spec: AggregateSpec) => Value;

/** The meaning of every aggregate. All but counts and lists give NULL over no rows. Floats are summed in total order (S14). */
const aggregates: Record<AggregateFunction, Aggregate> = {
  count: ({ count }) => count,
  count_distinct: ({ raws, count }) => new Set(raws.subarray(0, count)).size,
  sum: (input) => sum(input),
  avg: (input) => {
    const total = sum(input);
    return total === null ? null : total / input.count;
  },
  min: (input) => extreme(input, -1),
  max: (input) => extreme(input, 1),
  first: (input) => valueAt(input, 0),
  any_value: (input) => valueAt(input, 0),
  last: (input) => valueAt(input, input.count - 1),
  array_agg: (input, spec) => list(input, spec.distinct, spec.limit),
  stddev: ({ raws, count }) => sampleDeviation(raws, count),
  approx_count_distinct: (input) => approximateCount(input),
  approx_percentile: (input, spec) => approximatePercentile(input, spec.fraction ?? 0.5),
  top: ({ raws, count, shape, symbols }, spec) =>
    mostFrequent(frequencies(raws, count), spec.limit, (raw) => asElement(shape, readValue(shape, raw, symbols))),
  entropy: ({ raws, count }) => entropyBits(frequencies(raws, count), count),
};

export function evaluateAggregate(spec: AggregateSpec, input: AggregateInput): Value {
  return aggregates[spec.function](input, spec);
}

function valueAt(input: AggregateInput, i: number): Value {
  return i < 0 || i >= input.count ? null : readValue(input.shape, input.raws[i], input.symbols);
}

/** NULL over no rows, and where a running sum leaves what can be said: whole numbers that are exact, finite floats. */
function sum({ raws, count, shape }: AggregateInput): number | null {
  let total = 0;
  for (let i = 0; i < count; i++) total = addTo(total, raws[i], shape.type);
  return count === 0 || !Number.isFinite(total) ? null : total;
}

/**
 * HOT. One step of a running sum. Whole numbers (int, duration) beyond 2^53 would silently be rounded: from the step
 * that leaves the exact range on the sum is NaN, which means NULL, as where a scalar function leaves it.
 */
export function addTo(total: number, value: number, type: ValueType): number {
  const next = total + value;
  return type === 'float' || Number.isSafeInteger(next) ? next : Number.NaN;
}

/** The greatest (sign 1) or least (sign -1) value; texts compare by code point. */
function extreme(input: AggregateInput, sign: 1 | -1): Value {
  let best = valueAt(input, 0);
  for (let i = 1; i < input.count; i++) {
    if (input.raws[i] === input.raws[i - 1]) continue;
    const value = valueAt(input, i);
    if (compareValues(value, best) * sign > 0) best = value;
  }
  return best;
}

/** An element of a list has no declared type: a time goes in as its text, which a cast reads and a record shows as a time. */
function asElement({ type }: ColumnShape, value: Value): Value {
  return type === 'timestamp' && typeof value === 'number' ? isoTime(value) : value;
}

/** The first `limit` values; with DISTINCT each at its first place. */
function list(input: AggregateInput, distinct: boolean, limit: number): Value {
  const seen = new Set<number>();
  const values: Value[] = [];
  for (let i = 0; i < input.count && values.length < limit; i++) {
    if (distinct && seen.has(input.raws[i])) continue;
    seen.add(input.raws[i]);
    values.push(asElement(input.shape, valueAt(input, i)));
  }
  return values;
}

/** By content, never by the ids of the dictionary, which differ from run to run. */
function approximateCount({ raws, count, shape, symbols }: AggregateInput): number {
  const sketch = new HyperLogLog();
  for (let i = 0; i < count; i++) {
    if (i > 0 && raws[i] === raws[i - 1]) continue;
    sketch.add(shape.storage === 'id' ? symbols.hashOf(raws[i]) : numberHash(raws[i]));
  }
  return sketch.count();
}

/** Whole numbers stay whole: up to 128 each has a bin of its own, so that cutting off what is behind the point is exact. */
function approximatePercentile({ raws, count, shape }: AggregateInput, fraction: number): number | null {
  const sketch = new QuantileSketch();
  for (let i = 0; i < count; i++) sketch.add(raws[i]);
  const value = sketch.quantile(fraction);
  return value === null || shape.type === 'float' ? value : Math.trunc(value);
}
