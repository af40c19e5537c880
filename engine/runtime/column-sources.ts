import { columnReaders, type DetailsReader } from '../decode/column-readers.ts';
import { schemaTree } from '../decode/schema-tree.ts';
import type { EventSchema } from '../event-schema.ts';
import type { FieldColumn, Program } from '../program.ts';
import type { ValueType } from '../value.ts';
import type { OpenPart } from './stored-events.ts';

/** What a column of a program is filled from. */
export type ColumnSource = FieldSource | DetailsSource;

/** A name of StoredEvents.column(), or what every event has. */
export interface FieldSource {
  readonly column: number;
  readonly from: 'timestamp' | 'tenant_id' | 'stored';
  readonly name: string;
  /** NULL of the column. */
  readonly missing: number;
}

/** The open parts of an event. */
export interface DetailsSource extends DetailsReader {
  readonly name: string;
  readonly missing: number;
}

/** What a program reads of stored columns: declared fields by name, and paths in the open parts. */
export interface ColumnsRead {
  readonly fields: readonly string[];
  readonly open: readonly { readonly part: OpenPart; readonly path: readonly string[] }[];
}

const idTypes: ReadonlySet<ValueType> = new Set(['string', 'ip', 'array']);

/** The columns that are stored of every event of a schema: each declared field. */
export function storedFields(schema: EventSchema): FieldColumn[] {
  return schema.fields.map(({ name, path, type }): FieldColumn => {
    return { kind: 'field', name, path, type, storage: idTypes.has(type) ? 'id' : 'number', conversion: 'declared' };
  });
}

/**
 * What the columns of a program are filled from; null: one of them reads what the producer gave as id or seq, which only the
 * record says.
 */
export function columnSources({ schema, streams: [{ columns }] }: Program): ColumnSource[] | null {
  const sources: ColumnSource[] = [];
  for (const reader of columnReaders(schema, schemaTree(schema), columns)) {
    const { column, from } = reader;
    const missing = columns[column].storage === 'id' ? 0 : Number.NaN;
    if (from === 'field') sources.push({ column, from: 'stored', name: schema.fields[reader.field].name, missing });
    else if (from === 'details') sources.push({ ...reader, name: columns[column].name, missing });
    else if (from === 'timestamp' || from === 'tenant_id') sources.push({ column, from, name: from, missing });
    else return null;
  }
  return sources;
}

/** What a program reads of stored columns; null: it reads what only records have. */
export function readsColumns(program: Program): ColumnsRead | null {
  const sources = columnSources(program);
  if (sources === null) return null;
  const fields = new Set(sources.flatMap(({ from, name }) => (from === 'stored' ? [name] : [])));
  const open = sources.flatMap((source): ColumnsRead['open'] => {
    if (source.from !== 'details') return [];
    const { path, also_at_top } = source;
    return [{ part: 'details', path }, ...(also_at_top ? [{ part: 'extras', path } as const] : [])];
  });
  return { fields: [...fields], open };
}
