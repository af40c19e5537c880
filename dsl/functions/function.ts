import type { Value, ValueType } from '../../engine/index.ts';

/** What an argument may be. 'number' is int or float; 'any' is any type. */
export type ParameterType = ValueType | 'number' | 'any';

/**
 * A scalar function or operator of the language: its type rule for the checker, its meaning for the engine, and its
 * documentation for `weir functions`, in one place, so that they cannot drift apart.
 */
export interface ScalarFunction {
  readonly name: string;
  /** How it is written: 'lower(text)', 'a + b'. */
  readonly signature: string;
  readonly group: 'string' | 'ip' | 'time' | 'number' | 'comparison' | 'conversion' | 'array' | 'conditional';
  readonly parameters: readonly ParameterType[];
  /** Further arguments of this type may follow. */
  readonly rest: ParameterType | null;
  /** How many of `parameters` must be given; null is all. */
  readonly required: number | null;
  /** Given the argument types (all allowed by `parameters`), the result's type. */
  result(argumentTypes: readonly ValueType[]): ValueType;
  /**
   * Given argument types that `parameters` allow one by one, says why they do not go together ('a timestamp and an
   * int cannot be added'), or null. Absent: every combination is right.
   */
  mismatch?(argumentTypes: readonly ValueType[]): string | null;
  /** Almost every function is NULL when an argument is NULL; then evaluate never sees one. */
  readonly null_on_null: boolean;
  /** Pure; never throws: what cannot be computed is NULL. */
  evaluate(values: readonly Value[]): Value;
  /**
   * For the few whose meaning depends on the types, which a value does not carry (a timestamp is a number): the
   * evaluate for these types, or null for the one above. evaluate.ts asks for it; nobody else has to.
   */
  specialise?(argumentTypes: readonly ValueType[]): ((values: readonly Value[]) => Value) | null;
  /** Called by the checker with literal arguments (others undefined): a message when they can never be right. */
  check?(literals: readonly (Value | undefined)[]): string | null;
  readonly summary: string;
  /** Weir SQL text and the value it gives; every example is run by a test. */
  readonly example: { readonly text: string; readonly value: Value };
}
