import type { EventSchema } from '../event-schema.ts';
import type { ColumnSpec } from '../program.ts';
import type { Rejection } from '../verdict.ts';
import { ByteFields } from './byte-fields.ts';
import { DECIMAL, INTEGER, NULL, OBJECT, TEXT } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import {
  type ByteNode,
  byteSchema,
  type Captures,
  DETAILS,
  EVENT_ID,
  NO_DOOR,
  RECEIVED_AT,
  SEQ,
  TENANT_ID,
  TIMESTAMP,
} from './byte-schema.ts';
import { eventContentHash } from './canonical.ts';
import { type ColumnReader, columnReaders } from './column-readers.ts';
import { convertByCast, convertExactly } from './convert.ts';
import type { DecodedEvent } from './decoded-event.ts';
import type { Decoder, EventGuard, IdWatcher } from './decoder.ts';
import type { Dictionary } from './dictionary.ts';
import { type JsonObject, parseJson } from './json-parser.ts';
import { PlainDecoder } from './plain-decoder.ts';
import { RecordReader, type ValueTaker } from './record-reader.ts';
import { schemaTree } from './schema-tree.ts';

const nothing = new Uint8Array(0);

/**
 * HOT. What PlainDecoder says of a record, without a text or an object for most of what it reads: one pass over the
 * bytes checks the whole record and notes where the values of declared fields and of columns stand; only then texts
 * become ids. A record that it is not sure about, and every one that is to be rejected, goes to the plain decoder, which
 * is the meaning and has the words.
 */
export class ScanningDecoder implements Decoder, ValueTaker {
  readonly event: DecodedEvent;
  readonly #plain: PlainDecoder;
  /** null: the schema declares names of the door, and every record goes to the plain decoder. */
  readonly #reader: RecordReader | null;
  readonly #captures: readonly (Captures | null)[];
  readonly #columns: readonly ColumnSpec[];
  readonly #readers: readonly ColumnReader[];
  readonly #dictionary: Dictionary;
  readonly #scanner = new ByteScanner();
  readonly #fields: ByteFields;
  /** By capture: what was found (0: nothing), where, and its number where it is one. */
  readonly #captured: Uint8Array;
  readonly #capturedAt: Int32Array;
  readonly #capturedTo: Int32Array;
  readonly #capturedNumbers: Float64Array;
  readonly #guard: EventGuard | null;
  /** Places of readers: those of the guard's columns, those that it may leave out, and the others. */
  readonly #first: Int32Array;
  readonly #dispensable: Int32Array;
  readonly #always: Int32Array;
  /** By place: the field that gives an id, -1 where none does. */
  readonly #textFields: Int32Array;
  /** By place: the hash of that field's text, 0 where it is not known; of the guard's columns it never is. */
  readonly #hashes: Int32Array;
  /** By place: the column. */
  readonly #columnAt: Int32Array;
  /** The hashes of this record that are known. */
  readonly #touched: Int32Array;
  #count = 0;
  #record: Uint8Array = nothing;

