import { parseTimestamp, type Value, type ValueType } from '../../engine/index.ts';
import { bounds } from './bounds.ts';
import type { ScalarFunction } from './function.ts';

/**
 * The meaning of one call with known types: NULL handling, the meaning for these types, and the bounds of the result's
 * type. The checker's constant folding and the build's closures both call this, so that a folded literal is the value
 * that would have been computed.
 *
 * `onFailure` is called where bad input left no value: a cast failed, or a result lies beyond the bounds of its type.
 * What is NULL by meaning (a division by zero, a pattern that is not found) is no failure.
 */
export function evaluatorOf(
  definition: ScalarFunction,
  argumentTypes: readonly ValueType[],
  resultType: ValueType = definition.result(argumentTypes),
  onFailure: (() => void) | null = null,
): (values: readonly Value[]) => Value {
  const evaluate = definition.specialise?.(argumentTypes) ?? definition.evaluate;
  const compute = definition.null_on_null
    ? (values: readonly Value[]) => (values.includes(null) ? null : evaluate(values))
    : evaluate;
  const bound = boundsOf.get(resultType) ?? null;
  if (onFailure === null) return bound === null ? compute : (values) => bound(compute(values));
  if (!canFail(definition, resultType)) return compute;
  const isCast = isConversion(definition);
  return (values) => {
    const computed = compute(values);
    const value = bound === null ? computed : bound(computed);
    if (value === null && (computed !== null || (isCast && values[0] !== null))) onFailure();
    return value;
  };
}

/** Whether a call of it can call `onFailure`. */
export function canFail(definition: ScalarFunction, resultType: ValueType): boolean {
  return boundsOf.has(resultType) || isConversion(definition);
}

function isConversion({ group }: ScalarFunction): boolean {
  return group === 'conversion';
}

/** `upper` and `skeleton` may make a text longer than it was, and what a call takes may be the result of another. */
function boundedText(value: Value): Value {
  return typeof value === 'string' && value.length > bounds.text_units ? null : value;
}

/** Integers are exact to 2^53; what lies beyond is NULL, never a rounded number. Also takes -0 to 0. */
function exactInteger(value: Value): Value {
  return Number.isSafeInteger(value) ? (value as number) + 0 : null;
}

function wholeMilliseconds(value: Value): Value {
  return typeof value === 'number' ? exactInteger(Math.trunc(value)) : null;
}

/** Times lie in the years 0001 to 9999, as those of events do: what a rule computes beyond them has no ISO 8601 text. */
function timeInRange(value: Value): Value {
  return typeof value === 'number' ? parseTimestamp(Math.trunc(value)) : null;
}

function finiteNumber(value: Value): Value {
  return Number.isFinite(value) ? (value as number) + 0 : null;
}

/** What a value of the type must be to be one; else NULL. */
const boundsOf: ReadonlyMap<ValueType, (value: Value) => Value> = new Map<ValueType, (value: Value) => Value>([
  ['int', exactInteger],
  ['timestamp', timeInRange],
  ['duration', wholeMilliseconds],
  ['float', finiteNumber],
  ['string', boundedText],
]);
