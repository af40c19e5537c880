import { sha256Hex } from '../decode/sha256.ts';
import type { LookupColumnSpec, LookupSpec } from '../program.ts';
import { compareText, type Value } from '../value.ts';

/** One version of a lookup's rows, as the log keeps it. */
export interface LookupContent {
  readonly name: string;
  /** Hash of the content, 16 hex digits: equal rows are the same version, in whatever order a file lists them. */
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Rows of a lookup as bytes: JSON with the columns' names and types, and the rows sorted by their text. Values are in
 * the order of the columns: canonical texts of addresses and networks, times in epoch milliseconds.
 */
export function lookupContent(
  name: string,
  columns: readonly LookupColumnSpec[],
  rows: readonly (readonly Value[])[],
): LookupContent {
  const head = JSON.stringify(columns.map((column) => [column.name, column.type]));
  const lines = rows.map((row) => JSON.stringify(row)).sort(compareText);
  const bytes = encoder.encode(`{"columns":${head},"rows":[${lines.join(',')}]}`);
  return { name, version: sha256Hex(bytes).slice(0, 16), bytes, rows: rows.length };
}

/**
 * The rows in the order of the columns that the rules declare now. A column that the content does not have, or has with
 * another type, is NULL: a log may be read again with a later declaration. Throws on bytes that lookupContent() did not
 * make.
 */
export function lookupRows(spec: LookupSpec, bytes: Uint8Array): Value[][] {
  const { columns, rows } = JSON.parse(decoder.decode(bytes)) as { columns: [string, string][]; rows: Value[][] };
  const places = spec.columns.map(({ name, type }) => columns.findIndex((one) => one[0] === name && one[1] === type));
  return rows.map((row) => places.map((place) => (place < 0 ? null : (row[place] ?? null))));
}
