import type { Severity } from '../../engine/index.ts';

/** One attack of one run, as the ground truth has it. Times are epoch milliseconds of event time. */
export interface AttackFacts {
  readonly first_ms: number;
  events: number;
}

/** A detection beside the truth of the events that it names as evidence. */
export interface JudgedDetection {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: number | null;
  readonly decided_at: number;
  /** Tenant and ENTITY (the key of a rule without one): what it is about. */
  readonly entity: string;
  /** Attacks that its evidence has events of. */
  readonly attacks: readonly string[];
  /** At least half of its evidence belongs to attacks. */
  readonly is_right: boolean;
}

/** One scenario played once: what was there and what was found. */
export interface JudgedRun {
  readonly scenario: string;
  readonly seed: number;
  readonly background_events: number;
  readonly attacks: ReadonlyMap<string, AttackFacts>;
  readonly detections: readonly JudgedDetection[];
}

/** What the truth says of a detection's evidence: the attack of each event, null for background. */
export function judgeEvidence(truths: readonly (string | null)[]): Pick<JudgedDetection, 'attacks' | 'is_right'> {
  const belonging = truths.filter((attack) => attack !== null);
  return { attacks: [...new Set(belonging)], is_right: truths.length > 0 && 2 * belonging.length >= truths.length };
}

/**
 * The value of which a share p (0 to 1) of the values is not greater, by nearest rank; null of none.
 * One that was never found counts as infinite, so that what is missed cannot make a time look better.
 */
export function percentile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}
