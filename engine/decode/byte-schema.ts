import type { EventField, EventSchema } from '../event-schema.ts';
import type { ColumnReader } from './column-readers.ts';
import { doorNames, type SchemaNodes } from './schema-tree.ts';
import { encodeUtf8 } from './utf8.ts';

/** What the door reads itself, at the top of a record. */
export const NO_DOOR = 0;
export const TIMESTAMP = 1;
export const RECEIVED_AT = 2;
export const SEQ = 3;
export const TENANT_ID = 4;
export const EVENT_ID = 5;
export const DETAILS = 6;

const doors = new Map([
  ['timestamp', TIMESTAMP],
  ['received_at', RECEIVED_AT],
  ['seq', SEQ],
  ['tenant_id', TENANT_ID],
  ['event_id', EVENT_ID],
  ['details', DETAILS],
]);

/** A key of a record that means something. */
export interface ByteNode {
  readonly key: Uint8Array;
  readonly hash: number;
  /** Only such keys are looked for before they are read. */
  readonly isAscii: boolean;
  door: number;
  /** Index into the schema's fields; -1: it is none. */
  field: number;
  type: EventField['type'] | null;
  /** The schema declares an object here: nothing else may stand here but null. */
  isDeclaredObject: boolean;
  /** Where the value's place is kept for a column of details; -1: nowhere. */
  capture: number;
  children: ByteNodes | null;
  /** The known key that followed it last. */
  next: ByteNode | null;
}

/** HOT. Keys of one object, found by their bytes. */
export class ByteNodes {
  /** The known key that came first in the last object. */
  first: ByteNode | null = null;
  #nodes: ByteNode[] = [];
  /** By hash: index into #nodes plus one; 0: none. Open addressing. */
  #slots = new Int32Array(8);

  /** The node of a key, made where there is none. */
  ensure(name: string): ByteNode {
    const key = encodeUtf8(name);
    const hash = hashOf(key);
    const known = this.find(key, 0, key.length, hash);
    if (known !== null) return known;
    const node: ByteNode = {
      ...{
        key,
        hash,
        isAscii: key.every((byte) => byte < 0x80),
        door: NO_DOOR,
        field: -1,
        type: null,
        isDeclaredObject: false,
        capture: -1,
        children: null,
        next: null,
      },
    };
    this.#nodes.push(node);
    if (this.#nodes.length * 4 > this.#slots.length) this.#slots = new Int32Array(this.#slots.length * 2);
    this.#slots.fill(0);
    const mask = this.#slots.length - 1;
    this.#nodes.forEach((each, index) => {
      let slot = spread(each.hash) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    });
    return node;
  }

  /** The node of a key; null: there is none. */
  known(name: string): ByteNode | null {
    const key = encodeUtf8(name);
    return this.find(key, 0, key.length, hashOf(key));
  }

  find(bytes: Uint8Array, start: number, stop: number, hash: number): ByteNode | null {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const node = this.#nodes[this.#slots[slot] - 1];
      if (node.hash === hash && isEqual(node.key, bytes, start, stop)) return node;
    }
    return null;
  }
}

/** The hash that ByteScanner.keyHash is. */
function hashOf(key: Uint8Array): number {
  let hash = 0;
  for (const byte of key) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

function isEqual(key: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (stop - start !== key.length) return false;
  for (let k = 0; k < key.length; k++) if (bytes[start + k] !== key[k]) return false;
  return true;
}

/** Where the scanner finds the values of a reader of details: inside `details`, and at the top; -1: nowhere. */
export interface Captures {
  readonly inside: number;
  readonly top: number;
}

export interface ByteSchema {
  readonly top: ByteNodes;
  /** By place of the reader; null for those that do not read details. */
  readonly captures: readonly (Captures | null)[];
  readonly capture_count: number;
}

/** The schema's tree and the paths of details that columns read, by bytes. null where the schema declares a door's name. */
export function byteSchema(
  schema: EventSchema,
  tree: SchemaNodes,
  readers: readonly ColumnReader[],
): ByteSchema | null {
  if ([...doorNames].some((name) => tree.has(name))) return null;
  const top = new ByteNodes();
  addTree(top, tree, schema);
  for (const [name, door] of doors) top.ensure(name).door = door;
  let capture_count = 0;
  const capture = (from: ByteNodes, path: readonly string[]): number => {
    const node = nodeAt(from, path);
    if (node.capture === -1) node.capture = capture_count++;
    return node.capture;
  };
  const captures = readers.map((reader) => {
    if (reader.from !== 'details') return null;
    return {
      inside: capture(top, ['details', ...reader.path]),
      top: reader.also_at_top ? capture(top, reader.path) : -1,
    };
  });
  return { top, captures, capture_count };
}

function addTree(into: ByteNodes, tree: SchemaNodes, schema: EventSchema): void {
  for (const [name, node] of tree) {
    const made = into.ensure(name);
    if (node.kind === 'field') {
      made.field = node.index;
      made.type = node.field.type;
    } else {
      made.isDeclaredObject = true;
      made.children = new ByteNodes();
      addTree(made.children, node.children, schema);
    }
  }
}

/** The node at a path, made with those before it where there are none. */
export function nodeAt(from: ByteNodes, path: readonly string[]): ByteNode {
  let nodes = from;
  let node = nodes.ensure(path[0]);
  for (const name of path.slice(1)) {
    node.children ??= new ByteNodes();
    nodes = node.children;
    node = nodes.ensure(name);
  }
  return node;
}
