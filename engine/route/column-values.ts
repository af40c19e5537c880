import type { Column } from '../batch.ts';
import type { ColumnStorage, StreamSpec } from '../program.ts';
import { TENANT_COLUMN, TIMESTAMP_COLUMN } from '../program.ts';
import type { Value, ValueType } from '../value.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';

/** How the numbers of a column are to be read. */
export interface ColumnShape {
  readonly storage: ColumnStorage;
  readonly type: ValueType;
}

const timestampShape: ColumnShape = { storage: 'number', type: 'timestamp' };
const tenantShape: ColumnShape = { storage: 'id', type: 'string' };

/** The shape of a column of the stream; the pseudo columns have theirs. */
export function columnShape(stream: StreamSpec, column: number): ColumnShape {
  if (column === TIMESTAMP_COLUMN) return timestampShape;
  return column === TENANT_COLUMN ? tenantShape : stream.columns[column];
}

/** The numbers of a column; the pseudo columns are the rows' own times and tenants. */
export function columnOf(rows: StreamRows, column: number): Column {
  if (column === TIMESTAMP_COLUMN) return rows.time;
  return column === TENANT_COLUMN ? rows.tenant : rows.columns[column];
}

/** The value that a column's number stands for. */
export function readValue(shape: ColumnShape, raw: number, symbols: Symbols): Value {
  if (shape.storage === 'number') {
    if (Number.isNaN(raw)) return null;
    return shape.type === 'bool' ? raw === 1 : raw;
  }
  if (raw === 0) return null;
  const text = symbols.textOf(raw);
  return shape.type === 'array' ? (JSON.parse(text) as Value[]) : text;
}

/** The number that stands for a value in a column of this storage; a new text gets an id. */
export function writeValue(storage: ColumnStorage, value: Value, symbols: Symbols): number {
  if (storage === 'number') return value === null ? Number.NaN : Number(value);
  if (value === null) return 0;
  return symbols.idOf(typeof value === 'string' ? value : JSON.stringify(value));
}
