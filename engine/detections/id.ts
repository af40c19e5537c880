import { sha256Hex } from '../decode/sha256.ts';
import type { Anchor } from '../detection.ts';
import type { Value } from '../value.ts';

const utf8 = new TextEncoder();

/** What names a detection (semantics.md S7). */
export interface DetectionName {
  readonly rule: string;
  readonly plan_hash: string;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly anchor: Anchor;
}

/**
 * The id of a detection: the first 32 hex digits of sha256 over the JSON text of [rule, plan hash, tenant, key, anchor].
 * An anchor that is an event is its timestamp and id, an aligned window is its start (S7).
 */
export function detectionId(name: DetectionName): string {
  return shortHash(`${head(name.rule, name.plan_hash)},${tail(name)}`);
}

/** The same without the plan hash: what a diff of two versions of one rule compares. */
export function anchorId(name: DetectionName): string {
  return shortHash(`${head(name.rule)},${tail(name)}`);
}

/** Both at once: the greater part of their text is the same and is written once. */
export function detectionIds(name: DetectionName): { readonly id: string; readonly anchor_id: string } {
  const end = tail(name);
  return {
    id: shortHash(`${head(name.rule, name.plan_hash)},${end}`),
    anchor_id: shortHash(`${head(name.rule)},${end}`),
  };
}

/** Lists, strings, numbers, booleans and null have one JSON text each, so JSON.stringify is canonical here. */
function tail({ tenant, key, anchor }: DetectionName): string {
  return JSON.stringify([tenant, key, anchorParts(anchor)]).slice(1);
}

function head(...parts: readonly string[]): string {
  return JSON.stringify(parts).slice(0, -1);
}

function anchorParts(anchor: Anchor): readonly Value[] {
  return 'id' in anchor ? [anchor.timestamp, anchor.id] : [anchor.window_start];
}

/** A text of at most a third of this many UTF-16 units is hashed without a buffer of its own. */
const scratch = new Uint8Array(4096);

function shortHash(text: string): string {
  const fits = text.length * 3 <= scratch.length;
  const bytes = fits ? scratch.subarray(0, utf8.encodeInto(text, scratch).written) : utf8.encode(text);
  return sha256Hex(bytes).slice(0, 32);
}
