import type { ValueType } from '../../engine/index.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { isNumber, typeWithArticle } from './types.ts';

/** The result's type of `left operator right`, or null where that means nothing. */
type TypeRule = (left: ValueType, right: ValueType) => ValueType | null;

function numberOf(left: ValueType, right: ValueType): ValueType {
  return left === 'int' && right === 'int' ? 'int' : 'float';
}

const additionType: TypeRule = (left, right) => {
  if (isNumber(left) && isNumber(right)) return numberOf(left, right);
  if (left === 'duration' && right === 'duration') return 'duration';
  const moved = (left === 'timestamp' && right === 'duration') || (left === 'duration' && right === 'timestamp');
  return moved ? 'timestamp' : null;
};

const subtractionType: TypeRule = (left, right) => {
  if (isNumber(left) && isNumber(right)) return numberOf(left, right);
  if (right === 'duration' && (left === 'duration' || left === 'timestamp')) return left;
  return left === 'timestamp' && right === 'timestamp' ? 'duration' : null;
};

const multiplicationType: TypeRule = (left, right) => {
  if (isNumber(left) && isNumber(right)) return numberOf(left, right);
  const scaled = (left === 'duration' && isNumber(right)) || (isNumber(left) && right === 'duration');
  return scaled ? 'duration' : null;
};

const divisionType: TypeRule = (left, right) => {
  if (isNumber(left) && isNumber(right)) return 'float';
  if (left === 'duration' && right === 'duration') return 'float';
  return left === 'duration' && isNumber(right) ? 'duration' : null;
};

const remainderType: TypeRule = (left, right) => (isNumber(left) && isNumber(right) ? numberOf(left, right) : null);

interface Arithmetic {
  readonly name: string;
  readonly verb: string;
  readonly type: TypeRule;
  readonly compute: (left: number, right: number) => number | null;
  readonly summary: string;
  readonly example: ScalarFunction['example'];
}

function arithmetic({ name, verb, type, compute, summary, example }: Arithmetic): ScalarFunction {
  /** NULL takes the other side's type; NULL + NULL is a number like any other NULL. */
  function typeOf([left, right]: readonly ValueType[]): ValueType | null {
    if (left === 'null' && right === 'null') return 'int';
    if (left === 'null') return type(right, right) ?? type('int', right) ?? type('duration', right);
    if (right === 'null') return type(left, left) ?? type(left, 'duration') ?? type(left, 'int');
    return type(left, right);
  }
  return define({
    name,
    signature: `a ${name} b`,
    group: 'number',
    parameters: ['any', 'any'],
    result: (types) => typeOf(types) ?? 'null',
    mismatch: (types) =>
      typeOf(types) === null ? `${types.map(typeWithArticle).join(' and ')} cannot be ${verb}` : null,
    evaluate: ([left, right]) => compute(left as number, right as number),
    summary,
    example,
  });
}

const negate = define({
  name: 'negate',
  signature: '-a',
  group: 'number',
  parameters: ['any'],
  result: ([type]) => (type === 'null' ? 'int' : type),
  mismatch: ([type]) =>
    isNumber(type) || type === 'duration' || type === 'null' ? null : `${typeWithArticle(type)} has no negative`,
  evaluate: ([value]) => -(value as number),
  summary: 'The negative of a number or a duration.',
  example: { text: '-(2 + 3)', value: -5 },
});

const div = define({
  name: 'div',
  signature: 'div(a, b)',
  group: 'number',
  parameters: ['int', 'int'],
  result: 'int',
  evaluate: ([left, right]) => (right === 0 ? null : Math.trunc((left as number) / (right as number))),
  summary: 'Integer division, cut towards zero; by zero it is NULL.',
  example: { text: 'div(-7, 2)', value: -3 },
});

/** Arithmetic. An int beyond 2^53 is NULL (evaluate.ts), so that a count is exact or absent, never rounded. */
export const arithmeticFunctions: readonly ScalarFunction[] = [
  arithmetic({
    name: '+',
    verb: 'added',
    type: additionType,
    compute: (left, right) => left + right,
    summary: 'Sum of two numbers or durations; a timestamp and a duration give a timestamp.',
    example: { text: '2 + 0.5', value: 2.5 },
  }),
  arithmetic({
    name: '-',
    verb: 'subtracted',
    type: subtractionType,
    compute: (left, right) => left - right,
    summary: 'Difference; of two timestamps it is a duration.',
    example: { text: '5 - 7', value: -2 },
  }),
  arithmetic({
    name: '*',
    verb: 'multiplied',
    type: multiplicationType,
    compute: (left, right) => left * right,
    summary: 'Product of two numbers, or of a duration and a number.',
    example: { text: '6 * 7', value: 42 },
  }),
  arithmetic({
    name: '/',
    verb: 'divided',
    type: divisionType,
    compute: (left, right) => (right === 0 ? null : left / right),
    summary: 'Division as float, also of integers; by zero it is NULL. A duration by a duration is a number.',
    example: { text: '7 / 2', value: 3.5 },
  }),
  arithmetic({
    name: '%',
    verb: 'divided',
    type: remainderType,
    compute: (left, right) => (right === 0 ? null : left % right),
    summary: 'Remainder with the sign of the dividend; by zero it is NULL.',
    example: { text: '-7 % 3', value: -1 },
  }),
  negate,
  div,
];
