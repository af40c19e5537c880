import type { Value } from '../../engine/index.ts';

/** Help for a form of the language that is no function (dsl/build/compile-expression.ts); its example is run by a test. */
export interface FormHelp {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly nulls: string;
  readonly example: { readonly text: string; readonly value: Value };
}

const threeValued = 'three-valued: NULL is unknown';

export const forms: readonly FormHelp[] = [
  {
    ...{ name: 'and', signature: 'a AND b', nulls: threeValued },
    summary: 'True where both are; false where one is false, whatever the other.',
    example: { text: 'NULL AND FALSE', value: false },
  },
  {
    ...{ name: 'or', signature: 'a OR b', nulls: threeValued },
    summary: 'True where one is, whatever the other; false where both are false.',
    example: { text: 'NULL OR TRUE', value: true },
  },
  {
    ...{ name: 'not', signature: 'NOT a', nulls: threeValued },
    summary: 'The other truth; unknown stays unknown, and WHERE and HAVING let only what is true through.',
    example: { text: 'NOT (1 > 2)', value: true },
  },
  {
    ...{ name: 'is_null', signature: 'x IS NULL, x IS NOT NULL', nulls: 'never NULL itself' },
    summary: 'Whether there is no value. An empty text is a value.',
    example: { text: "'' IS NULL", value: false },
  },
  {
    ...{ name: 'in', signature: 'x IN (a, b, ...), x NOT IN (a, b, ...)' },
    summary: 'Whether x equals one of the list; an address may be asked for in networks.',
    nulls: 'NULL when x is NULL, and when it equals none and one of the list is NULL',
    example: { text: "'198.51.100.7'::ip IN ('192.0.2.1', '198.51.100.0/24')", value: true },
  },
  {
    ...{ name: 'between', signature: 'x BETWEEN a AND b, x NOT BETWEEN a AND b', nulls: threeValued },
    summary: 'Whether x is at least a and at most b, both inside.',
    example: { text: '5 BETWEEN 1 AND 5', value: true },
  },
  {
    ...{ name: 'case', signature: 'CASE WHEN condition THEN x ... ELSE y END, CASE a WHEN b THEN x ... END' },
    summary: 'The value of the first branch whose condition is true (whose b equals a), else that of ELSE.',
    nulls: 'NULL without ELSE where no branch is true; a condition that is NULL is not true',
    example: { text: "CASE WHEN 2 > 3 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END", value: 'b' },
  },
];
