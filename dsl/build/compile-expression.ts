import { compareValues, type Truth, type Value, type ValueType } from '../../engine/index.ts';
import { canFail, evaluatorOf, functions } from '../functions/index.ts';
import type { Expression } from '../plan/plan.ts';
import type { OnFailure } from './failure-sites.ts';

/** Computes an expression's value in a context: a row's values, or a group's result. Never throws. */
export type Evaluate<Context> = (context: Context) => Value;

/** Expressions that read the context; what they mean depends on where the expression stands. */
export type Leaf = Extract<
  Expression,
  { kind: 'column' | 'lookup' | 'key' | 'aggregate' | 'window_start' | 'window_end' }
>;

/** The parser refuses deeper nesting long before; this bound keeps a plan made by other hands off the stack's end. */
const greatestDepth = 1_000;

/**
 * Turns a checked expression into nested closures, once; `leaf` says how the context is read, `onFailure` hears of values
 * that came to nothing. No text becomes code.
 * Throws on a plan that the checker cannot have made (an unknown function).
 */
export function compileExpression<Context>(
  expression: Expression,
  leaf: (leaf: Leaf) => Evaluate<Context>,
  onFailure: OnFailure | null = null,
): Evaluate<Context> {
  return compile(expression, { leaf, onFailure }, 0);
}

interface Surroundings<Context> {
  readonly leaf: (leaf: Leaf) => Evaluate<Context>;
  readonly onFailure: OnFailure | null;
}

function compile<Context>(e: Expression, around: Surroundings<Context>, depth: number): Evaluate<Context> {
  if (depth > greatestDepth) throw new Error(`the plan nests an expression deeper than ${greatestDepth}`);
  const inner = (part: Expression): Evaluate<Context> => compile(part, around, depth + 1);
  switch (e.kind) {
    case 'literal': {
      const { value } = e;
      return () => value;
    }
    case 'call':
      return compileCall(e, e.arguments.map(inner), around.onFailure);
    case 'and':
      return compileJunction(e.arguments.map(inner), false);
    case 'or':
      return compileJunction(e.arguments.map(inner), true);
    case 'not': {
      const argument = inner(e.argument);
      return (context) => {
        const truth = argument(context);
        return truth === null ? null : !truth;
      };
    }
    case 'is_null': {
      const argument = inner(e.argument);
      return (context) => argument(context) === null;
    }
    case 'in':
      return compileIn(e, inner);
    case 'case':
      return compileCase(e, inner);
    default:
      return around.leaf(e);
  }
}

/** AND (decided by false) and OR (decided by true): undecided it is NULL if a part was NULL, else the other truth. */
function compileJunction<Context>(parts: readonly Evaluate<Context>[], decisive: boolean): Evaluate<Context> {
  return (context) => {
    let result: Truth = !decisive;
    for (const part of parts) {
      const truth = part(context);
      if (truth === decisive) return decisive;
      if (truth === null) result = null;
    }
    return result;
  };
}

type NumberTest = (a: number, b: number) => boolean;

/** Comparisons of numbers, which HAVING is made of: the registry's meaning without a list of arguments per call. */
const numberTests: ReadonlyMap<string, NumberTest> = new Map<string, NumberTest>([
  ['=', (a, b) => a === b],
  ['<>', (a, b) => a !== b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

const numericTypes: ReadonlySet<ValueType> = new Set(['int', 'float', 'timestamp', 'duration']);

function compileCall<Context>(
  call: Extract<Expression, { kind: 'call' }>,
  values: readonly Evaluate<Context>[],
  onFailure: OnFailure | null,
): Evaluate<Context> {
  const { function: name, type } = call;
  const types = call.arguments.map((argument) => argument.type);
  const definition = functions.get(name);
  if (definition === undefined) throw new Error(`the plan calls '${name}', which is not in the functions registry`);
  const numberTest = numberTests.get(name);
  if (numberTest !== undefined && types.every((one) => numericTypes.has(one))) {
    const [left, right] = values;
    return (context) => {
      const a = left(context);
      const b = right(context);
      return a === null || b === null ? null : numberTest(a as number, b as number);
    };
  }
  const failed = canFail(definition, type) ? (onFailure?.(call) ?? null) : null;
  const evaluate = evaluatorOf(definition, types, type, failed);
  // Most calls have one argument or two: no closure for each row.
  const [first, second] = values;
  if (values.length === 1) return (context) => evaluate([first(context)]);
  if (values.length === 2) return (context) => evaluate([first(context), second(context)]);
  return (context) => evaluate(values.map((value) => value(context)));
}

function compileIn<Context>(
  { argument, list }: Extract<Expression, { kind: 'in' }>,
  inner: (part: Expression) => Evaluate<Context>,
): Evaluate<Context> {
  const value = inner(argument);
  const literals = new Set<Value>();
  const tests: ((value: Value, context: Context) => Truth)[] = [];
  for (const item of list) {
    if (item.kind === 'literal' && item.type !== 'cidr' && item.value !== null && typeof item.value !== 'object') {
      literals.add(item.value);
    } else tests.push(compileMembership(argument.type, item, inner(item)));
  }
  return (context) => {
    const found = value(context);
    if (found === null) return null;
    if (literals.has(found)) return true;
    let result: Truth = false;
    for (const test of tests) {
      const truth = test(found, context);
      if (truth === true) return true;
      if (truth === null) result = null;
    }
    return result;
  };
}

/** `argument = item`, where an address may be asked for in a network. */
function compileMembership<Context>(
  argumentType: ValueType,
  { type }: Expression,
  item: Evaluate<Context>,
): (value: Value, context: Context) => Truth {
  const inNetwork = argumentType === 'ip' && type === 'cidr' ? functions.get('in_cidr') : undefined;
  return (value, context) => {
    const other = item(context);
    if (other === null) return null;
    return inNetwork ? (inNetwork.evaluate([value, other]) as Truth) : compareValues(value, other) === 0;
  };
}

function compileCase<Context>(
  e: Extract<Expression, { kind: 'case' }>,
  inner: (part: Expression) => Evaluate<Context>,
): Evaluate<Context> {
  const branches = e.branches.map(({ when, then }) => ({ condition: inner(when), value: inner(then) }));
  const otherwise: Evaluate<Context> = e.otherwise === null ? () => null : inner(e.otherwise);
  return (context) => {
    for (const { condition, value } of branches) {
      if (condition(context) === true) return value(context);
    }
    return otherwise(context);
  };
}
