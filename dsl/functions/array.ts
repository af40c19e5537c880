import type { Value } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';

/** An element as text; a list in a list as its JSON; NULL for what has none. Elements have no declared type, a text has. */
export function elementText(element: Value | undefined): Value {
  if (element !== null && typeof element === 'object') return JSON.stringify(element);
  if (typeof element === 'string') return element;
  return typeof element === 'number' || typeof element === 'boolean' ? String(element) : null;
}

/** Arrays. */
export const arrayFunctions: readonly ScalarFunction[] = [
  define({
    name: 'cardinality',
    signature: 'cardinality(array)',
    group: 'array',
    parameters: ['array'],
    result: 'int',
    evaluate: ([array]) => (array as readonly Value[]).length,
    summary:
      'Number of elements. A path into details is an array here, in x[n] and in ANY(x); elsewhere x::array makes it one.',
    example: { text: 'cardinality(array_agg(account_id, 10))', value: 2 },
  }),
  define({
    name: 'array_get',
    signature: 'array[n], array_get(array, n)',
    group: 'array',
    parameters: ['array', 'int'],
    result: 'string',
    evaluate: ([array, n]) => elementText((array as readonly Value[]).at(n as number)),
    summary:
      'The n-th element as text, from 0 (from -1 at the end); NULL where there is none. Cast it to compare numbers.',
    example: { text: 'array_agg(account_id, 10)[0]', value: 'acct_1' },
  }),
];
