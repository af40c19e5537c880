import { ACROSS_TENANT, type Detection, type Value } from '../../engine/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import { type NoAnswer, type Replay, valueText, type WhyQuestion } from './answer.ts';
import { leavesOf, rowProbe } from './probe.ts';
import { silenceOf, silenceProbes } from './silence.ts';
import type { Start } from './starts.ts';

/** Runs operators over the events, after the views that they read. */
export type Run = (operators: readonly OperatorPlan[], views: readonly string[]) => ReturnType<Replay>;

/** The key that is asked about. */
export interface Subject {
  readonly tenant: string;
  /** Parts of GROUP BY; of a rule without it the id of the event. */
  readonly key: readonly Value[];
  readonly times: number[];
  /** Of a rule without GROUP BY: the ids of its rows. */
  readonly ids: Set<string>;
  /** Time of the event that was named. */
  event_ms: number | null;
}

/** Different keys that are remembered for "did you mean". */
const keys_remembered = 10_000;

/** Finds the key (of a rule without GROUP BY the events) that the question means, by one run over the events. */
export async function findSubject(
  question: WhyQuestion,
  rule: OperatorPlan,
  starts: readonly Start[],
  run: Run,
): Promise<Subject | NoAnswer> {
  const subjects = new Map<string, Subject>();
  const keys = new Set<string>();
  let named: Subject | null = null;
  const rows = starts.map((start, i) => rowProbe(start.rule, `probe:rows ${i}`, [], partsOf(start.rule)));
  const probes = [...rows, ...silenceProbes(rule, question.subject)];
  for await (const detections of run(probes, [rule.input])) {
    for (const detection of detections) {
      const { rule: probe, tenant: own, values, decided_at, anchor } = detection;
      const tenant = rule.across === true ? ACROSS_TENANT : own;
      if (!isAsked(own, question, rule)) continue;
      const id = 'id' in anchor ? anchor.id : '';
      const texts = values.map(valueText);
      if (keys.size < keys_remembered && !values.includes(null)) keys.add(texts.join(' '));
      const is_named =
        probe.startsWith('probe:rows ') &&
        (isAlone(detection, question.subject) || (named === null && isOfPair(anchor, question.subject)));
      if (
        question.subject !== null &&
        !is_named &&
        !texts.includes(question.subject) &&
        texts.join(' ') !== question.subject
      )
        continue;
      const key = rule.key === null ? [] : values;
      const place = JSON.stringify([tenant, key]);
      const subject = subjects.get(place) ?? { tenant, key, times: [], ids: new Set<string>(), event_ms: null };
      subjects.set(place, subject);
      subject.times.push(decided_at);
      if (rule.key === null) subject.ids.add(id);
      if (is_named) named = { ...subject, event_ms: decided_at };
    }
  }
  if (named !== null) {
    if (!named.key.includes(null)) return named;
    const error = `the event ${question.subject} has no value for a part of GROUP BY: it joins no group`;
    return { error, keys: [], is_keyless: true };
  }
  return chosenOf(
    question,
    rule,
    [...subjects.values()].filter(({ key }) => !key.includes(null)),
    keys,
  );
}

/** The one key that is meant. */
function chosenOf(
  question: WhyQuestion,
  rule: OperatorPlan,
  all: readonly Subject[],
  keys: ReadonlySet<string>,
): Subject | NoAnswer {
  const exact = all.filter(({ key }) => key.map(valueText).join(' ') === question.subject);
  const chosen = exact.length > 0 ? exact : all;
  if (chosen.length === 1) return chosen[0];
  if (chosen.length === 0 && rule.key?.length === 0) {
    return {
      error: `${rule.name} has one group for all events, and none of them has the id ${question.subject}`,
      ...{ keys: [], is_unknown: true, hint: 'ask with a time alone, --at @09:13, or with the id of an event' },
    };
  }
  if (chosen.length === 0) {
    const none = `no event that ${rule.name} reads has the id or the key ${question.subject}${ofTenantText(question)}`;
    const silence = silenceOf(rule);
    const by = silence !== null && 'keys_of' in silence ? silence.keys_of : undefined;
    return {
      error: by === undefined ? none : `${none}, and no window expects it: WITH EMPTY KEYS OF ${by}`,
      keys: [...keys],
      is_unknown: true,
    };
  }
  const of_tenants = severalTenants(
    question,
    chosen.map(({ tenant, key }) => ({ tenant, key: key.map(valueText).join(' ') })),
  );
  if (of_tenants !== null) return of_tenants;
  return {
    error:
      question.subject === null
        ? `there are ${chosen.length} keys`
        : `${question.subject} is a part of ${chosen.length} keys`,
    keys: chosen.slice(0, 10).map(({ key }) => key.map(valueText).join(' ')),
  };
}

/** Whether an event is of the tenant that was asked about; a rule ACROSS TENANTS has one group for all. */
export function isAsked(tenant: string, question: WhyQuestion, { across }: OperatorPlan): boolean {
  return across === true || question.tenant === undefined || question.tenant === tenant;
}

export function ofTenantText({ tenant }: WhyQuestion): string {
  return tenant === undefined ? '' : ` in tenant ${tenant}`;
}

/** One key that several tenants have: it is asked about with its tenant. */
export function severalTenants(
  { subject }: WhyQuestion,
  found: readonly { readonly tenant: string; readonly key: string }[],
): NoAnswer | null {
  const tenants = [...new Set(found.map(({ tenant }) => tenant))];
  if (tenants.length < 2 || found.some(({ key }) => key !== found[0].key)) return null;
  const shown = tenants.slice(0, 8).map((tenant) => `--tenant ${tenant}`);
  const more = tenants.length > shown.length ? ', …' : '';
  const what = subject === null ? `the key ${found[0].key}` : subject;
  return {
    error: `${what} is in ${tenants.length} tenants`,
    ...{ keys: [], hint: `say whose is meant: ${shown.join(' | ')}${more}` },
  };
}

/** A row is named by its id; a view's by the event that it stands for; a pair by either of its rows. */
export function isNamedBy(row: Detection, subject: string): boolean {
  return isAlone(row, subject) || isOfPair(row.anchor, subject);
}

/** What is a pair too is asked after only where no row alone has the name. */
function isAlone({ anchor, evidence }: Detection, subject: string | null): boolean {
  return ('id' in anchor && anchor.id === subject) || evidence.at(-1) === subject;
}

/** A pair is named by both of its rows. */
function isOfPair(anchor: Detection['anchor'], subject: string | null): boolean {
  return 'left' in anchor && (anchor.left.id === subject || anchor.right?.id === subject);
}

/** What a row of the rule is found by: its key, else all that the rule reads of it. */
function partsOf({ key, where, outputs }: OperatorPlan): readonly Expression[] {
  if (key !== null) return key.map(({ expression }) => expression);
  return leavesOf([...where, ...outputs.map((one) => one.expression)]);
}
