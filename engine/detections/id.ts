import { sha256Hex } from '../decode/sha256.ts';
import type { Anchor, AnchorRow } from '../detection.ts';
import type { Value } from '../value.ts';

const utf8 = new TextEncoder();

/** sha256 of a text's UTF-8 bytes as 64 lower-case hexadecimal digits. */
export type Digest = (text: string) => string;

/** A text of at most a third of this many UTF-16 units is hashed without a buffer of its own. */
const scratch = new Uint8Array(4096);

/** The engine's own digest. A program may bring a faster one (Program.digest). */
export const ownDigest: Digest = (text) => {
  const fits = text.length * 3 <= scratch.length;
  return sha256Hex(fits ? scratch.subarray(0, utf8.encodeInto(text, scratch).written) : utf8.encode(text));
};

/** What names a detection (semantics.md S7). */
export interface DetectionName {
  readonly rule: string;
  readonly plan_hash: string;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly anchor: Anchor;
}

/** What the fold knows of a detection beyond its rule. */
export type DetectionPlace = Omit<DetectionName, 'rule' | 'plan_hash'>;

/**
 * Names the detections of one rule: the first 32 hex digits of sha256 over the JSON text of
 * [rule, plan hash, tenant, key, anchor], and as anchor_id the same without the plan hash, which is what a diff of two
 * versions of a rule compares. An anchor that is an event is its timestamp and id, an aligned window is its start, of a join
 * both rows (S7).
 */
export class DetectionNames {
  readonly #head: string;
  readonly #anchorHead: string;
  readonly #digest: Digest;

  constructor(rule: string, plan_hash: string, digest: Digest = ownDigest) {
    this.#head = JSON.stringify([rule, plan_hash]).slice(0, -1);
    this.#anchorHead = JSON.stringify([rule]).slice(0, -1);
    this.#digest = digest;
  }

  id(place: DetectionPlace): string {
    return this.#hash(this.#head, tail(place));
  }

  ids(place: DetectionPlace): { readonly id: string; readonly anchor_id: string } {
    const end = tail(place);
    return { id: this.#hash(this.#head, end), anchor_id: this.#hash(this.#anchorHead, end) };
  }

  #hash(head: string, end: string): string {
    return this.#digest(`${head},${end}`).slice(0, 32);
  }
}

/** A text of ASCII that JSON gives as it is. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** The JSON text of a value. Most are short plain texts: to ask that takes a third of JSON.stringify's time. */
const jsonOf = (value: Value): string =>
  typeof value === 'string' && plain.test(value) ? `"${value}"` : JSON.stringify(value);

/**
 * Lists, strings, numbers, booleans and null have one JSON text each, so this is canonical: that of
 * [tenant, key, anchor] without its first bracket.
 */
function tail({ tenant, key, anchor }: DetectionPlace): string {
  const names = key.length === 1 ? jsonOf(key[0]) : key.map(jsonOf).join(',');
  return `${jsonOf(tenant)},[${names}],[${anchorText(anchor)}]]`;
}

function anchorText(anchor: Anchor): string {
  if ('id' in anchor) return rowText(anchor);
  if ('window_start' in anchor) return jsonOf(anchor.window_start);
  const { left, right } = anchor;
  return `${rowText(left)},${right === null ? 'null' : rowText(right)}`;
}

const rowText = ({ timestamp, id }: AnchorRow): string => `${jsonOf(timestamp)},${jsonOf(id)}`;
