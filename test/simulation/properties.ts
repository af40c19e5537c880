import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Anchor, Program } from '../../engine/index.ts';
import { denseCase, type ParityCase, parityCase } from './arbitrary.ts';
import { withArrays } from './arbitrary-arrays.ts';
import { withBaseline } from './arbitrary-baselines.ts';
import { withComputed } from './arbitrary-computed.ts';
import { withDetails } from './arbitrary-details.ts';
import { withExceptions } from './arbitrary-exceptions.ts';
import { withExpected } from './arbitrary-expected.ts';
import { withJoinExpressions, withJoinKeys } from './arbitrary-join-expressions.ts';
import { withLookupJoins, withTimelessLookups } from './arbitrary-lookup-joins.ts';
import { withLookup } from './arbitrary-lookups.ts';
import { withPairs } from './arbitrary-pairs.ts';
import { withPolicies } from './arbitrary-policies.ts';
import { withTunes } from './arbitrary-tunes.ts';
import { withUnion } from './arbitrary-unions.ts';
import { withUnnest } from './arbitrary-unnest.ts';
import { withZones } from './arbitrary-zones.ts';
import type { Condition, JoinRule, SimulationRule, SingleRule, WindowRule } from './case.ts';
import { joinQuery } from './join-sql.ts';
import { atTimesOf } from './lookup-oracle.ts';
import { acceptedOf, activationsOf, checkParity, eventsOf, programOf, recordOf, runSorted } from './parity.ts';
import { nameOf } from './rows-sql.ts';
import { queriedAggregates, queriedWindow, roundedAggregates, windowQuery } from './window-sql.ts';

/** What random cases must fulfil: the tests draw a few, the soak many. `check` throws on a difference. */
export interface Property {
  readonly cases: fc.Arbitrary<ParityCase>;
  check(parity: ParityCase): void;
}

/** Every way of running a rule set gives the same, and what the naive oracle gives (S1). */
export const everyWay: Property = {
  cases: fc.oneof(
    parityCase,
    withLookup(parityCase),
    withExceptions(withTunes(parityCase)),
    withArrays(parityCase),
    withDetails(parityCase),
    withDetails(withUnnest(parityCase)),
    withExpected(withLookup(parityCase)),
    withExpected(withExceptions(withTunes(withLookup(parityCase)))),
    withUnion(withTunes(parityCase)),
    withUnnest(parityCase),
    withBaseline(withTunes(parityCase)),
    withBaseline(withLookup(parityCase)),
    withPairs(parityCase),
    withPairs(withTunes(parityCase)),
    withComputed(parityCase),
    withComputed(withBaseline(parityCase)),
    withJoinExpressions(withPairs(parityCase)),
    withJoinExpressions(withUnion(parityCase)),
    withJoinKeys(parityCase),
    withComputed(withLookupJoins(parityCase)),
    withZones(parityCase),
    withZones(withExpected(withLookup(parityCase))),
    withLookupJoins(withBaseline(parityCase)),
    withPolicies(withUnnest(parityCase)),
    withPolicies(withExceptions(withPairs(parityCase))),
    withExceptions(withLookupJoins(withPairs(parityCase))),
    withTimelessLookups(withPairs(parityCase)),
  ),
  check: checkParity,
};

/** The same for rules on one key, in a denser stream, with conditions that hold for long: runs of many events. */
export const longRuns: Property = { cases: parityCase.map(withLongRuns), check: checkParity };

function withLongRuns(parity: ParityCase): ParityCase {
  const rules = parity.rules.flatMap((rule, i): SimulationRule[] => {
    if (rule.kind !== 'window' || ('view' in rule && rule.view) || ('input' in rule && rule.input)) return [];
    const having = ['>=', ['a', 'n'], ['v', 2 + (i % 3)]] as const;
    const { suppress } = rule as WindowRule;
    const covers = suppress === undefined ? {} : { suppress: { ...suppress, by: i % 2 === 0 ? ['k1'] : [] } };
    // The views that EXISTS may read are left out.
    return [{ ...rule, where: null, exists: undefined, having, group_by: ['k1'], ...covers } as SimulationRule];
  });
  const events = parity.events.map((event) => ({ ...event, gap: event.gap % 67, k1: event.k1 === 'b' ? 'b' : 'a' }));
  return { ...parity, rules, events };
}

