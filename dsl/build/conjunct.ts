import type { Conjunct, Truth, Value } from '../../engine/index.ts';
import type { Expression } from '../plan/plan.ts';
import { type StreamColumns, storageOf } from './columns.ts';

type Comparison = NonNullable<Conjunct['comparison']>;

/** Each comparison, and what it is when its sides change places. */
const flipped: ReadonlyMap<string, Comparison['operator']> = new Map<string, Comparison['operator']>([
  ['=', '='],
  ['<>', '<>'],
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
]);

/** `column op constant` on a number column, from either side; bool is no number although it is stored as one. */
function comparisonOf(expression: Expression): Comparison | null {
  if (expression.kind !== 'call') return null;
  const turned = flipped.get(expression.function);
  if (turned === undefined) return null;
  const [left, right] = expression.arguments;
  const columnIsLeft = left.kind === 'column';
  const [column, literal] = columnIsLeft ? [left, right] : [right, left];
  if (column.kind !== 'column' || literal.kind !== 'literal' || typeof literal.value !== 'number') return null;
  if (storageOf(column.type) !== 'number' || column.type === 'bool') return null;
  // Every comparison is the turned form of its own turned form.
  const operator = columnIsLeft ? (flipped.get(turned) as Comparison['operator']) : turned;
  return { operator, constant: literal.value };
}

/**
 * The only values of a string column for which the conjunct can be true, or null. An ip column is left out: `=` and IN
 * take a network there.
 */
function valuesOf(expression: Expression): string[] | null {
  const [column, ...literals] =
    expression.kind === 'in'
      ? [expression.argument, ...expression.list]
      : expression.kind === 'call' && expression.function === '='
        ? expression.arguments
        : [];
  if (column?.kind !== 'column' || column.type !== 'string') return null;
  const values: string[] = [];
  for (const literal of literals) {
    if (literal.kind !== 'literal') return null;
    if (typeof literal.value === 'string') values.push(literal.value);
    else if (literal.value !== null) return null;
  }
  return values;
}

/**
 * The constants that a condition on one column compares it with, where it asks nothing but whether it is one of them, or
 * NULL; else null. An ip column is left out for the same reason.
 */
function namedIn(expression: Expression): Value[] | null {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return allNamed(expression.arguments);
    case 'not':
      return namedIn(expression.argument);
    case 'is_null':
      return isPlain(expression.argument) ? [] : null;
    case 'in':
      return isPlain(expression.argument) ? literals(expression.list) : null;
    case 'call': {
      if (expression.function !== '=' && expression.function !== '<>') return null;
      const constants = expression.arguments.filter(({ kind }) => kind !== 'column');
      return constants.length === 1 && expression.arguments.some(isPlain) ? literals(constants) : null;
    }
    default:
      return null;
  }
}

function isPlain(expression: Expression): boolean {
  return expression.kind === 'column' && expression.type !== 'ip' && expression.type !== 'array';
}

function allNamed(expressions: readonly Expression[]): Value[] | null {
  const named = expressions.map(namedIn);
  return named.includes(null) ? null : named.flatMap((values) => values ?? []);
}

function literals(expressions: readonly Expression[]): Value[] | null {
  const values = expressions.flatMap((one) => (one.kind === 'literal' ? [one.value] : []));
  return values.length === expressions.length ? values : null;
}

/** One conjunct of WHERE as the engine takes it. */
export function buildConjunct(expression: Expression, stream: StreamColumns): Conjunct {
  const columns = stream.indexesIn(expression);
  const evaluate = stream.compile(expression, columns);
  const test = (values: Parameters<Conjunct['test']>[0]): Truth => evaluate(values) as Truth;
  const comparison = comparisonOf(expression);
  if (comparison !== null) return { columns, test, comparison };
  const values = valuesOf(expression);
  if (values !== null) return { columns, test, values, named: values };
  const named = columns.length === 1 ? namedIn(expression) : null;
  return named === null ? { columns, test } : { columns, test, named };
}
