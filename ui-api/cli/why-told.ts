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
  const told = firing === null ? answer : { ...answer, firing: { ...firing, ...(await toldAs(answer, stored, data)) } };
  if (!emits_early) return told;
  const records = outcome === 'fired' || outcome === 'suppressed' ? stored : await withdrawnInstead(answer, data);
  const first = records.find(({ timing }) => timing === 'early');
  return first === undefined ? told : { ...told, early: earlyOf(first, records) };
}

/** Whether what fired is among the records of the folder; where it is not, what another version of the rule told of it. */
async function toldAs(
  answer: Why,
  stored: readonly StoredDetection[],
  data: string,
): Promise<Pick<NonNullable<Why['firing']>, 'is_stored' | 'told_by'>> {
  if (stored.length > 0) return { is_stored: true };
  const records = (await recordsWith(answer.rule, data)).filter(({ rule }) => rule === answer.rule);
  const gone = new Set(records.filter(({ status }) => status === 'withdrawn').map(({ id }) => id));
  const others = records.filter(
    (one) =>
      one.plan_hash !== answer.plan_hash && one.revision === 1 && one.status !== 'suppressed' && !gone.has(one.id),
  );
  const same = others.findLast(({ anchor_id }) => anchor_id === answer.firing?.anchor_id);
  const other = same ?? others.findLast((one) => isOf(one, answer) && sharesTime(one, answer));
  if (other === undefined) return { is_stored: false };
  const { id, plan_hash, decided_at, detected_at } = other;
  const told_at_ms = detected_at === null ? null : Date.parse(detected_at);
  return { is_stored: false, told_by: { id, plan_hash, at_ms: Date.parse(decided_at), told_at_ms } };
}

/** Another version may decide at another event: what it judged and the window of the answer have a time in common. */
function sharesTime({ first_event_at, decided_at }: StoredDetection, { window }: Why): boolean {
  return Date.parse(first_event_at) <= window.to_ms && Date.parse(decided_at) >= window.from_ms;
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
function isAbout(record: StoredDetection, answer: Why): boolean {
  if (!isOf(record, answer)) return false;
  if (answer.key === null) return true;
  const decided_ms = Date.parse(record.decided_at);
  return decided_ms >= answer.window.from_ms && decided_ms <= answer.window.to_ms;
}

/** Whether a record is of the tenant and the key of an answer; of one about a row: of that row, with what it was joined to. */
function isOf(record: StoredDetection, { tenant, key, joins = [] }: Why): boolean {
  if (record.tenant_id !== tenant) return false;
  if (key === null) return joins.some(({ left }) => record.evidence.ids.includes(left.id));
  return JSON.stringify(Object.values(record.key).map(String)) === JSON.stringify(key.map(String));
}