/** Many events in each case; those of arrays, elements, lookups and tables as baselines as often as those without. */
const askedInSql: fc.Arbitrary<ParityCase> = fc.oneof(
  { weight: 3, arbitrary: denseCase },
  { weight: 1, arbitrary: withArrays(denseCase) },
  { weight: 1, arbitrary: withUnnest(denseCase) },
  { weight: 1, arbitrary: withLookup(denseCase) },
  { weight: 1, arbitrary: withDetails(denseCase) },
  { weight: 1, arbitrary: withJoinKeys(denseCase) },
  { weight: 1, arbitrary: withBaseline(denseCase) },
  { weight: 1, arbitrary: withBaseline(withLookup(withUnnest(denseCase))) },
);

type Query = (sql: string, format: string) => string;

/** ClickHouse inside this process, a development dependency; or why there is none on this platform. */
async function clickhouse(): Promise<Query | string> {
  const supported = ['linux', 'darwin'].includes(process.platform) && ['x64', 'arm64'].includes(process.arch);
  if (!supported) return `chdb has no build for ${process.platform} ${process.arch}`;
  return ((await import('chdb')) as unknown as { query: Query }).query;
}

/** ClickHouse finds what the engine finds (S8). Counts what it compared; or why it cannot run. */
export async function sameInClickHouse(): Promise<(Property & { rules: number; found: number }) | string> {
  const query = await clickhouse();
  if (typeof query === 'string') return query;
  const property = {
    ...{ cases: askedInSql, rules: 0, found: 0 },
    check(parity: ParityCase): void {
      const compared = compareWindows(parity, query);
      property.rules += compared.rules;
      property.found += compared.found;
    },
  };
  return property;
}

/** What a query reads of a case, and what the engine does. */
function inputOf(parity: ParityCase, tables: readonly WindowRule[]) {
  const events = eventsOf(parity);
  const versions = atTimesOf(
    parity.lookup ?? [],
    events.map(({ timestamp }) => timestamp),
  );
  const records = events.map((event, i) => recordOf(event, i + 1));
  const source = { accepted: acceptedOf(parity), versions, tables };
  return { source, run: (program: Program) => runSorted(program, records, activationsOf(versions)) };
}

function compareWindows(parity: ParityCase, query: Query): { rules: number; found: number } {
  const tables = queriedTables(parity);
  const rules = queriedRules(parity, tables);
  const program = programOf([...tables, ...rules], parity.lateness);
  const { source, run } = inputOf(parity, tables);
  const detections = run(program);
  for (const rule of rules) {
    const names = program.operators.find(({ name }) => name === rule.name)?.outputs.map(({ name }) => name) ?? [];
    const got = detections
      .filter((detection) => detection.rule === rule.name)
      .map(({ tenant, key, decided_at, values, evidence_total }) => {
        const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
        return JSON.stringify([tenant, key, decided_at, comparable(rule, (name) => named[name]), evidence_total]);
      });
    const lines: string[] = query(windowQuery(rule, source), 'JSONEachRow').split('\n').filter(Boolean);
    const expected = lines.map((line) => {
      const row = JSON.parse(line);
      const key = rule.group_by.map((name) => row[name]);
      return JSON.stringify([row.tenant, key, row.decided_at, comparable(rule, (name) => row[name]), row.total]);
    });
    assert.deepEqual(got.sort(), expected.sort(), JSON.stringify(rule));
  }
  return { rules: rules.length, found: detections.length };
}

/** ClickHouse finds the same pairs, rows without a partner, and rows of [NOT] EXISTS (S9). */
export async function sameJoinsInClickHouse(): Promise<(Property & { rules: number; found: number }) | string> {
  const query = await clickhouse();
  if (typeof query === 'string') return query;
  const property = {
    ...{ cases: askedInSql, rules: 0, found: 0 },
    check(parity: ParityCase): void {
      const compared = compareJoins(parity, query);
      property.rules += compared.rules;
      property.found += compared.found;
    },
  };
  return property;
}

