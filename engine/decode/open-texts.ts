import type { EventSchema } from '../event-schema.ts';
import { KEY, NULL, OBJECT, UNSURE } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import { type ByteNode, type ByteNodes, byteSchema, DETAILS } from './byte-schema.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-parser.ts';
import { doorNames, type SchemaNodes, schemaTree } from './schema-tree.ts';
import { encodeUtf8 } from './utf8.ts';

const none = new Uint8Array(0);
const [COMMA, OPEN, CLOSE, QUOTE, COLON] = encodeUtf8(',{}":');

/**
 * HOT. What a valid record says beside what is declared, as two JSON objects in text: `details`, and the extra fields, which
 * rules read as part of details where those have nothing (column-readers.ts). What is read of the texts is what is read of
 * the record: they are its own bytes where the scanner is sure of it, else a text that the parser reads as the same.
 */
export class OpenTexts {
  /** Of the record that was read last, empty where it has none; valid until the next one is read. */
  details: Uint8Array = none;
  extras: Uint8Array = none;
  readonly #tree: SchemaNodes;
  /** null: the schema declares names of the door. */
  readonly #top: ByteNodes | null;
  readonly #scanner = new ByteScanner();
  #out = new Uint8Array(4096);
  #end = 0;
  #detailsStart = 0;
  #detailsStop = 0;

  constructor(schema: EventSchema) {
    this.#tree = schemaTree(schema);
    this.#top = byteSchema(schema, this.#tree, [])?.top ?? null;
  }

  /** Reads a record that a decoder has taken. */
  read(record: Uint8Array): void {
    if (this.#top === null || !this.#scan(record, this.#top)) {
      this.#parse(record);
      return;
    }
    this.details = this.#scanner.bytes.subarray(this.#detailsStart, this.#detailsStop);
    // The bracket alone: there is none.
    if (this.#end > 1) this.#put(CLOSE);
    this.extras = this.#end === 1 ? none : this.#out.subarray(0, this.#end);
  }

  #scan(record: Uint8Array, top: ByteNodes): boolean {
    const scanner = this.#scanner;
    this.#detailsStart = this.#detailsStop = this.#end = 0;
    this.#put(OPEN);
    scanner.load(record);
    scanner.begin();
    return scanner.openRecord() && this.#object(top);
  }

  /** Reads the rest of the object that was opened. */
  #object(nodes: ByteNodes): boolean {
    const scanner = this.#scanner;
    let before: ByteNode | null = null;
    for (;;) {
      const likely: ByteNode | null = before === null ? nodes.first : before.next;
      const next = scanner.nextKey(likely);
      if (next !== KEY) return next !== UNSURE;
      const { bytes, keyStart, keyStop, keyHash } = scanner;
      const node: ByteNode | null = scanner.isLikely ? likely : nodes.find(bytes, keyStart, keyStop, keyHash);
      if (node === null) {
        if (!this.#extra()) return false;
        continue;
      }
      if (node.isAscii) {
        if (before === null) nodes.first = node;
        else before.next = node;
      }
      before = node;
      if (!this.#known(node)) return false;
    }
  }

  #known(node: ByteNode): boolean {
    const scanner = this.#scanner;
    if (node.children !== null && scanner.isAtObject()) return this.#declaredObject(node, node.children);
    const kind = scanner.value();
    if (node.door === DETAILS && kind === OBJECT && scanner.stop - scanner.start > 2) {
      this.#detailsStart = scanner.start;
      this.#detailsStop = scanner.stop;
    }
    return kind !== UNSURE;
  }

  /** An object that holds declared fields, and perhaps others. */
  #declaredObject({ key }: ByteNode, children: ByteNodes): boolean {
    const begin = this.#end;
    this.#separate();
    this.#put(QUOTE);
    this.#copy(key, 0, key.length);
    this.#put(QUOTE);
    this.#put(COLON);
    this.#put(OPEN);
    const inside = this.#end;
    if (!this.#scanner.open() || !this.#object(children)) return false;
    if (this.#end === inside) this.#end = begin;
    else this.#put(CLOSE);
    return true;
  }

  #extra(): boolean {
    const scanner = this.#scanner;
    const start = scanner.keyStart - 1;
    const kind = scanner.value();
    if (kind === UNSURE) return false;
    if (kind === NULL) return true;
    this.#separate();
    this.#copy(scanner.bytes, start, scanner.at);
    return true;
  }

  #separate(): void {
    if (this.#out[this.#end - 1] !== OPEN) this.#put(COMMA);
  }

  #put(byte: number): void {
    if (this.#end === this.#out.length) this.#grow(1);
    this.#out[this.#end++] = byte;
  }

  #copy(bytes: Uint8Array, start: number, stop: number): void {
    if (this.#end + stop - start > this.#out.length) this.#grow(stop - start);
    for (let at = start; at < stop; at++) this.#out[this.#end++] = bytes[at];
  }

  #grow(more: number): void {
    const grown = new Uint8Array(2 * (this.#out.length + more));
    grown.set(this.#out);
    this.#out = grown;
  }

  #parse(record: Uint8Array): void {
    const event = parseJson(record).value as JsonObject;
    this.details = textOf(event.get('details') ?? null);
    this.extras = textOf(extrasOf(event, this.#tree, doorNames));
  }
}

/** The fields that a schema does not declare; of an object that it does, those inside. */
function extrasOf(object: JsonObject, nodes: SchemaNodes, others: ReadonlySet<string>): JsonObject {
  const extras: JsonObject = new Map();
  for (const [key, value] of object) {
    const node = nodes.get(key);
    if (node?.kind === 'field' || others.has(key) || value === null) continue;
    const kept = node === undefined || !(value instanceof Map) ? value : extrasOf(value, node.children, new Set());
    if (!(node !== undefined && kept instanceof Map && kept.size === 0)) extras.set(key, kept);
  }
  return extras;
}

function textOf(object: JsonValue): Uint8Array {
  return object instanceof Map && object.size > 0 ? encodeUtf8(exactJson(object)) : none;
}

/** A text that the parser reads as this value: a great number with an exponent is no integer. */
function exactJson(value: JsonValue): string {
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, one]) => `${JSON.stringify(key)}:${exactJson(one)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return value.toExponential();
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}
