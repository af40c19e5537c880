import {
  canonicalIp,
  canonicalJson,
  type EventField,
  eventContentHash,
  eventSchemaV1,
  type JsonObject,
  type JsonValue,
  parseJson,
  parseTimestamp,
  type SourceRecord,
} from '../../engine/index.ts';
import type { StoreRow } from './store-client.ts';

/** The record's own fields, as the door reads them. */
const doorFields = ['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at', 'details', 'schema_version'];
const fields = eventSchemaV1.fields.filter(({ name }) => name !== 'schema_version');
const columnOf = new Map(fields.map((field) => [field, field.name.replaceAll('.', '_')]));
/** Names at the top of an event that the schema has: what else stands there belongs to details. */
const declared = new Set([...doorFields, ...fields.flatMap(({ path, aliases }) => [path[0], ...aliases])]);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** DateTime64 wraps beyond these: what lies outside is shown as the bound; timestamp_ms has the number itself. */
const earliest_ms = Date.UTC(1900, 0, 1);
const latest_ms = Date.UTC(2299, 11, 31);

/** A time as ClickHouse reads it. */
export function storeTime(time_ms: number): string {
  const shown = Math.min(latest_ms, Math.max(earliest_ms, time_ms));
  return new Date(Number.isNaN(shown) ? 0 : shown).toISOString().replace('T', ' ').slice(0, 23);
}

/** The event in a record that the door has taken for valid; null where its bytes are none. */
export function readEvent({ bytes }: SourceRecord): JsonObject | null {
  const { value } = parseJson(bytes);
  return value instanceof Map ? value : null;
}

/** The id that an event brings; null: it has none, and gets one of its content. */
export function ownId(event: JsonObject): string | null {
  const id = event.get('event_id');
  return typeof id === 'string' ? id : null;
}

export { eventContentHash as contentHash };

/** The place of a record, and of its verdict. */
export interface RowPlace {
  readonly source: string;
  readonly log_position: number;
  readonly verdict_position: number;
}

/** A row of events, late_events or duplicate_events: the record as it came, and its normalised fields. */
export function eventRow(
  place: RowPlace,
  record: SourceRecord,
  event: JsonObject,
  event_id: string,
  detail: string,
): StoreRow {
  const { partition, position, received_at, bytes } = record;
  const time_ms = parseTimestamp(event.get('timestamp') ?? null) ?? 0;
  const seq = event.get('seq');
  const row: Record<string, unknown> = {
    ...place,
    partition,
    partition_position: position,
    received_at: storeTime(received_at),
    timestamp: storeTime(time_ms),
    timestamp_ms: time_ms,
    seq: typeof seq === 'number' ? seq : position,
    tenant_id: wellFormed(event.get('tenant_id') ?? 'default'),
    event_id: event_id.toWellFormed(),
    details: detailsOf(event),
    raw: decoder.decode(bytes),
    detail: detail.toWellFormed(),
  };
  for (const field of fields) {
    const value = columnValue(field, fieldValue(event, field));
    if (value !== null) row[columnOf.get(field) as string] = value;
  }
  return row;
}

function fieldValue(event: JsonObject, { path, aliases }: EventField): JsonValue {
  let value: JsonValue = event;
  for (const name of path) value = value instanceof Map ? (value.get(name) ?? null) : null;
  for (const alias of aliases) value ??= event.get(alias) ?? null;
  return value;
}

function columnValue({ type }: EventField, value: JsonValue): string | number | null {
  if (type === 'ip') return typeof value === 'string' ? (canonicalIp(value) ?? wellFormed(value)) : null;
  if (type === 'int') return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
  if (type === 'float') return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
  return typeof value === 'string' ? wellFormed(value) : null;
}

/** Half a surrogate pair has no UTF-8: ClickHouse would refuse the whole batch. `raw` has it as it came. */
function wellFormed(value: JsonValue): string {
  return typeof value === 'string' ? value.toWellFormed() : '';
}

/** What the schema does not declare, as JSON: members of details, and extra fields wherever they stood. */
function detailsOf(event: JsonObject): string {
  const extra: JsonObject = new Map();
  for (const [name, value] of event) {
    if (!declared.has(name)) extra.set(name, value);
    else if (value instanceof Map && name !== 'details') {
      const own = fields.filter(({ path }) => path[0] === name).map(({ path }) => path[1]);
      const rest = new Map([...value].filter(([key]) => !own.includes(key)));
      if (rest.size > 0) extra.set(name, rest);
    }
  }
  const details = event.get('details');
  if (details instanceof Map) for (const [name, value] of details) extra.set(name, value);
  return extra.size === 0 ? '' : canonicalJson(extra).toWellFormed();
}
