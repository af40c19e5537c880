import { compareValues, type Value } from '../../engine/index.ts';
import { type Checked, identity } from '../check/checked.ts';
import { evaluatorOf, functions } from '../functions/index.ts';
import { compare, isOtherCase } from './comparison.ts';
import type { Facts } from './facts.ts';
import { rangeOf } from './function-ranges.ts';
import { alwaysNull, anything, between, both, canBe, either, exactly, isNullOnly, type Known, truth } from './known.ts';

/** Calls of which so few combinations of arguments are possible are computed for all of them. */
const few = 64;

/** Everything that an expression can be, given the facts: never too little. */
export function evaluate(expression: Checked, facts: Facts): Known {
  const known = byForm(expression, facts);
  const learnt = facts.of(expression);
  return learnt === undefined ? known : both(known, learnt, expression.type);
}

function byForm(expression: Checked, facts: Facts): Known {
  switch (expression.kind) {
    case 'literal':
      return exactly(expression.value);
    case 'column':
      return facts.ground.column(expression);
    case 'lookup':
      return ofLookup(expression, facts);
    case 'key':
      return facts.ground.key(expression.index);
    case 'window_start':
    case 'window_end':
      return between(null, null, false);
    case 'aggregate':
      return facts.ground.aggregate(expression, facts);
    case 'call':
      return ofCall(expression, facts);
    case 'and':
      return conjunction(expression.arguments.map((part) => evaluate(part, facts)));
    case 'or':
      return negation(conjunction(expression.arguments.map((part) => negation(evaluate(part, facts)))));
    case 'not':
      return negation(evaluate(expression.argument, facts));
    case 'is_null': {
      const known = evaluate(expression.argument, facts);
      return truth(known.null, !isNullOnly(known), false);
    }
    case 'in':
      return ofIn(expression, facts);
    case 'case':
      return ofCase(expression, facts);
  }
}

/** Where there is a row it has its key. */
function ofLookup(value: Extract<Checked, { kind: 'lookup' }>, facts: Facts): Known {
  const { lookup, output, type } = value;
  if (output === null || !facts.ground.isKeyOf(lookup, output)) return anything(type);
  const hasRow = facts.of({ ...value, output: null, type: 'bool' });
  const isThere = hasRow !== undefined && !hasRow.null && !canBe(hasRow, false);
  return { ...anything(type), null: !isThere };
}

function conjunction(parts: readonly Known[]): Known {
  const mayBeTrue = parts.every((part) => canBe(part, true));
  const mayBeFalse = parts.some((part) => canBe(part, false));
  const mayBeNull = parts.some((part) => part.null) && parts.every((part) => part.null || canBe(part, true));
  return truth(mayBeTrue, mayBeFalse, mayBeNull);
}

function negation(known: Known): Known {
  return truth(canBe(known, false), canBe(known, true), known.null);
}

function ofIn({ argument, list }: Extract<Checked, { kind: 'in' }>, facts: Facts): Known {
  const subject = evaluate(argument, facts);
  if (isNullOnly(subject)) return alwaysNull;
  const literals = list.flatMap((item) => (item.kind === 'literal' && item.value !== null ? [item.value] : []));
  if (literals.length === list.length) {
    const written = literals.filter((value) => !isOtherCase(argument, value));
    return ofList(subject, written);
  }
  const items = list.map((item) => compare('=', [argument, item], [subject, evaluate(item, facts)]));
  const mayBeNull = subject.null || items.some((item) => item.null);
  return truth(
    items.some((item) => canBe(item, true)),
    items.every((item) => canBe(item, false)),
    mayBeNull,
  );
}

/** A list of constants, which may be long. */
function ofList(subject: Known, list: readonly Value[]): Known {
  if (subject.values === null)
    return truth(
      list.some((value) => canBe(subject, value)),
      true,
      subject.null,
    );
  const set = new Set(list);
  const mayBeTrue = subject.values.some((value) => set.has(value));
  return truth(
    mayBeTrue,
    subject.values.some((value) => !set.has(value)),
    subject.null,
  );
}

