import type { Value } from '../../engine/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import { type NoAnswer, type Replay, valueText, type WhyQuestion } from './answer.ts';
import { behind, equals, type JoinStep } from './join-probe.ts';
import { rowProbe } from './probe.ts';
import { isAsked, ofTenantText, severalTenants } from './subject.ts';

/** What the question is about, as conditions on the left rows of each step that it concerns. */
export interface JoinSubject {
  readonly tenant: string;
  readonly steps: readonly JoinStep[];
  readonly restrict: (step: JoinStep) => readonly Expression[];
  /** The event that was named, and on which side; null: a key was. */
  readonly event: { readonly id: string; readonly side: 'left' | 'right' } | null;
  readonly times: readonly number[];
}

interface Found {
  readonly place: Place;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly id: string;
  readonly times: number[];
}

/** A side of a join and what its key is made of. */
interface Place {
  readonly name: string;
  readonly step: JoinStep;
  readonly side: 'left' | 'right';
  readonly input: string;
  readonly key: readonly Expression[];
  readonly unnests: OperatorPlan['unnests'];
}

const keys_remembered = 1_000;

/**
 * Finds the event or the key among the rows of all sides; of a join of joins among those of the first one's left. An event
 * that is a row of several sides has an answer for each.
 */
export async function findJoinSubject(
  question: WhyQuestion,
  rule: OperatorPlan,
  steps: readonly JoinStep[],
  run: (operators: readonly OperatorPlan[], views: readonly string[]) => ReturnType<Replay>,
): Promise<readonly JoinSubject[] | NoAnswer> {
  const { subject, rule: name } = question;
  const [first] = steps;
  const left = { name: 'probe:left', step: first, side: 'left' as const, input: first.base, unnests: first.unnests };
  const places: Place[] = [
    { ...left, key: first.join.keys.map((key) => key.left) },
    ...steps.map((step, i): Place => {
      const key = step.join.keys.map((one) => one.right);
      const { right: input, right_unnests: unnests } = step.join;
      return { name: `probe:right ${i}`, step, side: 'right', input, key, unnests };
    }),
  ];
  const probes = places.map(({ name, key, input, unnests }): OperatorPlan => {
    const probe = { ...rowProbe(rule, name, [], key), input };
    return unnests === undefined ? probe : { ...probe, unnests };
  });
  const found = new Map<string, Found>();
  const keys = new Set<string>();
  const named: Found[] = [];
  for await (const detections of run(probes, [name])) {
    for (const { rule: probe, tenant, values, anchor, decided_at } of detections) {
      const place = places.find((one) => one.name === probe);
      if (place === undefined || !isAsked(tenant, question, rule)) continue;
      const id = 'id' in anchor ? anchor.id : '';
      const own = { place, tenant, key: values, id, times: [decided_at] };
      if (id === subject) named.push(own);
      const texts = values.map(valueText);
      if (keys.size < keys_remembered && !values.includes(null)) keys.add(texts.join(' '));
      if (subject !== null && !texts.includes(subject) && texts.join(' ') !== subject) continue;
      const at = JSON.stringify([place.name, tenant, values]);
      const known = found.get(at);
      if (known === undefined) found.set(at, own);
      else known.times.push(decided_at);
    }
  }
  if (named.length > 0) {
    named.sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place));
    return named.map((one) => subjectOf(one, { id: one.id, side: one.place.side }, steps, one.times));
  }
  return keyOf(question, rule, steps, [...found.values()], keys);
}

/** The one key that is meant. */
function keyOf(
  question: WhyQuestion,
  rule: OperatorPlan,
  steps: readonly JoinStep[],
  all: readonly Found[],
  keys: ReadonlySet<string>,
): readonly JoinSubject[] | NoAnswer {
  const { subject, rule: name } = question;
  const lefts = all.filter(({ place }) => place.side === 'left');
  const chosen = lefts.length > 0 ? lefts : all;
  const one = chosen.find(({ key }) => key.map(valueText).join(' ') === subject) ?? chosen[0];
  if (one === undefined)
    return {
      error: `no event that ${name} reads has the id or the key ${subject}${ofTenantText(question)}`,
      keys: [...keys],
      is_unknown: true,
    };
  const of_tenants = severalTenants(
    question,
    chosen.map(({ tenant, key }) => ({ tenant, key: key.map(valueText).join(' ') })),
  );
  if (of_tenants !== null && rule.across !== true) return of_tenants;
  if (chosen.length > 1 && one.key.map(valueText).join(' ') !== subject) {
    const shown = chosen.slice(0, 10).map(({ key }) => key.map(valueText).join(' '));
    const error =
      subject === null ? `there are ${chosen.length} keys` : `${subject} is a part of ${chosen.length} keys`;
    return { error, keys: shown };
  }
  // A pair stands at its later row: the times of the rows on the other side are those of the question, too.
  const same = all.filter(
    ({ tenant, key }) => tenant === one.tenant && JSON.stringify(key) === JSON.stringify(one.key),
  );
  return [
    subjectOf(
      one,
      null,
      steps,
      same.flatMap(({ times }) => times),
    ),
  ];
}

function subjectOf(
  { place, tenant, key }: Found,
  event: JoinSubject['event'],
  steps: readonly JoinStep[],
  times: readonly number[],
): JoinSubject {
  const [first] = steps;
  if (place.side === 'left') {
    const own = place.key.map((expression, i) => equals(expression, key[i]));
    const restrict = ({ base }: JoinStep) =>
      base === first.base ? own : place.key.map((expression, i) => equals(behind(expression, first.join), key[i]));
    return { tenant, steps, restrict, event, times };
  }
  const restrict = ({ join }: JoinStep) => join.keys.map((one, i) => equals(one.left, key[i]));
  return { tenant, steps: [place.step], restrict, event, times };
}