  /**
   * As PlainDecoder's.
   * @param guard leaves out what it allows of events that no rule reads; null: everything is read
   */
  constructor(
    schema: EventSchema,
    columns: readonly ColumnSpec[],
    dictionary: Dictionary,
    guard: EventGuard | null = null,
  ) {
    this.#plain = new PlainDecoder(schema, columns, dictionary);
    const tree = schemaTree(schema);
    this.#columns = columns;
    this.#readers = columnReaders(schema, tree, columns);
    this.#dictionary = dictionary;
    this.#fields = new ByteFields(schema, this.#scanner, dictionary);
    const bySchema = byteSchema(schema, tree, this.#readers);
    this.#reader = bySchema === null ? null : new RecordReader(bySchema.top, this.#scanner, this);
    this.#captures = bySchema?.captures ?? [];
    const count = bySchema?.capture_count ?? 0;
    this.#captured = new Uint8Array(count);
    this.#capturedAt = new Int32Array(count);
    this.#capturedTo = new Int32Array(count);
    this.#capturedNumbers = new Float64Array(count);
    this.#guard = guard;
    const placesOf = (isWanted: (column: number) => boolean) =>
      Int32Array.from(this.#readers.flatMap(({ column }, place) => (isWanted(column) ? [place] : [])));
    const first = new Set(guard?.first);
    const dispensable = new Set(guard?.dispensable);
    this.#first = placesOf((column) => first.has(column));
    this.#dispensable = placesOf((column) => dispensable.has(column));
    this.#always = placesOf((column) => !first.has(column) && !dispensable.has(column));
    this.#textFields = Int32Array.from(this.#readers, (reader) =>
      reader.from === 'field' && columns[reader.column].storage === 'id' ? reader.field : -1,
    );
    this.#columnAt = Int32Array.from(this.#readers, ({ column }) => column);
    this.#hashes = new Int32Array(this.#readers.length);
    this.#touched = new Int32Array(this.#readers.length);
    const { event } = this.#plain;
    const plainHash = event.contentHash;
    this.event = event;
    event.contentHash = () =>
      this.#record.length === 0 ? plainHash() : eventContentHash(parseJson(this.#record).value as JsonObject);
  }

  /** What it remembers of texts. */
  get allocated_bytes(): number {
    return this.#fields.allocated_bytes + (this.#reader?.allocated_bytes ?? 0);
  }

  decode(bytes: Uint8Array, latest_ms = Number.POSITIVE_INFINITY, watcher?: IdWatcher): Rejection | null {
    if (this.#reader?.read(bytes) === true && this.#fields.isWhole()) {
      this.#record = bytes;
      this.#takeColumns(latest_ms, watcher);
      return null;
    }
    const rejection = this.#plain.decode(bytes, latest_ms);
    if (rejection !== null) return rejection;
    this.#record = nothing;
    const guard = this.#guard;
    const { timestamp, values } = this.event;
    // What is NULL of an event does not depend on who has read it.
    if (guard !== null && timestamp <= latest_ms && !guard.isRead(values)) this.#leaveOut(guard);
    return null;
  }

  /** A record begins. */
  begin(): void {
    this.#fields.begin();
    for (let k = 0; k < this.#captured.length; k++) this.#captured[k] = 0;
  }

  /** The reader has read a value. */
  take(node: ByteNode | null, kind: number): boolean {
    if (node === null || kind === NULL) return true;
    if (node.capture >= 0) {
      this.#captured[node.capture] = kind;
      this.#capturedAt[node.capture] = this.#scanner.start;
      this.#capturedTo[node.capture] = this.#scanner.stop;
      this.#capturedNumbers[node.capture] = this.#scanner.number;
    }
    if (node.door !== NO_DOOR) return this.#door(node.door, kind);
    if (node.isDeclaredObject) return kind === OBJECT;
    return node.field < 0 || this.#fields.take(node.field, kind);
  }

  #door(door: number, kind: number): boolean {
    const fields = this.#fields;
    switch (door) {
      case TIMESTAMP:
        fields.timestamp = fields.readTime(kind);
        return !Number.isNaN(fields.timestamp);
      case RECEIVED_AT:
        return !Number.isNaN(fields.readTime(kind));
      case SEQ:
        fields.seq = this.#scanner.number;
        return kind === INTEGER && fields.seq >= 0;
      case TENANT_ID:
        return fields.takeTenant(kind);
      case EVENT_ID:
        return fields.takeId(kind);
      default:
        return door === DETAILS && kind === OBJECT;
    }
  }

  #takeColumns(latest_ms: number, watcher: IdWatcher | undefined): void {
    const { event } = this;
    const fields = this.#fields;
    event.timestamp = fields.timestamp;
    event.seq = fields.seq;
    event.id = fields.idBytes();
    for (let word = 0; word < event.failed_casts.length; word++) event.failed_casts[word] = 0;
    if (fields.timestamp > latest_ms) return;
    event.tenant = fields.tenantId();
    const guard = this.#guard;
    this.#readAll(this.#first);
    const isRead = guard === null || guard.isRead(event.values);
    this.#count = 0;
    this.#hashAll(this.#always);
    if (isRead) this.#hashAll(this.#dispensable);
    if (watcher !== undefined) fields.tellId(watcher, event.id);
    this.#dictionary.touch(this.#touched, this.#count);
    this.#readAll(this.#always);
    if (isRead) this.#readAll(this.#dispensable);
    else this.#leaveOut(guard);
  }

  /** No rule reads the event: columns that may be NULL then are. */
  #leaveOut({ dispensable }: EventGuard): void {
    const { values } = this.event;
    for (let k = 0; k < dispensable.length; k++) values[dispensable[k]] = 0;
  }

  /** Of these places of readers: hashes of the texts of fields that the dictionary may have in its index. */
  #hashAll(places: Int32Array): void {
    for (let k = 0; k < places.length; k++) {
      const place = places[k];
      const field = this.#textFields[place];
      const hash = field === -1 ? 0 : this.#fields.hashOf(field);
      this.#hashes[place] = hash;
      if (hash !== 0) this.#touched[this.#count++] = hash;
    }
  }

  /** The values of these places of readers. */
  #readAll(places: Int32Array): void {
    const { values } = this.event;
    for (let k = 0; k < places.length; k++) {
      const place = places[k];
      const hash = this.#hashes[place];
      values[this.#columnAt[place]] =
        hash === 0 ? this.#read(place) : this.#fields.idOfHashed(this.#textFields[place], hash);
    }
  }

  #read(place: number): number {
    const fields = this.#fields;
    const reader = this.#readers[place];
    const isId = this.#columns[reader.column].storage === 'id';
    switch (reader.from) {
      case 'field':
        return isId ? fields.idOf(reader.field) : fields.numberOf(reader.field);
      case 'timestamp':
        return fields.timestamp;
      case 'seq':
        return fields.seq;
      case 'tenant_id':
        return fields.tenantId();
      case 'event_id':
        return fields.eventId();
      default:
        return this.#readDetails(reader, isId, this.#captures[place] as Captures);
    }
  }

  /** A value of details, or of an extra field at the top where details has none. */
  #readDetails(
    { spec, column }: Extract<ColumnReader, { from: 'details' }>,
    isId: boolean,
    { inside, top }: Captures,
  ): number {
    const at = this.#captured[inside] !== 0 || top < 0 ? inside : top;
    const kind = this.#captured[at];
    if (kind === 0) return isId ? 0 : Number.NaN;
    const [start, stop] = [this.#capturedAt[at], this.#capturedTo[at]];
    if (kind === TEXT && spec.type === 'string') return this.#fields.idOfText(start, stop);
    // These two kinds are what the scanner has read exactly.
    const isNumber = kind === INTEGER || kind === DECIMAL;
    const value = isNumber ? this.#capturedNumbers[at] : this.#fields.jsonAt(kind, start, stop);
    const isCast = spec.conversion === 'cast';
    const converted = isCast ? convertByCast(value, spec.type) : convertExactly(value, spec.type);
    if (converted === null && isCast) this.#plain.noteFailedCast(column);
    if (isId) return typeof converted === 'string' ? this.#dictionary.idOf(converted) : 0;
    return typeof converted === 'number' ? converted : Number.NaN;
  }
}
