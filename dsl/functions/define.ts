import type { ValueType } from '../../engine/index.ts';
import type { ScalarFunction } from './function.ts';

/** What must be said of a function; the rest has the usual value. `result` may be a type where it is always the same. */
export type Definition = Omit<ScalarFunction, 'rest' | 'required' | 'null_on_null' | 'result'> &
  Partial<Pick<ScalarFunction, 'rest' | 'required' | 'null_on_null'>> & {
    readonly result: ValueType | ScalarFunction['result'];
  };

/** Fills in a definition: all parameters required, no further ones, NULL when an argument is NULL. */
export function define(definition: Definition): ScalarFunction {
  const { result } = definition;
  return {
    ...{ rest: null, required: null, null_on_null: true },
    ...definition,
    result: typeof result === 'function' ? result : () => result,
  };
}
