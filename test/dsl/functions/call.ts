import { evaluatorOf, functions } from '../../../dsl/functions/index.ts';
import type { Value, ValueType } from '../../../engine/index.ts';

/** Types of plain test values: whole numbers are int, texts are string; a type may be given as ['ip', '10.0.0.1']. */
function typed(argument: Value | { type: ValueType; value: Value }): { type: ValueType; value: Value } {
  if (typeof argument === 'object' && argument !== null && 'type' in argument) return argument;
  const value = argument as Value;
  if (value === null) return { type: 'null', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int' : 'float', value };
  return { type: typeof value === 'string' ? 'string' : 'array', value };
}

/** Calls a function of the registry as a rule would: with its arguments' types and its result's bounds. */
export function call(name: string, ...given: (Value | { type: ValueType; value: Value })[]): Value {
  const definition = functions.get(name);
  if (definition === undefined) throw new Error(`no function ${name}`);
  const args = given.map(typed);
  return evaluatorOf(
    definition,
    args.map(({ type }) => type),
  )(args.map(({ value }) => value));
}

export const as = (type: ValueType, value: Value): { type: ValueType; value: Value } => ({ type, value });
