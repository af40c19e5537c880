import { createHash } from 'node:crypto';
import type { ValueType } from '../../engine/index.ts';
import { storeTime } from './event-row.ts';
import type { StoreClient } from './store-client.ts';

/** A version of a rule, view or table. */
export interface DeployedRule {
  readonly name: string;
  readonly plan_hash: string;
  readonly path: string;
  readonly severity: string;
  readonly mode: string;
  readonly text: string;
  readonly deployed_at_ms: number;
}

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

/** A live period. */
export interface LiveRun {
  readonly id: string;
  readonly source: string;
  readonly started_at_ms: number;
  readonly version: string;
  readonly program_hash: string;
  readonly rules: readonly string[];
  readonly plan_hashes: readonly string[];
  readonly log_from: number;
}

/** Adds the versions of rules that the store does not have yet, by plan and text. */
export async function writeRules(client: StoreClient, rules: readonly DeployedRule[]): Promise<void> {
  const query = 'SELECT DISTINCT name, plan_hash, text_hash FROM rules WHERE name IN {names:Array(String)}';
  const params = { names: [...new Set(rules.map(({ name }) => name))] };
  const found = await client.rows<{ name: string; plan_hash: string; text_hash: string }>(query, { params });
  const known = new Set(found.map(({ name, plan_hash, text_hash }) => `${name} ${plan_hash} ${text_hash}`));
  const rows = rules.flatMap(({ deployed_at_ms, ...rule }) => {
    const text_hash = createHash('sha256').update(rule.text).digest('hex');
    const version = `${rule.name} ${rule.plan_hash} ${text_hash}`;
    if (known.has(version)) return [];
    known.add(version);
    return [{ ...rule, text_hash, deployed_at: storeTime(deployed_at_ms) }];
  });
  if (rows.length > 0) await client.insert('rules', rows);
}

/** Writes a live period: when it begins, and again when it ends (the later row stands). */
export async function writeRun(
  client: StoreClient,
  { started_at_ms, ...run }: LiveRun,
  now_ms: number,
  end: { readonly log_to: number; readonly counters: object } | null,
): Promise<void> {
  const row = { ...run, mode: 'live', started_at: storeTime(started_at_ms), written_at: storeTime(now_ms) };
  const ended_at = end === null ? null : storeTime(now_ms);
  await client.insert('runs', [
    { ...row, ended_at, log_to: end?.log_to ?? run.log_from, counters: JSON.stringify(end?.counters ?? {}) },
  ]);
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
