import type { Detection, DetectionRecord } from '../engine/index.ts';
import type { PlainDetection } from './plain-engine.ts';

/** What the plain engine and the fold must find alike, evidence included, as one line. */
export function plainLine({ rule, key, decided_at, count, total, evidence }: PlainDetection): string {
  return JSON.stringify([rule, key, decided_at, count, total, evidence]);
}

export function foldLine({ rule, key, decided_at, values, evidence_total, evidence }: Detection): string {
  return JSON.stringify([rule, key[0], decided_at, values[1], evidence_total, evidence]);
}

/** The same of a published record. */
export function lineOf({ rule, key, decided_at, values, evidence: { total, ids } }: DetectionRecord): string {
  return JSON.stringify([rule, Object.values(key)[0], Date.parse(decided_at), Object.values(values)[1], total, ids]);
}
