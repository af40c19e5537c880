import type { Scalar } from './case.ts';
import type { Form } from './forms.ts';

/** Whole numbers are exact to 2^53 and else NULL; computed in BigInt. */
function exact(value: bigint): number | null {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return value > most || value < -most ? null : Number(value);
}

/** There is one zero. */
const finite = (value: number) => (Number.isFinite(value) ? value + 0 : null);

function whole(sign: string, means: (a: bigint, b: bigint) => bigint | null): Form {
  return {
    takes: ['int', 'int'],
    gives: 'int',
    sql: (a, b) => (sign === 'div' ? `div(${a}, ${b})` : `(${a} ${sign} ${b})`),
    means: (a: number, b: number) => {
      const value = means(BigInt(a), BigInt(b));
      return value === null ? null : exact(value);
    },
  };
}

function floating(sign: string, means: (a: number, b: number) => number): Form {
  return {
    takes: ['float', 'float'],
    gives: 'float',
    sql: (a, b) => `(${a} ${sign} ${b})`,
    means: (a: number, b: number) => finite(means(a, b)),
  };
}

function compared(type: 'int' | 'float', sign: string, holds: (a: number, b: number) => boolean): Form {
  return { takes: [type, type], gives: 'bool', sql: (a, b) => `(${a} ${sign} ${b})`, means: holds };
}

function least(name: 'least' | 'greatest', pick: (...values: number[]) => number): Form {
  return {
    takes: ['int', 'int'],
    gives: 'int',
    sql: (a, b) => `${name}(${a}, ${b})`,
    means: (...values: Scalar[]) => {
      const known = values.filter((value) => value !== null) as number[];
      return known.length === 0 ? null : pick(...known);
    },
    takes_null: true,
  };
}

function cast(
  from: 'int' | 'float' | 'bool' | 'string',
  to: 'int' | 'float' | 'bool' | 'string',
  means: Form['means'],
): Form {
  const written = (a: string) => (from < to ? `(${a})::${to}` : `CAST(${a} AS ${to})`);
  return { takes: [from], gives: to, sql: written, means };
}

/** Digits of a text as a whole number. */
function digits(text: string): number | null {
  return /^[+-]?\d{1,16}$/.test(text) ? exact(BigInt(text.replace('+', ''))) : null;
}

/** Numbers: arithmetic, rounding, comparisons, casts. */
export const numberForms: Record<string, Form> = {
  add: whole('+', (a, b) => a + b),
  subtract: whole('-', (a, b) => a - b),
  multiply: whole('*', (a, b) => a * b),
  remainder: whole('%', (a, b) => (b === 0n ? null : a % b)),
  div: whole('div', (a, b) => (b === 0n ? null : a / b)),
  divide: {
    takes: ['int', 'int'],
    gives: 'float',
    sql: (a, b) => `(${a} / ${b})`,
    means: (a: number, b: number) => (b === 0 ? null : finite(a / b)),
  },
  add_floats: floating('+', (a, b) => a + b),
  subtract_floats: floating('-', (a, b) => a - b),
  multiply_floats: floating('*', (a, b) => a * b),
  divide_floats: floating('/', (a, b) => (b === 0 ? Number.NaN : a / b)),
  negate: { takes: ['int'], gives: 'int', sql: (a) => `(-(${a}))`, means: (a: number) => exact(-BigInt(a)) },
  abs: { takes: ['int'], gives: 'int', sql: (a) => `abs(${a})`, means: (a: number) => (a < 0 ? 0 - a : a) },
  abs_float: { takes: ['float'], gives: 'float', sql: (a) => `abs(${a})`, means: (a: number) => (a < 0 ? 0 - a : a) },
  floor: { takes: ['float'], gives: 'int', sql: (a) => `floor(${a})`, means: (a: number) => rounded(a, Math.floor(a)) },
  ceil: { takes: ['float'], gives: 'int', sql: (a) => `ceil(${a})`, means: (a: number) => rounded(a, Math.ceil(a)) },
  round: {
    takes: ['float'],
    gives: 'int',
    sql: (a) => `round(${a})`,
    // Halves away from zero.
    means: (a: number) => {
      const size = Math.abs(a);
      const up = size - Math.floor(size) >= 0.5 ? Math.floor(size) + 1 : Math.floor(size);
      return rounded(a, a < 0 ? 0 - up : up);
    },
  },
  round_digit: {
    takes: ['float'],
    gives: 'float',
    sql: (a) => `round(${a}, 1)`,
    means: roundedToOne,
  },
  least: least('least', Math.min),
  greatest: least('greatest', Math.max),
  more: compared('int', '>', (a, b) => a > b),
  equal_floats: compared('float', '=', (a, b) => a === b),
  less_float: compared('float', '<=', (a, b) => a <= b),
  between: {
    takes: ['int', 'int', 'int'],
    gives: 'bool',
    sql: (x, a, b) => `(${x} BETWEEN ${a} AND ${b})`,
    // x >= a AND x <= b: false where one is, whatever the other.
    means: (x: Scalar, a: Scalar, b: Scalar) => {
      const sides = [x === null || a === null ? null : x >= a, x === null || b === null ? null : x <= b];
      return sides.includes(false) ? false : sides.includes(null) ? null : true;
    },
    takes_null: true,
  },
  int_text: cast('int', 'string', (a: number) => `${a}`),
  int_float: cast('int', 'float', (a: number) => a),
  float_int: cast('float', 'int', (a: number) => rounded(a, a < 0 ? Math.ceil(a) : Math.floor(a))),
  bool_int: cast('bool', 'int', (a: boolean) => (a ? 1 : 0)),
  int_bool: cast('int', 'bool', (a: number) => a !== 0),
  bool_text: cast('bool', 'string', (a: boolean) => (a ? 'true' : 'false')),
  text_int: cast('string', 'int', digits),
  text_float: cast('string', 'float', (a: string) => (/^[-+0-9.eE]+$/.test(a) ? finite(Number(a)) : null)),
  text_bool: cast('string', 'bool', (a: string) => ({ true: true, false: false })[a.toLowerCase()] ?? null),
  not: { takes: ['bool'], gives: 'bool', sql: (a) => `(NOT ${a})`, means: (a: boolean) => !a },
  is_null: {
    takes: ['float'],
    gives: 'bool',
    sql: (a) => `(${a} IS NULL)`,
    means: (a: Scalar) => a === null,
    takes_null: true,
  },
};

/** By the digits that the number is written with, halves away from zero; one that needs an exponent has none behind the point. */
function roundedToOne(a: number): number {
  const [whole, part = ''] = String(Math.abs(a)).split('.') as [string, string?];
  if (String(a).includes('e')) return Math.abs(a) < 1 ? 0 : a;
  const tenths = BigInt(whole) * 10n + BigInt(part[0] ?? '0') + ((part[1] ?? '0') >= '5' ? 1n : 0n);
  const size = Number(`${tenths / 10n}.${tenths % 10n}`);
  return a < 0 ? 0 - size : size;
}

function rounded(given: number, value: number): number | null {
  return Number.isFinite(given) ? exact(BigInt(value + 0)) : null;
}
