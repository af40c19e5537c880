import type { Scalar } from './case.ts';
import type { Form } from './forms.ts';
import { canonical, isIn } from './forms-address.ts';
import { like } from './forms-text.ts';

type Elements = readonly Scalar[];

/** An element is read as its text. */
const textOf = (element: Scalar | undefined) => (element === null || element === undefined ? null : String(element));

/** OR over the elements, three-valued. */
function any(array: Elements, holds: (text: string) => boolean | null): boolean | null {
  const truths = array.map(textOf).map((text) => (text === null ? null : holds(text)));
  if (truths.includes(true)) return true;
  return truths.includes(null) ? null : false;
}

/** What is asked of arrays; ANY with the other operators is in the conditions themselves (`oracle-any.ts`). */
export const arrayForms: Record<string, Form> = {
  cardinality: {
    takes: ['array'],
    gives: 'int',
    sql: (a) => `cardinality(${a})`,
    means: (array: Elements) => array.length,
  },
  element: {
    takes: ['array', 'few'],
    gives: 'string',
    sql: (a, n) => `${a}[${n}]`,
    means: (array: Elements, n: number) => textOf(array[n]),
  },
  element_from_end: {
    takes: ['array', 'few'],
    gives: 'string',
    sql: (a, n) => `array_get(${a}, -${n})`,
    means: (array: Elements, n: number) => textOf([...array].reverse()[n - 1]),
  },
  any_ilike: {
    takes: ['array', 'like'],
    gives: 'bool',
    sql: (a, b) => `(ANY(${a}) ILIKE ${b})`,
    means: (array: Elements, pattern: string) => any(array, (text) => like(text.toLowerCase(), pattern.toLowerCase())),
  },
  any_matches: {
    takes: ['array', 'regex'],
    gives: 'bool',
    sql: (a, b) => `(ANY(${a}) ~ ${b})`,
    means: (array: Elements, pattern: string) => any(array, (text) => new RegExp(pattern, 'u').test(text)),
  },
  any_in_network: {
    takes: ['array', 'network'],
    gives: 'bool',
    sql: (a, b) => `(ANY(${a})::ip = ${b})`,
    // What is no address is NULL.
    means: (array: Elements, network: string) =>
      any(array, (text) => (canonical(text) === null ? null : isIn(text, network))),
  },
};
