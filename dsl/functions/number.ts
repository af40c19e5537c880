import type { ValueType } from '../../engine/index.ts';
import { arithmeticFunctions } from './arithmetic.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';

function sameNumber([type]: readonly ValueType[]): ValueType {
  return type === 'float' ? 'float' : 'int';
}

/** Half away from zero, as SQL's numeric does. JavaScript rounds -2.5 to -2. */
function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** Rounds by moving the decimal point in the text: x * 10^n is off by an ulp (1.005 * 100 is 100.49999999999999). */
function roundToDigits(value: number, digits: number): number {
  const [mantissa, exponent] = value.toExponential().split('e');
  // Nothing behind those digits: moved beyond 2^53, it could only lose what it has.
  if (mantissa.replace(/^-?\d\.?/, '').length - Number(exponent) <= digits) return value;
  const shifted = roundHalfAway(Number(`${mantissa}e${Number(exponent) + digits}`));
  return Number(`${shifted}e${-digits}`);
}

const digitsLimit = 15;

const roundFunction = define({
  name: 'round',
  signature: 'round(x [, digits])',
  group: 'number',
  parameters: ['number', 'int'],
  required: 1,
  result: (types) => (types.length === 1 ? 'int' : 'float'),
  evaluate: ([value, digits]) => {
    if (digits === undefined) return roundHalfAway(value as number);
    if (Math.abs(digits as number) > digitsLimit) return null;
    const rounded = roundToDigits(value as number, digits as number);
    // Beyond 21 digits the text has an exponent of its own; such a number has no digits behind the point to lose.
    return Number.isNaN(rounded) ? value : rounded;
  },
  check: ([, digits]) =>
    typeof digits === 'number' && Math.abs(digits) > digitsLimit
      ? `round keeps between -${digitsLimit} and ${digitsLimit} digits`
      : null,
  summary: 'The nearest whole number, halves away from zero; with digits, the nearest with so many behind the point.',
  example: { text: 'round(2.345, 2)', value: 2.35 },
});

/** Numbers: arithmetic (arithmetic.ts) and rounding. */
export const numberFunctions: readonly ScalarFunction[] = [
  ...arithmeticFunctions,
  define({
    name: 'abs',
    signature: 'abs(x)',
    group: 'number',
    parameters: ['number'],
    result: sameNumber,
    evaluate: ([value]) => Math.abs(value as number),
    summary: 'The number without its sign.',
    example: { text: 'abs(-3)', value: 3 },
  }),
  roundFunction,
  define({
    name: 'floor',
    signature: 'floor(x)',
    group: 'number',
    parameters: ['number'],
    result: 'int',
    evaluate: ([value]) => Math.floor(value as number),
    summary: 'The greatest whole number that is not greater.',
    example: { text: 'floor(-1.5)', value: -2 },
  }),
  define({
    name: 'ceil',
    signature: 'ceil(x)',
    group: 'number',
    parameters: ['number'],
    result: 'int',
    evaluate: ([value]) => Math.ceil(value as number),
    summary: 'The least whole number that is not less.',
    example: { text: 'ceil(1.2)', value: 2 },
  }),
];
