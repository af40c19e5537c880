import type { OperatorPlan, Why } from '../../dsl/index.ts';
import type { StoredDetection } from '../reproduce/compare.ts';
import { recordsWith, storedDetections } from './stored-detections.ts';

/**
 * An answer about what Weir received, with what it told: whether it has written what fired, and what left early (EMIT EARLY)
 * and what became of that. Only the records of the data folder know: a run over the log decides in order.
 */
export async function withTold(answer: Why, { emits_early }: OperatorPlan, data: string): Promise<Why> {
  const { firing, outcome } = answer;
  const stored = firing === null ? [] : await storedDetections(firing.id, data);
  const told = firing === null ? answer : { ...answer, firing: { ...firing, is_stored: stored.length > 0 } };
  if (!emits_early) return told;
  const records = outcome === 'fired' || outcome === 'suppressed' ? stored : await withdrawnInstead(answer, data);
  const first = records.find(({ timing }) => timing === 'early');
  return first === undefined ? told : { ...told, early: earlyOf(first, records) };
}

/** Nothing fired: the records of a detection that was told early all the same, the last one; [] where there is none. */
async function withdrawnInstead(answer: Why, data: string): Promise<readonly StoredDetection[]> {
  const own = (await recordsWith(answer.rule, data)).filter(({ rule }) => rule === answer.rule);
  const withdrawn = own.findLast((one) => one.status === 'withdrawn' && isAbout(one, answer));
  return withdrawn === undefined ? [] : own.filter(({ id }) => id === withdrawn.id);
}

function earlyOf(
  { id, decided_at, detected_at }: StoredDetection,
  all: readonly StoredDetection[],
): NonNullable<Why['early']> {
  const last = all.find(({ timing }) => timing === 'final');
  const told_at_ms = detected_at === null ? null : Date.parse(detected_at);
  const became =
    last === undefined ? 'open' : last.status === 'withdrawn' ? 'withdrawn' : last.revision > 1 ? 'other' : 'equal';
  return { id, at_ms: Date.parse(decided_at), told_at_ms, became, superseded_by: last?.superseded_by ?? null };
}

/** Whether a record is of the key and of the window of an answer; of one about a row: of that row. */
function isAbout(record: StoredDetection, { tenant, key, window, joins = [] }: Why): boolean {
  if (record.tenant_id !== tenant) return false;
  if (key === null) return joins.some(({ left }) => record.evidence.ids.includes(left.id));
  const decided_ms = Date.parse(record.decided_at);
  const isIn = decided_ms >= window.from_ms && decided_ms <= window.to_ms;
  return isIn && JSON.stringify(Object.values(record.key).map(String)) === JSON.stringify(key.map(String));
}
