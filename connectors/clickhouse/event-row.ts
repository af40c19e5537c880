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
import type { NativeColumn, NativeType } from './native-block.ts';

/** The record's own fields, as the door reads them. */
const doorFields = ['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at', 'details', 'schema_version'];
const fields = eventSchemaV1.fields.filter(({ name }) => name !== 'schema_version');

/** The schema's fields that are columns, in the order of the last columns of eventColumns. */
export { fields as rowFields };

/** Names at the top of an event that the schema has: what else stands there belongs to details. */
const declared = new Set([...doorFields, ...fields.flatMap(({ path, aliases }) => [path[0], ...aliases])]);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Members of the objects that the schema declares, by the object's name. */
const members = Map.groupBy(
  fields.filter(({ path }) => path.length > 1),
  ({ path }) => path[0],
);
const declaredMembers = new Map([...members].map(([name, all]) => [name, new Set(all.map(({ path }) => path[1]))]));

/** DateTime64 wraps beyond these: what lies outside is shown as the bound; timestamp_ms has the number itself. */
const earliest_ms = Date.UTC(1900, 0, 1);
const latest_ms = Date.UTC(2299, 11, 31);

/** A time as a DateTime64 column can show it. */
export function shownTime(time_ms: number): number {
  return Number.isNaN(time_ms) ? 0 : Math.min(latest_ms, Math.max(earliest_ms, time_ms));
}

/** A time as ClickHouse reads it. */
export function storeTime(time_ms: number): string {
  return new Date(shownTime(time_ms)).toISOString().replace('T', ' ').slice(0, 23);
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
export interface EventRow extends RowPlace {
  readonly partition: string;
  readonly partition_position: number;
  readonly received_ms: number;
  readonly tenant_id: string;
  readonly time_ms: number;
  readonly seq: number;
  readonly event_id: string;
  readonly details: string;
  readonly raw: string;
  readonly detail: string;
  /** Of the schema's fields, in its order. */
  readonly values: readonly (string | number | null)[];
}

export function eventRow(
  { source, log_position, verdict_position }: RowPlace,
  { partition, position, received_at, bytes }: SourceRecord,
  event: JsonObject,
  event_id: string,
  detail: string,
): EventRow {
  const seq = event.get('seq');
  return {
    source,
    log_position,
    verdict_position,
    partition: partition.toWellFormed(),
    partition_position: position,
    received_ms: Math.floor(received_at),
    tenant_id: wellFormed(event.get('tenant_id') ?? 'default'),
    time_ms: parseTimestamp(event.get('timestamp') ?? null) ?? 0,
    seq: typeof seq === 'number' ? seq : position,
    event_id: event_id.toWellFormed(),
    details: detailsOf(event),
    raw: decoder.decode(bytes),
    detail: detail.toWellFormed(),
    values: fields.map((field) => columnValue(field, fieldValue(event, field))),
  };
}

const column = (name: string, type: NativeType, of: NativeColumn<EventRow>['of']): NativeColumn<EventRow> => ({
  name,
  type,
  of,
});
const time = "DateTime64(3, 'UTC')";

/** The columns of the three tables of events (migrations/0001-events.sql). */
export const eventColumns: readonly NativeColumn<EventRow>[] = [
  column('source', 'String', (row) => row.source),
  column('log_position', 'UInt64', (row) => row.log_position),
  column('verdict_position', 'UInt64', (row) => row.verdict_position),
  column('partition', 'String', (row) => row.partition),
  column('partition_position', 'UInt64', (row) => row.partition_position),
  column('received_at', time, (row) => shownTime(row.received_ms)),
  column('tenant_id', 'String', (row) => row.tenant_id),
  column('timestamp', time, (row) => shownTime(row.time_ms)),
  column('timestamp_ms', 'Int64', (row) => row.time_ms),
  column('seq', 'Int64', (row) => row.seq),
  column('event_id', 'String', (row) => row.event_id),
  column('details', 'String', (row) => row.details),
  column('raw', 'String', (row) => row.raw),
  column('detail', 'String', (row) => row.detail),
  ...fields.map(({ name, type }, i) => {
    const of = (row: EventRow) => row.values[i];
    if (type === 'int') return column(name.replaceAll('.', '_'), 'Nullable(Int64)', of);
    if (type === 'float') return column(name.replaceAll('.', '_'), 'Nullable(Float64)', of);
    return column(name.replaceAll('.', '_'), 'String', (row) => of(row) ?? '');
  }),
];

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
      const own = declaredMembers.get(name);
      let rest: JsonObject | null = null;
      for (const [key, member] of value) {
        if (own?.has(key) === true) continue;
        rest ??= new Map();
        rest.set(key, member);
      }
      if (rest !== null) extra.set(name, rest);
    }
  }
  const details = event.get('details');
  if (details instanceof Map) for (const [name, value] of details) extra.set(name, value);
  return extra.size === 0 ? '' : canonicalJson(extra).toWellFormed();
}
