import { compareValues, type Value, type ValueType } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { comparable, ordered, typeWithArticle } from './types.ts';

function notComparable([a, b]: readonly ValueType[]): string | null {
  if (comparable(a, b)) return null;
  const never = `${typeWithArticle(a)} and ${typeWithArticle(b)} are never compared`;
  const isAddress = (type: ValueType): boolean => type === 'ip' || type === 'cidr';
  const isNumber = (type: ValueType): boolean => type === 'int' || type === 'float';
  // No cast makes a number an address.
  if ((isAddress(a) && isNumber(b)) || (isNumber(a) && isAddress(b)))
    return `${never}; an address has quotes: '10.0.0.1'`;
  // What a cast makes of a duration is milliseconds, which nobody means who writes 60.
  if ((a === 'duration' && isNumber(b)) || (isNumber(a) && b === 'duration'))
    return `${never}; a length of time has a unit: 60 SECONDS`;
  return `${never}; cast one of them, for example x::${b}`;
}

function notOrdered(types: readonly ValueType[]): string | null {
  const unordered = types.find((type) => !ordered(type));
  if (unordered === undefined) return notComparable(types);
  return `${typeWithArticle(unordered)} has no order; only = and <> compare it`;
}

interface Comparison {
  readonly name: string;
  readonly holds: (difference: number) => boolean;
  readonly summary: string;
  readonly example: ScalarFunction['example'];
}

function comparison({ name, holds, summary, example }: Comparison): ScalarFunction {
  const equality = name === '=' || name === '<>';
  return define({
    name,
    signature: `a ${name} b`,
    group: 'comparison',
    parameters: ['any', 'any'],
    result: 'bool',
    mismatch: equality ? notComparable : notOrdered,
    evaluate: ([a, b]) => holds(compareValues(a, b)),
    summary,
    example,
  });
}

const isDistinctFrom = define({
  name: 'is_distinct_from',
  signature: 'a IS DISTINCT FROM b',
  group: 'comparison',
  parameters: ['any', 'any'],
  result: 'bool',
  null_on_null: false,
  mismatch: notComparable,
  evaluate: ([a, b]: readonly Value[]) => compareValues(a, b) !== 0,
  summary: 'Different, where NULL is a value like any other: never NULL itself.',
  example: { text: "NULL IS DISTINCT FROM 'a'", value: true },
});

/** Comparisons. Strings compare by code point, which is the order of their UTF-8 bytes. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  comparison({
    name: '=',
    holds: (difference) => difference === 0,
    summary: 'Equal. Texts must be equal code point by code point, case included.',
    example: { text: "'a' = 'A'", value: false },
  }),
  comparison({
    name: '<>',
    holds: (difference) => difference !== 0,
    summary: 'Not equal; NULL when a side is NULL (IS DISTINCT FROM is not).',
    example: { text: '1 <> 2', value: true },
  }),
  comparison({
    name: '<',
    holds: (difference) => difference < 0,
    summary: 'Less than; texts by code point.',
    example: { text: "'Z' < 'a'", value: true },
  }),
  comparison({
    name: '<=',
    holds: (difference) => difference <= 0,
    summary: 'Less than or equal; texts by code point.',
    example: { text: '2 <= 2.0', value: true },
  }),
  comparison({
    name: '>',
    holds: (difference) => difference > 0,
    summary: 'Greater than; texts by code point.',
    example: { text: '2 > 2', value: false },
  }),
  comparison({
    name: '>=',
    holds: (difference) => difference >= 0,
    summary: 'Greater than or equal; texts by code point.',
    example: { text: '90 SECONDS >= 1 MINUTE', value: true },
  }),
  isDistinctFrom,
];
