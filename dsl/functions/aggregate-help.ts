import { limits } from '../../engine/index.ts';

/** Help for one aggregate; a test holds the list equal to the aggregates that the compiler knows, and runs the examples. */
export interface AggregateHelp {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly nulls: string;
  /** `text` over rows with these values of x, in the order of time, gives `value`. */
  readonly example: { readonly text: string; readonly x: readonly (string | number | null)[]; readonly value: unknown };
}

const skips = 'NULL values are skipped; NULL when there is no value';
const words = ['spam', 'abuse', 'spam', null, 'fraud', 'spam', 'abuse', 'other'];
const numbers = [2, 4, 4, 4, null, 5, 5, 7, 9];

/** In the order of language.md. Each takes FILTER (WHERE condition). */
export const aggregateHelp: readonly AggregateHelp[] = [
  {
    name: 'count',
    signature: 'count(*), count(x), count(DISTINCT x)',
    summary: 'How many rows, rows with a value, or different values.',
    nulls: 'count(*) counts every row; the other two skip NULL; 0 when there is nothing to count',
    example: { text: 'count(DISTINCT x)', x: words, value: 4 },
  },
  {
    name: 'approx_count_distinct',
    signature: 'approx_count_distinct(x)',
    summary: 'About how many different values (HyperLogLog): exact up to 512, then with a standard error of 1.6 %.',
    nulls: 'NULL is skipped; 0 when there is nothing to count',
    example: { text: 'approx_count_distinct(x)', x: words, value: 4 },
  },
  {
    name: 'sum',
    signature: 'sum(x)',
    summary: 'The sum of numbers or durations.',
    nulls: skips,
    example: { text: 'sum(x)', x: numbers, value: 40 },
  },
  {
    name: 'avg',
    signature: 'avg(x)',
    summary: 'The mean of numbers or durations.',
    nulls: skips,
    example: { text: 'avg(x)', x: numbers, value: 5 },
  },
  {
    name: 'min',
    signature: 'min(x)',
    summary: 'The least value; texts by code point.',
    nulls: skips,
    example: { text: 'min(x)', x: numbers, value: 2 },
  },
  {
    name: 'max',
    signature: 'max(x)',
    summary: 'The greatest value; texts by code point.',
    nulls: skips,
    example: { text: 'max(x)', x: words, value: 'spam' },
  },
  {
    name: 'stddev',
    signature: 'stddev(x)',
    summary: 'The standard deviation of a sample (divided by n - 1) of numbers or durations.',
    nulls: 'NULL values are skipped; NULL when there are fewer than two values',
    example: { text: 'stddev(x)', x: [1, 3, 5, null], value: 2 },
  },
  {
    name: 'approx_percentile',
    signature: 'approx_percentile(x, p)',
    summary: 'The value of which a share p (0 to 1) of the values is not greater, within 0.8 %; exact for p 0 and 1.',
    nulls: skips,
    example: { text: 'approx_percentile(x, 0.5)', x: [10, 20, 1000, null, 40, 30], value: 30 },
  },
  {
    name: 'first',
    signature: 'first(x)',
    summary: 'The value of the first row in time that has one.',
    nulls: skips,
    example: { text: 'first(x)', x: [null, 'b', 'a'], value: 'b' },
  },
  {
    name: 'last',
    signature: 'last(x)',
    summary: 'The value of the last row in time that has one.',
    nulls: skips,
    example: { text: 'last(x)', x: ['b', 'a', null], value: 'a' },
  },
  {
    name: 'any_value',
    signature: 'any_value(x)',
    summary: 'The value of some row, always the same one.',
    nulls: skips,
    example: { text: 'any_value(x)', x: [null, 'b', 'a'], value: 'b' },
  },
  {
    name: 'array_agg',
    signature: 'array_agg(x, n), array_agg(DISTINCT x, n)',
    summary: `The values (or the different ones) in time order, at most n of them; n is at most ${limits.array_values}.`,
    nulls: 'NULL values are skipped; an empty list when there is none',
    example: { text: 'array_agg(DISTINCT x, 2)', x: words, value: ['spam', 'abuse'] },
  },
  {
    name: 'top',
    signature: 'top(x, n)',
    summary: 'The n most frequent values, each with how often it occurs; equally frequent ones in their order.',
    nulls: 'NULL values are skipped; an empty list when there is none',
    example: {
      text: 'top(x, 3)',
      x: words,
      value: [
        ['spam', 3],
        ['abuse', 2],
        ['fraud', 1],
      ],
    },
  },
  {
    name: 'entropy',
    signature: 'entropy(x)',
    summary: "Shannon's entropy of the values in bits: 0 when all are equal, log2(n) for n equally frequent ones.",
    nulls: skips,
    example: { text: 'entropy(x)', x: ['a', 'b', 'a', 'c'], value: 1.5 },
  },
];
