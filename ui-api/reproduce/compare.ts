import { coreOf, type DetectionRecord } from '../../engine/index.ts';

/** A detection record as it was stored, or would have been. */
export type StoredDetection = DetectionRecord;

/** The parts of the core (semantics S6), and the versions of the lookups that were read. */
const parts = [
  ...(['rule', 'plan_hash', 'tenant_id', 'key', 'window', 'decided_at', 'values', 'evidence', 'anomaly'] as const),
  'lookups',
] as const;

export interface PartAnswer {
  readonly part: string;
  readonly is_equal: boolean;
  readonly stored: unknown;
  /** Null where nothing was derived. */
  readonly derived: unknown;
}

/** One stored record against what history gives in its place. */
export interface RecordAnswer {
  readonly timing: string;
  readonly status: string;
  readonly revision: number;
  readonly decided_at: string;
  /** missing: history gives no such record. */
  readonly outcome: 'equal' | 'differs' | 'missing';
  readonly parts: readonly PartAnswer[];
}

/**
 * The derived record that stands for a stored one: told early or finally; of several revisions the same one. EMIT EARLY
 * counts a final record that corrected an early one as one revision more, which is no part of the core: there the decided
 * time names it.
 */
export function counterpart(stored: StoredDetection, derived: readonly StoredDetection[]): StoredDetection | null {
  const kindOf = ({ timing, status }: StoredDetection): string => (status === 'withdrawn' ? status : timing);
  const alike = derived.filter((record) => kindOf(record) === kindOf(stored));
  const exact = alike.find(
    ({ revision, decided_at }) => revision === stored.revision && decided_at === stored.decided_at,
  );
  return exact ?? alike.find(({ decided_at }) => decided_at === stored.decided_at) ?? alike[0] ?? null;
}

export function compareRecord(stored: StoredDetection, derived: StoredDetection | null): RecordAnswer {
  const { timing, status, revision, decided_at } = stored;
  const answers = parts.map((part) => {
    const [before, now] = [partOf(stored, part), derived === null ? null : partOf(derived, part)];
    return { part, is_equal: JSON.stringify(before) === JSON.stringify(now), stored: before, derived: now };
  });
  const isEqual = derived !== null && coreOf(stored) === coreOf(derived) && answers.every(({ is_equal }) => is_equal);
  const outcome = derived === null ? 'missing' : isEqual ? 'equal' : 'differs';
  return { timing, status, revision, decided_at, outcome, parts: answers };
}

function partOf(record: StoredDetection, part: (typeof parts)[number]): unknown {
  return part === 'lookups' ? (record.provenance.lookups ?? null) : record[part];
}