function compareJoins(parity: ParityCase, query: Query): { rules: number; found: number } {
  const tables = queriedTables(parity);
  const rules = parity.rules.flatMap((rule): (JoinRule | SingleRule)[] => {
    // Of joins of joins, and of EXISTS over joins, what the pairs are is asked.
    if (rule.kind === 'join') {
      const plain = { ...rule, third: undefined, exists: undefined, exceptions: undefined };
      return [rule.lookups === undefined ? plain : { ...plain, lookups: undefined, filter: undefined }];
    }
    if (rule.kind !== 'single' || !isBesideOneOf(rule, tables)) return [];
    const exists = rule.exists?.map((one) => ({ ...one, input: undefined }));
    return [{ ...rule, exists, exceptions: undefined }];
  });
  if (rules.length === 0) return { rules: 0, found: 0 };
  const program = programOf([...tables, ...rules], parity.lateness);
  const { source, run } = inputOf(parity, tables);
  const detections = run(program);
  for (const rule of rules) {
    const isBeside = rule.kind === 'single' && rule.baseline !== undefined;
    const names = program.operators.find(({ name }) => name === rule.name)?.outputs.map(({ name }) => name) ?? [];
    const own = detections.filter((detection) => detection.rule === rule.name);
    const got = own.map(({ anchor, decided_at, values }) =>
      JSON.stringify([decided_at, ...sidesOf(anchor), isBeside ? values[names.indexOf('bn')] : null]),
    );
    const lines: string[] = query(joinQuery(rule, source), 'JSONEachRow').split('\n').filter(Boolean);
    const expected = lines.map((line) => {
      const { decided_at, l, r, bn = null } = JSON.parse(line);
      return JSON.stringify([decided_at, nameOf(l, source.accepted), nameOf(r, source.accepted), bn]);
    });
    assert.deepEqual(got.sort(), expected.sort(), JSON.stringify(rule));
  }
  return { rules: rules.length, found: detections.length };
}

/** Time and id of the left and the right event of a detection; null where there is none. */
function sidesOf(anchor: Anchor): unknown[] {
  if ('window_start' in anchor) throw new Error('a join has no window');
  const named = (row: { timestamp: number; id: string } | null) => (row === null ? null : [row.timestamp, row.id]);
  return 'left' in anchor ? [named(anchor.left), named(anchor.right)] : [named(anchor), null];
}

/** Rules that the query covers: windows over events, without policy. */
function queriedRules(parity: ParityCase, tables: readonly WindowRule[]): WindowRule[] {
  return parity.rules
    .filter((rule): rule is WindowRule => rule.kind === 'window' && !('input' in rule && rule.input) && !rule.view)
    .filter((rule) => isBesideOneOf(rule, tables))
    .map(asQueried)
    .filter(isQueried);
}

/** Tables that other rules read as a baseline. Which row of a UNION ALL stands is left to the naive oracle. */
function queriedTables(parity: ParityCase): WindowRule[] {
  return parity.rules
    .filter(
      (rule): rule is WindowRule => rule.kind === 'window' && rule.table === true && !('input' in rule && rule.input),
    )
    .map(asQueried)
    .filter(isQueried);
}

function isBesideOneOf({ baseline }: WindowRule | SingleRule, tables: readonly WindowRule[]): boolean {
  return baseline === undefined || tables.some(({ name }) => name === baseline.table);
}

function asQueried(rule: WindowRule): WindowRule {
  return {
    ...rule,
    window: queriedWindow(rule.window),
    ...{ suppress: undefined, exists: undefined, life: undefined },
    aggs: rule.aggs.filter(({ fn }) => queriedAggregates.includes(fn)),
  };
}

function isQueried({ having, aggs }: WindowRule): boolean {
  const exact = aggs.filter(({ fn }) => !roundedAggregates.includes(fn));
  return namesIn(having).every((name) => exact.some(({ as }) => as === name));
}

/** The aggregates of a row, those that are rounded to ten digits. */
function comparable(rule: WindowRule, valued: (name: string) => unknown): unknown[] {
  return rule.aggs.map(({ as, fn }) => {
    const value = valued(as);
    return typeof value === 'number' && roundedAggregates.includes(fn) ? Number(value.toPrecision(10)) : value;
  });
}

function namesIn(condition: Condition): string[] {
  if (condition[0] === 'a') return [condition[1]];
  if (condition[0] === 'v') return [];
  if (condition[0] === 'any') return [condition[2][1]];
  return (condition.slice(1) as Condition[]).flatMap((part) => (Array.isArray(part) ? namesIn(part) : []));
}
