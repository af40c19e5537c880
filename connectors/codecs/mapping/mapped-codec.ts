import { isIP } from 'node:net';
import {
  type Codec,
  type CodecResult,
  type JsonObject,
  type JsonValue,
  parseJson,
  parseTimestamp,
  type RefusedPart,
} from '../../../engine/index.ts';
import { fieldText, type Mapping, meaningOf } from './mapping.ts';
import { jsonText, RawEvent, toPlain } from './raw-event.ts';
import { TimeZone } from './time-zone.ts';

export interface MappedOptions {
  /** IANA zone of times that have none. Without it such a time is a reason to reject the record. */
  readonly time_zone?: string;
}

/** Epoch milliseconds of the first of the paths that has a value; null, with the reason in `raw`, where there is none. */
function timeOf(mapping: Mapping, raw: RawEvent, zone: TimeZone | null): number | null {
  const { timestamp: paths, timestamp_unit } = mapping;
  const path = paths.find((path) => raw.has(path));
  if (path === undefined) return raw.fail(`${paths[0]} is missing`);
  const read = raw.value(path);
  // OneLogin's events and Ruby elsewhere: '2017-12-05 19:13:06 UTC'.
  const value = typeof read === 'string' ? read.replace(/ UTC$/, 'Z') : read;
  const isSeconds = timestamp_unit === 'seconds' && typeof value === 'number';
  const time = parseTimestamp(isSeconds ? Math.floor(value * 1000) : value);
  if (time !== null) return time;
  const local = typeof value === 'string' ? parseTimestamp(`${value}Z`) : null;
  if (local === null) return raw.fail(`${path} is no ISO 8601 time, nor epoch ${timestamp_unit ?? 'milliseconds'}`);
  if (zone === null) return raw.fail(`${path} has no zone; --time-zone says which one is meant`);
  return zone.toEpoch(local);
}

type Parts = { readonly [name: string]: unknown };

/** Without what is null or undefined; undefined where nothing is left. */
function present(parts: Parts): Parts | undefined {
  const left = Object.entries(parts).filter(([, value]) => value !== null && value !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function actorOf(mapping: Mapping, raw: RawEvent): Parts | undefined {
  const ip = fieldText(raw, mapping.actor_ip);
  return present({
    id: fieldText(raw, mapping.actor_id),
    // Where there is no address vendors write a host name or 'unknown'; that stays in the details.
    ip: ip === null || isIP(ip) === 0 ? null : ip,
    user_agent: fieldText(raw, mapping.user_agent),
  });
}

function placeOf(mapping: Mapping, raw: RawEvent): Parts | undefined {
  const country = fieldText(raw, mapping.country);
  return present({
    country: country !== null && /^[A-Z]{2}$/.test(country) ? country : null,
    city: fieldText(raw, mapping.city),
    lat: mapping.latitude === undefined ? null : raw.number(mapping.latitude),
    lon: mapping.longitude === undefined ? null : raw.number(mapping.longitude),
  });
}

/** The event, or the reason why the record is none. */
function normalise(mapping: Mapping, record: JsonObject, zone: TimeZone | null): object | string {
  const raw = new RawEvent(record);
  const name = fieldText(raw, mapping.event_name) ?? raw.fail('the record does not say what happened');
  const meaning = name === null ? null : meaningOf(mapping.meanings, name, raw);
  const account = fieldText(raw, mapping.account_id) ?? raw.fail('the record names no account');
  const id = fieldText(raw, mapping.event_id);
  const event = {
    schema_version: 'v1',
    timestamp: timeOf(mapping, raw, zone),
    platform: mapping.platform,
    event_type: meaning?.event_type ?? `${mapping.platform}.${name}`,
    account_id: account,
    event_id: id === null ? null : `${mapping.platform}:${id}`,
    session_id: fieldText(raw, mapping.session_id),
    actor: actorOf(mapping, raw),
    geo: placeOf(mapping, raw),
    auth: meaning?.auth,
    change: meaning?.change,
    details: toPlain(record),
  };
  return raw.problem ?? (present(event) as object);
}

/**
 * The bytes that the events of one line may have together, as JSON. Records that a mapping splits share what the line says
 * once, so a line of 256 KiB could become gigabytes; usual ones come to some hundred KiB.
 */
const split_bytes = 4 * 1024 * 1024;

function decodeWhole(mapping: Mapping, record: JsonObject, zone: TimeZone | null): CodecResult {
  const event = normalise(mapping, record, zone);
  return typeof event === 'string' ? { kind: 'rejected', message: event } : { kind: 'events', events: [event] };
}

/** Records of one line: those that are events, and each of the others with its reason. */
function decodeParts(mapping: Mapping, records: readonly JsonValue[], zone: TimeZone | null): CodecResult {
  const events: object[] = [];
  const refused: RefusedPart[] = [];
  let bytes = 0;
  for (const [i, record] of records.entries()) {
    const event = record instanceof Map ? normalise(mapping, record, zone) : 'the record is no JSON object';
    if (typeof event === 'string') {
      const text = Buffer.from(jsonText(record));
      refused.push({ record: i + 1, message: event, bytes: text });
      bytes += text.length;
    } else {
      events.push(event);
      bytes += Buffer.byteLength(JSON.stringify(event));
    }
    if (bytes > split_bytes) {
      return { kind: 'rejected', message: `its ${records.length} events are more than ${split_bytes} bytes together` };
    }
  }
  return refused.length === 0 ? { kind: 'events', events } : { kind: 'events', events, refused };
}

const blank = new Set([0x20, 0x09, 0x0d]);

/**
 * A codec for one JSON record a line, as its mapping says. A line is parsed as strictly as the door does (duplicate
 * keys, depth, size). The whole record is kept in `details`.
 * @throws Error for a name that is no time zone.
 */
export function mappedCodec(mapping: Mapping, options: MappedOptions = {}): Codec {
  const zone = options.time_zone === undefined ? null : new TimeZone(options.time_zone);
  return {
    name: mapping.name,
    summary: mapping.summary,
    lists: { key: mapping.list_key ?? null },
    decode(line) {
      if (line.every((byte) => blank.has(byte))) return { kind: 'skipped', reason: 'blank line' };
      const { value, rejection } = parseJson(line);
      if (rejection !== null) return { kind: 'rejected', message: rejection.message };
      if (!(value instanceof Map)) return { kind: 'rejected', message: 'the line is no JSON object' };
      const records = mapping.split?.(value) ?? [value];
      if (typeof records === 'string') return { kind: 'rejected', message: records };
      if (records.length === 0) return { kind: 'skipped', reason: 'no event' };
      const single = records.length === 1 ? records[0] : undefined;
      if (single === value) return decodeWhole(mapping, single, zone);
      return decodeParts(mapping, records, zone);
    },
  };
}