function ofCase({ branches, otherwise }: Extract<Checked, { kind: 'case' }>, facts: Facts): Known {
  let result: Known | null = null;
  for (const branch of branches) {
    const when = evaluate(branch.when, facts);
    if (!canBe(when, true)) continue;
    const then = evaluate(branch.result, facts);
    result = result === null ? then : either(result, then);
    if (!canBe(when, false) && !when.null) return result;
  }
  const last = otherwise === null ? alwaysNull : evaluate(otherwise, facts);
  return result === null ? last : either(result, last);
}

function ofCall(call: Extract<Checked, { kind: 'call' }>, facts: Facts): Known {
  const { function: name, arguments: given, type } = call;
  const definition = functions.get(name);
  const [left, right] = given;
  if (name === '-' && left !== undefined && right !== undefined) {
    const known = facts.ground.difference(left, right);
    if (known !== null) return known;
  }
  const known = given.map((argument) => evaluate(argument, facts));
  if (name === 'coalesce') return ofCoalesce(known);
  if (name === 'nullif' && left && right && identity(left) === identity(right)) return alwaysNull;
  if (definition === undefined) return anything(type);
  if (definition.null_on_null && known.some(isNullOnly)) return alwaysNull;
  const combinations = combine(known);
  if (combinations !== null) {
    const compute = evaluatorOf(
      definition,
      given.map((argument) => argument.type),
      type,
    );
    return listed(combinations.map(compute));
  }
  if (comparisons.has(name)) return ofComparison(name, given, known, facts);
  if (facts.excludes(call) || (name === 'like' && isAgainstCase(given))) {
    return truth(
      false,
      true,
      known.some((one) => one.null),
    );
  }
  return rangeOf(call, known) ?? { ...anything(type), null: true };
}

/** `a < b` of two times is also what `a - b` is to nothing. */
function ofComparison(name: string, given: readonly Checked[], known: readonly Known[], facts: Facts): Known {
  const compared = compare(name, given, known);
  const [left, right] = given as readonly [Checked, Checked];
  if (name === 'is_distinct_from' || left.type !== 'timestamp' || right.type !== 'timestamp') return compared;
  const apart = facts.ground.difference(left, right);
  return apart === null ? compared : both(compared, compare(name, given, [apart, exactly(0)]), 'bool');
}

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=', 'is_distinct_from']);

function ofCoalesce(known: readonly Known[]): Known {
  let result: Known = { ...alwaysNull, null: false };
  for (const one of known) {
    result = { ...either(result, { ...one, null: false }), null: false };
    if (!one.null) return result;
  }
  return { ...result, null: true };
}

/** All combinations of the arguments' values, NULL among them; null: too many. */
function combine(known: readonly Known[]): Value[][] | null {
  let combinations: Value[][] = [[]];
  for (const { values, null: mayBeNull } of known) {
    if (values === null || combinations.length * (values.length + 1) > few) return null;
    const all: readonly Value[] = mayBeNull ? [...values, null] : values;
    combinations = combinations.flatMap((before) => all.map((value) => [...before, value]));
  }
  return combinations;
}

function listed(results: readonly Value[]): Known {
  const values = results.filter((value) => value !== null);
  const different = values.filter((value, i) => values.findIndex((other) => compareValues(other, value) === 0) === i);
  return { ...alwaysNull, null: values.length < results.length, values: different };
}

/** `lower(x) LIKE '%Fail%'`: a text without capitals never matches one. */
function isAgainstCase([subject, pattern]: readonly Checked[]): boolean {
  if (subject?.kind !== 'call' || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return false;
  const { function: name } = subject;
  if (name !== 'lower' && name !== 'upper') return false;
  return [...pattern.value].some((c) => (name === 'lower' ? c.toLowerCase() : c.toUpperCase()) !== c);
}
