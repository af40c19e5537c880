import type { ValueType } from '../value.ts';
import { ARRAY, DECIMAL, ESCAPED, FALSE, INTEGER, KEY, NULL, NUMBER, OBJECT, TRUE, UNSURE } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import { type ByteNode, ByteNodes } from './byte-schema.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-parser.ts';

/**
 * Which kinds of values stand at which paths of many JSON objects: by path as JSON text, a bit for each kind of byte-kinds.ts
 * that was seen there (a text with escapes may count as one without).
 */
export interface OpenKinds {
  readonly kinds: Readonly<Record<string, number>>;
  /** Whether these are all paths; else any kind may stand at others. */
  readonly isWhole: boolean;
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const ANY = -1;
const bitsOf = (...kinds: readonly number[]): number => kinds.reduce((bits, kind) => bits | (1 << kind), 0);
const numbersAndBools = bitsOf(TRUE, FALSE, INTEGER, DECIMAL, NUMBER);

/** The kinds of values that may stand at a path, without null; 0: no object has a value there. */
export function kindsAt({ kinds, isWhole }: OpenKinds, path: readonly string[]): number {
  const key = pathKey(path);
  return (Object.hasOwn(kinds, key) ? kinds[key] : isWhole ? 0 : ANY) & ~bitsOf(NULL);
}

/** Whether a cast of details to this type may fail on a value of one of these kinds (convert.ts). */
export function canCastFail(type: ValueType, kinds: number): boolean {
  return (kinds & ~neverFail(type)) !== 0;
}

function neverFail(type: ValueType): number {
  switch (type) {
    case 'string':
      return ANY;
    case 'float':
    case 'bool':
      return numbersAndBools;
    case 'int':
      return bitsOf(TRUE, FALSE, INTEGER);
    default:
      return 0;
  }
}

/** A bound of the paths that are known: records may have ever new keys. */
export const MOST_PATHS = 1000;

/** HOT. Collects the kinds of values of objects that are given as valid JSON text. */
export class KindCollector {
  readonly #most: number;
  readonly #top = new ByteNodes();
  readonly #scanner = new ByteScanner();
  /** By capture of a node. */
  readonly #paths: (readonly string[])[] = [];
  readonly #kinds: number[] = [];
  #isWhole = true;

  constructor(most = MOST_PATHS) {
    this.#most = most;
  }

  add(text: Uint8Array): void {
    const scanner = this.#scanner;
    scanner.load(text);
    scanner.begin();
    if (scanner.openRecord() && this.#object(this.#top, [])) return;
    this.#addTree(this.#top, [], parseJson(text).value as JsonObject);
  }

  finish(): OpenKinds {
    return {
      kinds: Object.fromEntries(this.#paths.map((path, k) => [pathKey(path), this.#kinds[k]])),
      isWhole: this.#isWhole,
    };
  }

  #object(nodes: ByteNodes, path: readonly string[]): boolean {
    const scanner = this.#scanner;
    let before: ByteNode | null = null;
    for (;;) {
      const likely: ByteNode | null = before === null ? nodes.first : before.next;
      const next = scanner.nextKey(likely);
      if (next !== KEY) return next !== UNSURE;
      const node: ByteNode | null = scanner.isLikely ? likely : this.#node(nodes, path);
      if (node?.isAscii === true) {
        if (before === null) nodes.first = node;
        else before.next = node;
      }
      before = node ?? before;
      if (!this.#value(node)) return false;
    }
  }

  /** That of the key which the scanner has read; null: it is one path too many. */
  #node(nodes: ByteNodes, path: readonly string[]): ByteNode | null {
    const { bytes, keyStart, keyStop, keyHash } = this.#scanner;
    const known = nodes.find(bytes, keyStart, keyStop, keyHash);
    return known ?? this.#made(nodes, path, lenient.decode(bytes.subarray(keyStart, keyStop)));
  }

  #made(nodes: ByteNodes, path: readonly string[], name: string): ByteNode | null {
    if (this.#paths.length === this.#most) {
      this.#isWhole = false;
      return null;
    }
    const node = nodes.ensure(name);
    if (node.capture === -1) {
      node.capture = this.#paths.push([...path, name]) - 1;
      this.#kinds.push(0);
    }
    return node;
  }

  #value(node: ByteNode | null): boolean {
    const scanner = this.#scanner;
    if (node !== null && scanner.isAtObject()) {
      this.#kinds[node.capture] |= 1 << OBJECT;
      node.children ??= new ByteNodes();
      return scanner.open() && this.#object(node.children, this.#paths[node.capture]);
    }
    const kind = scanner.value();
    if (node !== null) this.#kinds[node.capture] |= 1 << kind;
    return kind !== UNSURE;
  }

  /** Of a text that the scanner is not sure about. */
  #addTree(nodes: ByteNodes, path: readonly string[], object: JsonObject): void {
    for (const [key, value] of object) {
      const node = nodes.known(key) ?? this.#made(nodes, path, key);
      if (node === null) continue;
      this.#kinds[node.capture] |= 1 << kindOf(value);
      if (!(value instanceof Map)) continue;
      node.children ??= new ByteNodes();
      this.#addTree(node.children, this.#paths[node.capture], value);
    }
  }
}

function kindOf(value: JsonValue): number {
  if (value === null) return NULL;
  if (value instanceof Map) return OBJECT;
  if (Array.isArray(value)) return ARRAY;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  if (typeof value === 'string') return ESCAPED;
  return typeof value === 'number' && Number.isSafeInteger(value) ? INTEGER : NUMBER;
}

function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}
