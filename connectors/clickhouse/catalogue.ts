import type { ValueType } from '../../engine/index.ts';
import type { StoreClient } from './store-client.ts';

/** A table of the rules (CREATE TABLE), with the columns of its key and of its values. */
export interface DeployedTable {
  readonly name: string;
  readonly key: readonly TableColumn[];
  readonly values: readonly TableColumn[];
}

export interface TableColumn {
  readonly name: string;
  readonly type: ValueType;
}

const columnTypes: Readonly<Partial<Record<ValueType, string>>> = {
  int: 'Nullable(Int64)',
  float: 'Nullable(Float64)',
  bool: 'Nullable(Bool)',
};

/** One view for each table of the rules: its columns by name and type, as the rule has them now. */
export async function writeTableViews(client: StoreClient, tables: readonly DeployedTable[]): Promise<void> {
  for (const { name, key, values } of tables) {
    const columns = [
      ...key.map((column) => extracted('key', column)),
      ...values
        .filter((value) => !key.some((one) => one.name === value.name))
        .map((column) => extracted('values', column)),
    ];
    const all = ['tenant_id', 'window_start', 'window_end', ...columns, 'rows', 'plan_hash', 'id'];
    await client.command(
      `CREATE OR REPLACE VIEW ${quoted(`aggregates_${name}`)} AS
       SELECT ${all.join(', ')} FROM aggregates FINAL WHERE name = ${literal(name)}`,
    );
  }
}

function extracted(from: 'key' | 'values', { name, type }: TableColumn): string {
  const json = from === 'key' ? 'aggregates.key' : 'aggregates.values';
  const place = `${json}, ${literal(name)}`;
  if (type === 'timestamp')
    return `parseDateTime64BestEffortOrNull(JSONExtractString(${place}), 3, 'UTC') AS ${quoted(name)}`;
  if (type === 'array') return `JSONExtractRaw(${place}) AS ${quoted(name)}`;
  return `JSONExtract(${place}, '${columnTypes[type] ?? 'Nullable(String)'}') AS ${quoted(name)}`;
}

/** A name of the rules in the store's SQL: it may be any text between quotes there. */
function quoted(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
