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
  return shortHash([name.rule, name.plan_hash, name.tenant, name.key, anchorParts(name.anchor)]);
}

/** The same without the plan hash: what a diff of two versions of one rule compares. */
export function anchorId(name: DetectionName): string {
  return shortHash([name.rule, name.tenant, name.key, anchorParts(name.anchor)]);
}

function anchorParts(anchor: Anchor): readonly Value[] {
  return 'id' in anchor ? [anchor.timestamp, anchor.id] : [anchor.window_start];
}

/** Lists, strings, numbers, booleans and null have one JSON text each, so JSON.stringify is canonical here. */
function shortHash(parts: readonly Value[]): string {
  return sha256Hex(utf8.encode(JSON.stringify(parts))).slice(0, 32);
}
