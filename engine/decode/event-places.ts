import type { EventSchema } from '../event-schema.ts';
import type { ValueType } from '../value.ts';
import { DECIMAL, ESCAPED, INTEGER, NULL, NUMBER, OBJECT, TEXT } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import { type ByteNode, byteSchema, EVENT_ID, NO_DOOR, RECEIVED_AT, SEQ, TENANT_ID, TIMESTAMP } from './byte-schema.ts';
import { ByteTime } from './byte-time.ts';
import { isDottedIpv4 } from './ip.ts';
import { RecordReader, type ValueTaker } from './record-reader.ts';
import { schemaTree } from './schema-tree.ts';
import { parseTimestamp } from './timestamp.ts';

/** What an event has at a field: nothing, a text between its bytes, one whose bytes are JSON with escapes, or a number. */
export const placeKinds = { none: 0, text: 1, escaped: 2, number: 3 } as const;

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * HOT. Where the values of a record stand in its bytes, for whoever copies them somewhere without making a text of each.
 * It reads what has the usual form; to everything else (extra fields outside of details, odd types, an address that is not
 * written in its one form) it says false, and the caller parses the record.
 */
export class EventPlaces implements ValueTaker {
  /** Epoch milliseconds; NaN: there is none. */
  timestamp = Number.NaN;
  /** NaN: there is none. */
  seq = Number.NaN;
  /** By field of the schema: one of placeKinds, the first byte and the one behind the last, and a number's value. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly stops: Int32Array;
  readonly numbers: Float64Array;
  /** The fields that the record has, the first `count` of these. */
  readonly found: Int32Array;
  count = 0;
  /** First byte of a text and the one behind it; both 0: there is none. */
  tenantStart = 0;
  tenantStop = 0;
  idStart = 0;
  idStop = 0;
  /** The object `details` with its brackets; both 0: there is none. */
  detailsStart = 0;
  detailsStop = 0;
  readonly #scanner = new ByteScanner();
  readonly #time = new ByteTime(this.#scanner);
  readonly #types: readonly ValueType[];
  /** null: the schema declares names of the door. */
  readonly #reader: RecordReader | null;

  constructor(schema: EventSchema) {
    this.#types = schema.fields.map(({ type }) => type);
    const top = byteSchema(schema, schemaTree(schema), [])?.top;
    this.#reader = top === undefined ? null : new RecordReader(top, this.#scanner, this);
    const count = schema.fields.length;
    this.kinds = new Uint8Array(count);
    this.found = new Int32Array(count);
    this.starts = new Int32Array(count);
    this.stops = new Int32Array(count);
    this.numbers = new Float64Array(count);
  }

  /** What the places of the last scan are places in. */
  get bytes(): Uint8Array {
    return this.#scanner.bytes;
  }

  /** Reads a record; false: it is not of the usual form, or no JSON at all, and nothing is known of it. */
  scan(record: Uint8Array): boolean {
    return this.#reader?.read(record) === true && !Number.isNaN(this.timestamp);
  }

  /** A record begins. */
  begin(): void {
    this.timestamp = Number.NaN;
    this.seq = Number.NaN;
    this.tenantStart = this.tenantStop = this.idStart = this.idStop = this.detailsStart = this.detailsStop = 0;
    for (let f = 0; f < this.count; f++) this.kinds[this.found[f]] = placeKinds.none;
    this.count = 0;
  }

  /** The reader has read a value. */
  take(node: ByteNode | null, kind: number): boolean {
    if (node === null) return false;
    if (kind === NULL) return true;
    if (node.isDeclaredObject) return kind === OBJECT;
    if (node.door !== NO_DOOR) return this.#door(node.door, kind);
    return node.field >= 0 && this.#field(node.field, kind);
  }

  #field(field: number, kind: number): boolean {
    // Under two names: whoever has the words for it must say which stands.
    if (this.kinds[field] !== placeKinds.none) return false;
    this.found[this.count++] = field;
    const { start, stop, number, bytes } = this.#scanner;
    this.starts[field] = start;
    this.stops[field] = stop;
    this.numbers[field] = number;
    switch (this.#types[field]) {
      case 'string':
        this.kinds[field] = kind === TEXT ? placeKinds.text : placeKinds.escaped;
        return kind === TEXT || kind === ESCAPED;
      case 'ip':
        this.kinds[field] = placeKinds.text;
        return kind === TEXT && isDottedIpv4(bytes, start, stop);
      case 'int':
        this.kinds[field] = placeKinds.number;
        return kind === INTEGER;
      case 'float':
        this.kinds[field] = placeKinds.number;
        if (kind === NUMBER) this.numbers[field] = Number(lenient.decode(bytes.subarray(start, stop)));
        return kind === INTEGER || kind === DECIMAL || kind === NUMBER;
      default:
        return false;
    }
  }

  #door(door: number, kind: number): boolean {
    const { start, stop, number } = this.#scanner;
    switch (door) {
      case TIMESTAMP:
        this.timestamp = this.#readTime(kind, start, stop, number);
        return true;
      case RECEIVED_AT:
        return true;
      case SEQ:
        this.seq = number;
        return kind === INTEGER;
      case TENANT_ID:
        this.tenantStart = start;
        this.tenantStop = stop;
        return kind === TEXT;
      case EVENT_ID:
        this.idStart = start;
        this.idStop = stop;
        return kind === TEXT;
      default:
        this.detailsStart = start;
        this.detailsStop = stop;
        return kind === OBJECT;
    }
  }

  #readTime(kind: number, start: number, stop: number, number: number): number {
    if (kind === INTEGER) return parseTimestamp(number) ?? Number.NaN;
    if (kind !== TEXT) return Number.NaN;
    const time = this.#time.read(start, stop);
    if (!Number.isNaN(time)) return time;
    return parseTimestamp(lenient.decode(this.bytes.subarray(start, stop))) ?? Number.NaN;
  }
}
