import { compareValues, type Value, type ValueType } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { commonType, comparable, ordered, typeWithArticle } from './types.ts';

function noCommonType(types: readonly ValueType[]): string | null {
  if (commonType(types) !== null) return null;
  const names = [...new Set(types)].map(typeWithArticle);
  return `all arguments must have one type, these are ${names.join(' and ')}`;
}

function noCommonOrder(types: readonly ValueType[]): string | null {
  const unordered = types.find((type) => !ordered(type));
  return unordered === undefined ? noCommonType(types) : `${typeWithArticle(unordered)} has no order`;
}

/** The value that stands first (sign -1) or last (sign 1) in order; NULLs are skipped. */
function extreme(values: readonly Value[], sign: 1 | -1): Value {
  let found: Value = null;
  for (const value of values) {
    if (value !== null && (found === null || compareValues(value, found) * sign > 0)) found = value;
  }
  return found;
}

const common = {
  group: 'conditional',
  parameters: ['any'],
  rest: 'any',
  null_on_null: false,
  result: (types: readonly ValueType[]) => commonType(types) ?? 'null',
} as const;

/** Choices between values. CASE and IN are forms of the language and not functions. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  define({
    ...common,
    name: 'coalesce',
    signature: 'coalesce(a, b, ...)',
    mismatch: noCommonType,
    evaluate: (values) => values.find((value) => value !== null) ?? null,
    summary: 'The first value that is not NULL.',
    example: { text: "coalesce(NULL, 'b', 'c')", value: 'b' },
  }),
  define({
    ...common,
    name: 'nullif',
    signature: 'nullif(a, b)',
    parameters: ['any', 'any'],
    rest: null,
    result: ([type]) => type,
    mismatch: ([a, b]) => (comparable(a, b) ? null : noCommonType([a, b])),
    evaluate: ([a, b]) => (a !== null && b !== null && compareValues(a, b) === 0 ? null : a),
    summary: 'NULL when a = b, else a.',
    example: { text: "nullif('-', '-')", value: null },
  }),
  define({
    ...common,
    name: 'greatest',
    signature: 'greatest(a, b, ...)',
    mismatch: noCommonOrder,
    evaluate: (values) => extreme(values, 1),
    summary: 'The greatest of the values; NULLs are skipped, as in PostgreSQL.',
    example: { text: 'greatest(3, NULL, 7)', value: 7 },
  }),
  define({
    ...common,
    name: 'least',
    signature: 'least(a, b, ...)',
    mismatch: noCommonOrder,
    evaluate: (values) => extreme(values, -1),
    summary: 'The least of the values; NULLs are skipped, as in PostgreSQL.',
    example: { text: 'least(3, NULL, 7)', value: 3 },
  }),
];
