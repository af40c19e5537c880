import { type ProgramPlan, selectOperators, type TestFile } from '../../dsl/index.ts';
import { layOut } from '../../dsl/packs/script.ts';
import { readTestFile } from '../../dsl/packs/test-file.ts';

/** A line of a file of events, and the event time by which arrival is shuffled. */
export interface TrafficLine {
  readonly timestamp: number;
  readonly text: string;
}

export interface TrafficOptions {
  /** Of the pack: what its rules are about. */
  readonly tests: readonly TestFile[];
  /** With the pack's rules. */
  readonly plan: ProgramPlan;
  /** No event is later than this. */
  readonly until_ms: number;
  /** Random events beside those of the tests. */
  readonly noise: number;
  readonly random: () => number;
}

interface TrafficEvent {
  timestamp: number;
  event_id: string;
  tenant_id: string;
  [field: string]: unknown;
}

/** The tests of a pack overlap within this time, so that windows of one key are full of strangers. */
const spread_ms = 7_200_000;
const hostile = ['__proto__', 'constructor', '', '\u202e\u0000', 'a'.repeat(3000), null, -1, 1e15, '😀', '203.0.113.7'];
const garbage = ['', '[1]', '{"timestamp":', '{"a":1,"a":2}', '{"timestamp":1,"platform":2}', 'null', '\u0000'];

/**
 * Hostile traffic that makes every rule of a pack fire. What a pack is about is said by its own rule tests, so it is
 * made of their events: every test plays in a tenant of its own, where it fires as it promises, and all of them at once
 * in one tenant together with random crossings of their fields. Some events come twice, some with the same id and other
 * content, some without id and seq, and some lines are no events. Lines are in the order of time.
 */
export function packTraffic(options: TrafficOptions): TrafficLine[] {
  const { random, noise } = options;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const plays = scripts(options);
  const own = plays.flatMap((events, i) => moved(events, random, { tenant_id: `tenant_${i}`, prefix: `p${i}-` }));
  const together = plays.flatMap((events, i) => moved(events, random, { tenant_id: 'default', prefix: `q${i}-` }));
  // A test about several tenants is about nothing in one of them.
  const across = plays.filter((events) => new Set(events.map(({ tenant_id }) => tenant_id)).size > 1);
  const apart = across.flatMap((events, i) => moved(events, random, { prefix: `r${i}-` }));
  const all = [...own, ...together, ...apart];
  const crossed = Array.from({ length: noise }, (_, i): TrafficEvent => {
    const { timestamp } = pick(together);
    const fields = { ...pick(together), timestamp: timestamp + pick([0, 0, 1, Math.floor(random() * 60_000)]) };
    return crossing({ ...fields, event_id: `n${i}`, tenant_id: pick(['default', 'default', 'other']) }, pick, together);
  });
  all.push(...crossed);
  const conflicting = all
    .filter(() => random() < 0.02)
    .map((event) => ({ ...event, timestamp: event.timestamp + pick([0, 0, 1, 700]), account_id: 'conflict' }));
  const anonymous = crossed.filter(() => random() < 0.1).map((event, i) => ({ ...event, details: { line: i } }));
  all.push(...conflicting, ...anonymous);
  const latest_ms = all.reduce((latest, event) => Math.max(latest, event.timestamp), 0);
  const nameless = new Set<TrafficEvent>(anonymous);
  const lines = all.map((event, seq): TrafficLine => {
    const timestamp = event.timestamp + options.until_ms - latest_ms;
    const { event_id, seq: _, ...rest } = event;
    // Events of one id have different seqs: which of two in one place comes first would be the order of arrival.
    const complete = nameless.has(event) ? { ...rest, timestamp } : { event_id, seq, ...rest, timestamp };
    return { timestamp, text: JSON.stringify(complete) };
  });
  const named = lines.filter((_, i) => !nameless.has(all[i] as TrafficEvent));
  lines.push(...named.filter(() => random() < 0.04));
  lines.push(...named.filter(() => random() < 0.01).map(({ timestamp }) => ({ timestamp, text: pick(garbage) })));
  return lines.sort((a, b) => a.timestamp - b.timestamp);
}

/**
 * The pack's rules that read no lookup. The others have rows of their own in their tests and none in the traffic: here
 * they must agree on finding nothing.
 */
export function rulesThatFire(plan: ProgramPlan): string[] {
  const reads = (name: string) => JSON.stringify(selectOperators(plan, [name]).operators).includes('"kind":"lookup"');
  const rules = plan.operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name);
  return rules.filter((name) => !reads(name));
}

/** Arrival in which no line comes more than LATENESS behind a later one. */
export function inArrivalOrder(lines: readonly TrafficLine[], lateness_ms: number, random: () => number): string[] {
  const arriving = lines.map(({ timestamp, text }) => ({ at: timestamp + random() * lateness_ms, text }));
  return arriving.sort((a, b) => a.at - b.at).map(({ text }) => text);
}

/** The events of each test that runs with the parameters as they are shipped. */
function scripts({ tests, plan }: TrafficOptions): TrafficEvent[][] {
  const { schema, settings } = plan.stream;
  const shipped = tests.flatMap((file) => readTestFile(file.path, file.text).tests);
  return shipped
    .filter(({ given }) => given.params.size === 0)
    .map((one) =>
      layOut(one, schema, settings.lateness_ms)
        .filter((item) => item.kind === 'record')
        .map((item) => JSON.parse(new TextDecoder().decode(item.bytes)) as TrafficEvent)
        .map((event) => ({ ...event, timestamp: new Date(event.timestamp).getTime() })),
    )
    .filter((events) => events.length > 0);
}

function moved(
  events: readonly TrafficEvent[],
  random: () => number,
  { prefix, ...changes }: { tenant_id?: string; prefix: string },
): TrafficEvent[] {
  const later_ms = Math.floor(random() * spread_ms);
  return events.map((event) => ({
    ...event,
    ...{ ...changes, event_id: prefix + event.event_id, timestamp: event.timestamp + later_ms },
  }));
}

/** The event with some fields of others, and now and then one that is wrong or strange. */
function crossing(
  event: TrafficEvent,
  pick: <T>(values: readonly T[]) => T,
  others: readonly TrafficEvent[],
): TrafficEvent {
  const kept = ['timestamp', 'event_id', 'tenant_id', 'event_type'];
  const fields = Object.keys(event).filter((name) => !kept.includes(name));
  const crossed = { ...event };
  for (const name of fields) {
    const kind = pick(['keep', 'keep', 'take', 'take', 'take', 'strange']);
    if (kind === 'take') crossed[name] = pick(others)[name] ?? event[name];
    if (kind === 'strange' && pick([true, false, false, false])) crossed[name] = pick(hostile);
  }
  return crossed;
}
