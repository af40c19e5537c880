import type { LogEntry } from '../../engine/index.ts';
import { storeTime } from './event-row.ts';
import type { StoreClient } from './store-client.ts';
import { pagesOf, type StoredSource } from './stored-log.ts';

/** Accepted events of [from_ms, to_ms), by their own time. */
export interface StoredPart {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Rows asked for at once, about. */
const page_rows = 10_000;

/** By the time index, then exactly: `timestamp` shows what lies outside of 1900 to 2299 as the bound. */
const wanted =
  'source = {source:String} AND verdict_position < {as_of:UInt64} ' +
  "AND timestamp >= {shown_from:DateTime64(3, 'UTC')} AND timestamp <= {shown_to:DateTime64(3, 'UTC')} " +
  'AND timestamp_ms >= {from_ms:Int64} AND timestamp_ms < {to_ms:Int64}';

const spanQuery = `SELECT count() AS events, min(log_position) AS first, max(log_position) + 1 AS end FROM events WHERE ${wanted}`;

const pageQuery =
  'SELECT log_position AS position, partition, partition_position, toUnixTimestamp64Milli(received_at) AS received_ms, ' +
  `event_id, detail, raw FROM events WHERE ${wanted} AND log_position >= {from:UInt64} AND log_position < {to:UInt64} ` +
  'ORDER BY position LIMIT 1 BY position';

interface Row extends Record<string, unknown> {
  readonly position: string;
  readonly partition: string;
  readonly partition_position: string;
  readonly received_ms: string;
  readonly event_id: string;
  readonly detail: string;
  readonly raw: string;
}

/**
 * The accepted events of a part of a log's time, in the order of their positions, each with its verdict and, where it
 * brings no id, the one that it got. Nothing else of the log is read.
 */
export async function* readStoredPart(
  client: StoreClient,
  { source, as_of }: StoredSource,
  part: StoredPart,
): AsyncGenerator<{ readonly position: number; readonly entry: Extract<LogEntry, { kind: 'record' }> }> {
  const from_ms = Math.max(part.from_ms, Number.MIN_SAFE_INTEGER);
  const to_ms = Math.min(part.to_ms, Number.MAX_SAFE_INTEGER);
  const params = { source, as_of, from_ms, to_ms, shown_from: storeTime(from_ms), shown_to: storeTime(to_ms) };
  const [span] = await client.rows<{ events: string; first: string; end: string }>(spanQuery, { params });
  const [events, first, end] = [Number(span.events), Number(span.first), Number(span.end)];
  if (events === 0) return;
  const most = Math.ceil(((end - first) * page_rows) / Math.max(events, page_rows));
  for await (const row of pagesOf<Row>(client, pageQuery, params, { first, end, most })) {
    const { position, partition, partition_position, received_ms, event_id, raw } = row;
    const bytes = new TextEncoder().encode(raw);
    const at = { partition, position: Number(partition_position), received_at: Number(received_ms) };
    yield { position: Number(position), entry: { kind: 'record', record: { ...at, bytes, event_id } } };
  }
}

/** What lookups held when, of the whole log: one activation after the other, for a content may be large. */
export async function* readStoredLookups(
  client: StoreClient,
  { source, as_of }: StoredSource,
): AsyncGenerator<{ readonly position: number; readonly entry: Extract<LogEntry, { kind: 'lookup' }> }> {
  const where = "FROM log_marks WHERE source = {source:String} AND kind = 'lookup'";
  const positions = await client.rows<{ position: string }>(
    `SELECT DISTINCT log_position AS position ${where} AND log_position < {as_of:UInt64} ORDER BY position`,
    { params: { source, as_of } },
  );
  for (const { position } of positions) {
    const [row] = await client.rows<{ name: string; version: string; time_ms: string; bytes: string }>(
      `SELECT name, version, time_ms, bytes ${where} AND log_position = {position:UInt64} LIMIT 1`,
      { params: { source, position } },
    );
    const { name, version, time_ms, bytes } = row;
    const content = { name, version, from_ms: Number(time_ms), bytes: Buffer.from(bytes, 'base64') };
    yield { position: Number(position), entry: { kind: 'lookup', ...content } };
  }
}

/** The time of the earliest accepted event of a log; null: there is none. */
export async function earliestStored(client: StoreClient, { source, as_of }: StoredSource): Promise<number | null> {
  const [{ events, earliest }] = await client.rows<{ events: string; earliest: string }>(
    'SELECT count() AS events, min(timestamp_ms) AS earliest FROM events ' +
      'WHERE source = {source:String} AND verdict_position < {as_of:UInt64}',
    { params: { source, as_of } },
  );
  return events === '0' ? null : Number(earliest);
}
