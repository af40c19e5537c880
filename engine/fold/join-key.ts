import { type ColumnShape, readValue } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Value } from '../value.ts';

/** NULL as the part of a join's key that is a number: a row with it waits, and matches nothing. */
export const NULL_NUMBER = Number.NEGATIVE_INFINITY;

/** A part of a join's key, as it stands in the KeyTable, as a value. */
export function readKeyPart(shape: ColumnShape, raw: number, symbols: Symbols): Value {
  return readValue(shape, raw === NULL_NUMBER ? Number.NaN : raw, symbols);
}
