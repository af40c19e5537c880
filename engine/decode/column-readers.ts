import type { EventSchema } from '../event-schema.ts';
import type { ColumnSpec, FieldColumn } from '../program.ts';
import type { JsonObject, JsonValue } from './json-parser.ts';
import { isDeclared, type SchemaNodes } from './schema-tree.ts';

/** Where a column's value comes from, looked up once when the decoder is made. */
export type ColumnReader = DeclaredReader | DetailsReader | DoorReader;

interface DeclaredReader {
  readonly from: 'field';
  readonly column: number;
  /** Index into EventSchema.fields. */
  readonly field: number;
}

export interface DetailsReader {
  readonly from: 'details';
  readonly column: number;
  readonly spec: FieldColumn;
  /** The path inside `details`. */
  readonly path: readonly string[];
  /** The schema does not know this path at the top: there it is an extra field, kept in details. */
  readonly also_at_top: boolean;
}

interface DoorReader {
  readonly from: 'timestamp' | 'event_id' | 'seq' | 'tenant_id';
  readonly column: number;
}

/** A reader per field column; computed columns are the fold's. Throws when a column reads what no event has. */
export function columnReaders(schema: EventSchema, tree: SchemaNodes, columns: readonly ColumnSpec[]): ColumnReader[] {
  const fields = new Map(schema.fields.map((field, index) => [field.path.join('\0'), index]));
  return columns.flatMap((spec, column): ColumnReader[] => {
    if (spec.kind !== 'field') return [];
    const [first, ...path] = spec.path;
    const field = fields.get(spec.path.join('\0'));
    if (field !== undefined) return [{ from: 'field', column, field }];
    if (first === 'details' && path.length > 0) {
      return [{ from: 'details', column, spec, path, also_at_top: !isDeclared(tree, path) }];
    }
    if (path.length === 0 && isDoorColumn(first)) return [{ from: first, column }];
    throw new Error(`column ${spec.name}: schema ${schema.name} declares no field at ${spec.path.join('.')}`);
  });
}

function isDoorColumn(name: string): name is DoorReader['from'] {
  return name === 'timestamp' || name === 'event_id' || name === 'seq' || name === 'tenant_id';
}

/** The value of a details path: that in `details`, else the extra field of that path; null when there is neither. */
export function readDetails(event: JsonObject, reader: DetailsReader): JsonValue {
  const value = readPath(event.get('details') ?? null, reader.path);
  return value === null && reader.also_at_top ? readPath(event, reader.path) : value;
}

/** null: there is nothing. */
export function readPath(start: JsonValue, path: readonly string[]): JsonValue {
  let value = start;
  for (const key of path) {
    if (!(value instanceof Map)) return null;
    value = value.get(key) ?? null;
  }
  return value;
}
