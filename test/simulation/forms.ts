import type { Scalar } from './case.ts';
import { addressForms } from './forms-address.ts';
import { arrayForms } from './forms-array.ts';
import { likenessForms } from './forms-likeness.ts';
import { numberForms } from './forms-number.ts';
import { textForms } from './forms-text.ts';
import { timeForms } from './forms-time.ts';

/** Types of the language, and what only a literal can be: patterns, units, zones, networks. */
export type FormType =
  | 'string'
  | 'int'
  | 'float'
  | 'bool'
  | 'timestamp'
  | 'duration'
  | 'ip'
  | 'array'
  | ('like' | 'regex' | 'unit' | 'zone' | 'network' | 'few');

/** An operator or a function as the random cases know it: how it is written, and what it means, said once more. */
export interface Form {
  readonly takes: readonly FormType[];
  readonly gives: FormType;
  readonly sql: (...written: string[]) => string;
  /** NULL where an argument is NULL, if it does not take that itself; asked for values only then. */
  readonly means: (...values: never[]) => Scalar;
  readonly takes_null?: boolean;
}

const same = (a: Scalar, b: Scalar) => a === b;

/** NULLs, choices and truths; CASE is in the conditions themselves (`case.ts`). */
const generalForms = (type: 'string' | 'int' | 'float' | 'timestamp' | 'bool' | 'ip'): [string, Form][] => {
  const all: Record<string, Form> = {
    coalesce: {
      takes: [type, type],
      gives: type,
      sql: (a, b) => `coalesce(${a}, ${b})`,
      means: (...values: Scalar[]) => values.find((value) => value !== null) ?? null,
      takes_null: true,
    },
    nullif: {
      takes: [type, type],
      gives: type,
      sql: (a, b) => `nullif(${a}, ${b})`,
      means: (a: Scalar, b: Scalar) => (same(a, b) ? null : a),
      takes_null: true,
    },
    distinct: {
      takes: [type, type],
      gives: 'bool',
      sql: (a, b) => `(${a} IS DISTINCT FROM ${b})`,
      means: (a: Scalar, b: Scalar) => !same(a, b),
      takes_null: true,
    },
  };
  return Object.entries(all).map(([name, form]) => [`${name}_${type}`, form]);
};

export const forms: ReadonlyMap<string, Form> = new Map([
  ...(['string', 'int', 'float', 'timestamp', 'bool', 'ip'] as const).flatMap(generalForms),
  ...[textForms, likenessForms, numberForms, timeForms, addressForms, arrayForms].flatMap((group) =>
    Object.entries(group),
  ),
]);

/** What a call means. */
export function called(name: string, values: readonly Scalar[]): Scalar {
  const form = forms.get(name);
  if (form === undefined) throw new Error(`there is no form ${name}`);
  if (form.takes_null !== true && values.includes(null)) return null;
  return form.means(...(values as never[]));
}
