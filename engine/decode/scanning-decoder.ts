import type { EventSchema } from '../event-schema.ts';
import { limits } from '../limits.ts';
import type { ColumnSpec } from '../program.ts';
import type { Rejection } from '../verdict.ts';
import { ByteFields } from './byte-fields.ts';
import { END, INTEGER, KEY, NULL, OBJECT, TEXT, UNSURE } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import {
  type ByteNode,
  type ByteNodes,
  type ByteSchema,
  byteSchema,
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
import type { Decoder } from './decoder.ts';
import type { Dictionary } from './dictionary.ts';
import { type JsonObject, parseJson } from './json-parser.ts';
import { PlainDecoder } from './plain-decoder.ts';
import { schemaTree } from './schema-tree.ts';
import { isUtf8 } from './utf8.ts';

const nothing = new Uint8Array(0);

/**
 * HOT. What PlainDecoder says of a record, without a text or an object for most of what it reads: one pass over the
 * bytes checks the whole record and notes where the values of declared fields and of columns stand; only then texts
 * become ids. A record that it is not sure about, and every one that is to be rejected, goes to the plain decoder, which
 * is the meaning and has the words.
 */
export class ScanningDecoder implements Decoder {
  readonly event: DecodedEvent;
  readonly #plain: PlainDecoder;
  readonly #schema: ByteSchema | null;
  readonly #columns: readonly ColumnSpec[];
  readonly #readers: readonly ColumnReader[];
  readonly #dictionary: Dictionary;
  readonly #scanner = new ByteScanner();
  readonly #fields: ByteFields;
  /** By capture: what was found (0: nothing), and where. */
  readonly #captured: Uint8Array;
  readonly #capturedAt: Int32Array;
  readonly #capturedTo: Int32Array;
  #record: Uint8Array = nothing;

  /** As PlainDecoder's. */
  constructor(schema: EventSchema, columns: readonly ColumnSpec[], dictionary: Dictionary) {
    this.#plain = new PlainDecoder(schema, columns, dictionary);
    const tree = schemaTree(schema);
    this.#columns = columns;
    this.#readers = columnReaders(schema, tree, columns);
    this.#dictionary = dictionary;
    this.#schema = byteSchema(schema, tree, this.#readers);
    this.#fields = new ByteFields(schema, this.#scanner, dictionary);
    const count = this.#schema?.capture_count ?? 0;
    this.#captured = new Uint8Array(count);
    this.#capturedAt = new Int32Array(count);
    this.#capturedTo = new Int32Array(count);
    const { event } = this.#plain;
    const plainHash = event.contentHash;
    this.event = event;
    event.contentHash = () =>
      this.#record.length === 0 ? plainHash() : eventContentHash(parseJson(this.#record).value as JsonObject);
  }

  /** As PlainDecoder's. */
  failedCastsByColumn(): Map<string, number> {
    return this.#plain.failedCastsByColumn();
  }

  /** What it remembers of texts. */
  get allocated_bytes(): number {
    return this.#fields.allocated_bytes;
  }

  decode(bytes: Uint8Array, latest_ms = Number.POSITIVE_INFINITY): Rejection | null {
    if (this.#schema !== null && this.#scan(bytes, this.#schema.top)) {
      this.#record = bytes;
      this.#take(latest_ms, this.#schema);
      return null;
    }
    const rejection = this.#plain.decode(bytes, latest_ms);
    if (rejection === null) this.#record = nothing;
    return rejection;
  }

  /** Whether the record is surely valid. */
  #scan(bytes: Uint8Array, top: ByteNodes): boolean {
    const scanner = this.#scanner;
    if (bytes.length > limits.record_bytes || !scanner.begin(bytes)) return false;
    this.#fields.begin();
    this.#captured.fill(0);
    if (!this.#object(top) || !scanner.isAtEnd() || !this.#fields.isWhole()) return false;
    return !scanner.isBeyondAscii || isUtf8(bytes);
  }

  /** Reads the rest of the object that was opened. */
  #object(nodes: ByteNodes): boolean {
    const scanner = this.#scanner;
    let before: ByteNode | null = null;
    for (;;) {
      const likely: ByteNode | null = before === null ? nodes.first : before.next;
      const next = scanner.nextKey(likely);
      if (next !== KEY) return next === END;
      const node: ByteNode | null = scanner.isLikely ? likely : this.#find(nodes, before);
      if (node === null) {
        if (scanner.value() === UNSURE) return false;
        continue;
      }
      before = node;
      if (!this.#value(node)) return false;
    }
  }

  /** The node of the key that was read, which is the likely one from now on. */
  #find(nodes: ByteNodes, before: ByteNode | null): ByteNode | null {
    const { bytes, keyStart, keyStop, keyHash } = this.#scanner;
    const node = nodes.find(bytes, keyStart, keyStop, keyHash);
    if (node === null || !node.isAscii) return node;
    if (before === null) nodes.first = node;
    else before.next = node;
    return node;
  }

  #value(node: ByteNode): boolean {
    const scanner = this.#scanner;
    let kind: number = OBJECT;
    if (node.children !== null && scanner.isAtObject()) {
      const start = scanner.at;
      if (!scanner.open() || !this.#object(node.children)) return false;
      scanner.start = start;
      scanner.stop = scanner.at;
    } else {
      kind = scanner.value();
      if (kind === UNSURE) return false;
    }
    if (kind === NULL) return true;
    if (node.capture >= 0) {
      this.#captured[node.capture] = kind;
      this.#capturedAt[node.capture] = scanner.start;
      this.#capturedTo[node.capture] = scanner.stop;
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

  #take(latest_ms: number, { captures }: ByteSchema): void {
    const { event } = this;
    const fields = this.#fields;
    event.timestamp = fields.timestamp;
    event.seq = fields.seq;
    event.id = fields.idBytes();
    if (fields.timestamp > latest_ms) return;
    event.tenant = fields.tenantId();
    for (let k = 0; k < this.#readers.length; k++) {
      const reader = this.#readers[k];
      const isId = this.#columns[reader.column].storage === 'id';
      event.values[reader.column] = this.#read(reader, isId, captures[k]);
    }
  }

  #read(reader: ColumnReader, isId: boolean, capture: { inside: number; top: number } | null): number {
    const fields = this.#fields;
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
        return this.#readDetails(reader, isId, capture as { inside: number; top: number });
    }
  }

  /** A value of details, or of an extra field at the top where details has none. */
  #readDetails(
    { spec, column }: Extract<ColumnReader, { from: 'details' }>,
    isId: boolean,
    { inside, top }: { inside: number; top: number },
  ): number {
    const at = this.#captured[inside] !== 0 || top < 0 ? inside : top;
    const kind = this.#captured[at];
    if (kind === 0) return isId ? 0 : Number.NaN;
    const [start, stop] = [this.#capturedAt[at], this.#capturedTo[at]];
    if (kind === TEXT && spec.type === 'string') return this.#fields.idOfText(start, stop);
    const value = this.#fields.jsonAt(kind, start, stop);
    const isCast = spec.conversion === 'cast';
    const converted = isCast ? convertByCast(value, spec.type) : convertExactly(value, spec.type);
    if (converted === null && isCast) this.#plain.countFailedCast(column);
    if (isId) return typeof converted === 'string' ? this.#dictionary.idOf(converted) : 0;
    return typeof converted === 'number' ? converted : Number.NaN;
  }
}
