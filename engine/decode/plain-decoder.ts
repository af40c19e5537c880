import type { EventSchema } from '../event-schema.ts';
import type { ColumnSpec } from '../program.ts';
import type { Rejection } from '../verdict.ts';
import { eventContentHash } from './canonical.ts';
import { type ColumnReader, columnReaders, readDetails } from './column-readers.ts';
import { type Converted, convertByCast, convertExactly } from './convert.ts';
import type { DecodedEvent } from './decoded-event.ts';
import type { Decoder } from './decoder.ts';
import type { Dictionary } from './dictionary.ts';
import { DoorFields } from './door-fields.ts';
import { castBits, noFailedCasts } from './failed-casts.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-parser.ts';
import { describe, mismatch, wrongType } from './messages.ts';
import { type FieldNode, type SchemaNodes, schemaTree } from './schema-tree.ts';
import { unreadableReason } from './unreadable.ts';

/**
 * The decoder that is the specification (semantics.md S4): it parses the whole record, holds every declared field
 * against the schema, and only then gives texts an id, so that a rejected record leaves nothing behind.
 */
export class PlainDecoder implements Decoder {
  readonly event: DecodedEvent;
  readonly #schema: EventSchema;
  readonly #tree: SchemaNodes;
  readonly #columns: readonly ColumnSpec[];
  readonly #readers: readonly ColumnReader[];
  readonly #dictionary: Dictionary;
  readonly #door = new DoorFields();
  /** The declared fields of the record being decoded, by index into the schema's fields. */
  readonly #fields: Converted[];
  readonly #castBits: Int32Array;
  #record: JsonObject = new Map();

  /**
   * `columns` are those of the stream `events`; only those of kind 'field' are decoded, and event.values has one place
   * per column. Throws when a column reads a path that the schema does not declare.
   */
  constructor(schema: EventSchema, columns: readonly ColumnSpec[], dictionary: Dictionary) {
    this.#schema = schema;
    this.#tree = schemaTree(schema);
    this.#columns = columns;
    this.#readers = columnReaders(schema, this.#tree, columns);
    this.#dictionary = dictionary;
    this.#fields = schema.fields.map(() => null);
    this.#castBits = castBits(columns);
    this.event = {
      timestamp: 0,
      seq: Number.NaN,
      id: new Uint8Array(0),
      tenant: 0,
      contentHash: () => eventContentHash(this.#record),
      failed_casts: noFailedCasts(columns),
      values: new Float64Array(columns.length),
    };
  }

  /** It remembers no text. */
  readonly allocated_bytes = 0;

  /** The cast of a column failed in this event, which another decoder may have read. */
  noteFailedCast(column: number): void {
    const bit = this.#castBits[column];
    this.event.failed_casts[bit >> 5] |= 1 << (bit & 31);
  }

  decode(bytes: Uint8Array, latest_ms = Number.POSITIVE_INFINITY): Rejection | null {
    const { value, rejection } = parseJson(bytes);
    if (rejection !== null) return rejection;
    if (!(value instanceof Map)) {
      return { reason: 'not_an_object', message: `the record is ${describe(value)}, expected an object, an event` };
    }
    this.#fields.fill(null);
    const wrong = this.#door.read(value) ?? this.#checkObject(value, this.#tree) ?? this.#checkWhole(value);
    if (wrong !== null) return wrong;
    this.#record = value;
    const { event } = this;
    event.timestamp = this.#door.timestamp;
    event.seq = this.#door.seq;
    event.id = this.#door.idBytes();
    event.failed_casts.fill(0);
    if (event.timestamp <= latest_ms) this.#fill();
    return null;
  }

  #checkObject(object: JsonObject, nodes: SchemaNodes): Rejection | null {
    for (const [key, value] of object) {
      const node = nodes.get(key);
      if (node === undefined || value === null) continue;
      let wrong: Rejection | null;
      if (node.kind === 'field') wrong = this.#checkField(node, value);
      else if (value instanceof Map) wrong = this.#checkObject(value, node.children);
      else wrong = mismatch(node.name, value, `an object with some of ${[...node.children.keys()].join(', ')}`);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #checkField(node: FieldNode, value: JsonValue): Rejection | null {
    const converted = convertExactly(value, node.field.type);
    if (converted === null && node.name === 'schema_version') return this.#wrongVersion(value);
    if (converted === null) return wrongType(node.name, value, node.field.type);
    const other = this.#fields[node.index];
    if (other !== null && other !== converted) {
      const names = [node.field.name, ...node.field.aliases].join(' and ');
      const values = `${describe(other)} and ${describe(converted)}`;
      return { reason: 'wrong_type', message: `${names} name one field but hold ${values}; give it once` };
    }
    this.#fields[node.index] = converted;
    return null;
  }

  /** What can be said only when all fields have been seen: the version, and what is missing. */
  #checkWhole(event: JsonObject): Rejection | null {
    const version = event.get('schema_version') ?? null;
    if (this.#tree.has('schema_version') && version !== null && version !== this.#schema.name) {
      return this.#wrongVersion(version);
    }
    const missing = Number.isNaN(this.#door.timestamp) ? ['timestamp'] : [];
    for (let i = 0; i < this.#fields.length; i++) {
      const absent = this.#fields[i] === null || this.#fields[i] === '';
      if (absent && this.#schema.fields[i].required) missing.push(this.#schema.fields[i].name);
    }
    if (missing.length === 0) return null;
    const unreadable = unreadableReason(event);
    if (unreadable !== null) return unreadable;
    return { reason: 'missing_field', message: `missing, null or empty, but required: ${missing.join(', ')}` };
  }

  #wrongVersion(version: JsonValue): Rejection {
    return mismatch('schema_version', version, `'${this.#schema.name}', the only version known here`);
  }

  #fill(): void {
    const { event } = this;
    event.tenant = this.#dictionary.idOf(this.#door.tenant);
    for (const reader of this.#readers) {
      const isId = this.#columns[reader.column].storage === 'id';
      const value = this.#read(reader);
      if (isId) event.values[reader.column] = typeof value === 'string' ? this.#dictionary.idOf(value) : 0;
      else event.values[reader.column] = typeof value === 'number' ? value : Number.NaN;
    }
  }

  #read(reader: ColumnReader): Converted {
    switch (reader.from) {
      case 'field':
        return this.#fields[reader.field];
      case 'details': {
        const value = readDetails(this.#record, reader);
        if (value === null) return null;
        const { type, conversion } = reader.spec;
        if (conversion !== 'cast') return convertExactly(value, type);
        const converted = convertByCast(value, type);
        if (converted === null) this.noteFailedCast(reader.column);
        return converted;
      }
      case 'timestamp':
        return this.#door.timestamp;
      case 'tenant_id':
        return this.#door.tenant;
      case 'seq':
        return this.#door.seq;
      case 'event_id':
        return this.#door.idText;
    }
  }
}
