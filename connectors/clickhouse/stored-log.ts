import type { LogEntry, SourceRecord, Verdict } from '../../engine/index.ts';
import { tableOf } from './log-rows.ts';
import { type StoreClient, StoreDown, StoreRefused } from './store-client.ts';

/** Positions of the log asked for at once; fewer where records are large. */
const page_positions = 20_000;

interface Row extends Record<string, unknown> {
  readonly position: string;
  readonly kind: string;
  readonly verdict: string;
  readonly partition: string;
  readonly partition_position: string;
  readonly received_ms: string;
  readonly detail: string;
  readonly raw: string;
  readonly bytes: string;
  readonly length: string;
  readonly is_cut: boolean;
  readonly time_ms: string;
  readonly name: string;
  readonly version: string;
}

/** A log as the store has it: its entries up to where the store had caught up with it. */
export interface StoredSource {
  readonly source: string;
  /** Entries before this position are all there. */
  readonly as_of: number;
  /** What is accepted before this stream time is there with its verdict; null: not known. */
  readonly watermark_ms: number | null;
}

/** The logs that fill this store, the longest first. */
export async function storedSources(client: StoreClient): Promise<StoredSource[]> {
  // Times may be below 0; a tuple with NULL is compared as its other parts.
  const query =
    'SELECT source, max(as_of) AS until, argMax(watermark_ms, (as_of, coalesce(watermark_ms, -9223372036854775808))) AS watermark ' +
    'FROM caught_up GROUP BY source ORDER BY until DESC, source';
  const rows = await client.rows<{ source: string; until: string; watermark: string | null }>(query);
  return rows.map(({ source, until, watermark }) => {
    return { source, as_of: Number(until), watermark_ms: watermark === null ? null : Number(watermark) };
  });
}

/**
 * Reads a log back out of the store, entry by entry, in the order of their positions. A verdict comes directly behind its
 * record: where it stood in the log means nothing for a backtest. Byte for byte what the log has, up to `as_of`.
 */
export async function* readStoredLog(
  client: StoreClient,
  { source, as_of }: StoredSource,
): AsyncGenerator<{ readonly position: number; readonly entry: LogEntry }> {
  for await (const row of pagesOf<Row>(client, pageQuery, { source, as_of }, { first: 0, end: as_of }))
    yield* entriesOf(row);
}

/**
 * The rows of a query over positions of a log, page by page: it has the parameters `from` and `to`. Smaller pages where a
 * result is too large for the store's limits.
 */
export async function* pagesOf<Row extends Record<string, unknown>>(
  client: StoreClient,
  query: string,
  params: Readonly<Record<string, string | number>>,
  { first, end, most = page_positions }: { readonly first: number; readonly end: number; readonly most?: number },
): AsyncGenerator<Row> {
  let size = most;
  for (let from = first; from < end; ) {
    const to = Math.min(end, from + size);
    let rows: Row[];
    try {
      rows = await client.rows<Row>(query, { params: { ...params, from, to } });
    } catch (error) {
      if (size === 1 || !isTooLarge(error)) throw error;
      size = Math.max(1, size >> 2);
      continue;
    }
    yield* rows;
    from = to;
    size = Math.min(most, size * 2);
  }
}

function isTooLarge(error: unknown): boolean {
  if (error instanceof StoreRefused) return error.code === 396 || error.code === 307;
  return error instanceof StoreDown && /MEMORY_LIMIT|TOO_MANY/.test(error.message);
}

const within = 'source = {source:String} AND log_position >= {from:UInt64} AND log_position < {to:UInt64}';
const place =
  'log_position AS position, partition, partition_position, toUnixTimestamp64Milli(received_at) AS received_ms';
const noMark = "'' AS time_ms, '' AS name, '' AS version";

function eventsQuery(verdict: Exclude<Verdict, 'rejected'>): string {
  return (
    `SELECT 'record' AS kind, ${place}, if(verdict_position < {as_of:UInt64}, '${verdict}', '') AS verdict, detail, raw, ` +
    `'' AS bytes, 0 AS length, false AS is_cut, ${noMark} FROM ${tableOf[verdict]} WHERE ${within}`
  );
}

const columns =
  'kind, position, partition, partition_position, received_ms, verdict, detail, raw, bytes, length, is_cut, time_ms, name, version';

/** Rows of all tables by position. A record that waited at `as_of` has its row there, whatever has become of it since. */
const pageQuery = `SELECT ${columns} FROM (
  ${[eventsQuery('accepted'), eventsQuery('late'), eventsQuery('duplicate')]
    .map((query) => `SELECT ${columns} FROM (${query}) UNION ALL `)
    .join('')}
  SELECT ${columns} FROM (
    SELECT 'record' AS kind, ${place}, if(verdict_position < {as_of:UInt64}, 'rejected', '') AS verdict,
      concat(reason, ': ', message) AS detail, '' AS raw, bytes, length, is_cut, ${noMark} FROM dead_letters WHERE ${within})
  UNION ALL SELECT ${columns} FROM (
    SELECT 'record' AS kind, ${place}, '' AS verdict, '' AS detail, '' AS raw, bytes, length, is_cut, ${noMark}
    FROM pending_events WHERE ${within} AND as_of >= {as_of:UInt64})
  UNION ALL SELECT ${columns} FROM (
    SELECT kind, log_position AS position, partition, toUInt64(0) AS partition_position, toInt64(0) AS received_ms, '' AS verdict,
      '' AS detail, '' AS raw, bytes, toUInt64(0) AS length, false AS is_cut, time_ms, name, version
    FROM log_marks WHERE ${within})
) ORDER BY position, verdict DESC LIMIT 1 BY position`;

function* entriesOf(row: Row): Generator<{ position: number; entry: LogEntry }> {
  const position = Number(row.position);
  const { kind, partition } = row;
  if (kind === 'tick') yield { position, entry: { kind, now_ms: Number(row.time_ms) } };
  else if (kind === 'idle' || kind === 'back') yield { position, entry: { kind, partition } };
  else if (kind === 'end') yield { position, entry: { kind } };
  else if (kind === 'lookup') {
    const bytes = Buffer.from(row.bytes, 'base64');
    yield { position, entry: { kind, name: row.name, version: row.version, from_ms: Number(row.time_ms), bytes } };
  } else {
    yield { position, entry: { kind: 'record', record: recordOf(row) } };
    const { detail } = row;
    const verdict = row.verdict as Verdict | '';
    if (verdict !== '') yield { position, entry: { kind: 'verdict', position, verdict, detail } };
  }
}

function recordOf({ partition, partition_position, received_ms, raw, bytes, length, is_cut }: Row): SourceRecord {
  const record = {
    partition,
    position: Number(partition_position),
    received_at: Number(received_ms),
    bytes: bytes === '' ? new TextEncoder().encode(raw) : Buffer.from(bytes, 'base64'),
  };
  return is_cut ? { ...record, length: Number(length) } : record;
}
