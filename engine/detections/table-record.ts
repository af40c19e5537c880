import type { TableRow } from '../detection.ts';
import type { Program } from '../program.ts';
import { isoTime, type JsonPart } from './json-value.ts';
import { keyOf, named } from './record.ts';

/** A row of a CREATE TABLE as it is written, its fields in this order; values as in a detection record. */
export interface TableRecord {
  readonly schema_version: 'v1';
  /** The same row has the same id in every run, so that writing it twice is harmless. */
  readonly id: string;
  readonly table: string;
  readonly plan_hash: string;
  readonly tenant_id: string;
  /** By column name. */
  readonly key: Readonly<Record<string, JsonPart>>;
  readonly window: { readonly start: string; readonly end: string };
  /** How many rows the window had. */
  readonly rows: number;
  /** By the name of the selected column. */
  readonly values: Readonly<Record<string, JsonPart>>;
}

/** The published form of a table's row: times in UTC with milliseconds. */
export function toTableRecord(program: Program, row: TableRow): TableRecord {
  const operator = program.operators[row.operator];
  const { id, table, plan_hash, tenant, window, rows } = row;
  return {
    ...{ schema_version: 'v1', id, table, plan_hash, tenant_id: tenant },
    key: named(keyOf(program, operator, row.key)),
    window: { start: isoTime(window.start), end: isoTime(window.end) },
    rows,
    values: named(operator.outputs.map(({ name, type }, i) => ({ name, type, value: row.values[i] ?? null }))),
  };
}
