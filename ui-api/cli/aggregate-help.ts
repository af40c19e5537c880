/** Help for one aggregate; a test holds the list equal to the aggregates that the compiler knows. */
export interface AggregateHelp {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly nulls: string;
}

const skips = 'NULL values are skipped; NULL when there is no value';

/** In the order of language.md. Each takes FILTER (WHERE condition). */
export const aggregateHelp: readonly AggregateHelp[] = [
  {
    name: 'count',
    signature: 'count(*), count(x), count(DISTINCT x)',
    summary: 'How many rows, rows with a value, or different values.',
    nulls: 'count(*) counts every row; the other two skip NULL; 0 when there is nothing to count',
  },
  { name: 'sum', signature: 'sum(x)', summary: 'The sum of numbers or durations.', nulls: skips },
  { name: 'avg', signature: 'avg(x)', summary: 'The mean of numbers or durations.', nulls: skips },
  { name: 'min', signature: 'min(x)', summary: 'The least value; texts by code point.', nulls: skips },
  { name: 'max', signature: 'max(x)', summary: 'The greatest value; texts by code point.', nulls: skips },
  { name: 'first', signature: 'first(x)', summary: 'The value of the first row in time that has one.', nulls: skips },
  { name: 'last', signature: 'last(x)', summary: 'The value of the last row in time that has one.', nulls: skips },
  {
    name: 'any_value',
    signature: 'any_value(x)',
    summary: 'The value of some row, always the same one.',
    nulls: skips,
  },
  {
    name: 'array_agg',
    signature: 'array_agg(x, n), array_agg(DISTINCT x, n)',
    summary: 'The values (or the different ones) in time order, at most n of them.',
    nulls: 'NULL values are skipped; an empty list when there is none',
  },
];
