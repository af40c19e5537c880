import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { denseCase, type ParityCase } from './arbitrary.ts';
import type { Condition, WindowRule } from './case.ts';
import { acceptedOf, eventsOf, programOf, recordOf, runSorted } from './parity.ts';
import { queriedAggregates, queriedWindow, roundedAggregates, windowQuery } from './window-sql.ts';

/** Rules that the query covers: windows over events, without policy. */
function rulesOf(parity: ParityCase): WindowRule[] {
  return parity.rules
    .filter((rule): rule is WindowRule => rule.kind === 'window' && !('input' in rule && rule.input) && !rule.view)
    .map((rule) => ({
      ...rule,
      window: queriedWindow(rule.window),
      suppress: undefined,
      life: undefined,
      aggs: rule.aggs.filter(({ fn }) => queriedAggregates.includes(fn)),
    }))
    .filter(({ having, aggs }) => {
      const exact = aggs.filter(({ fn }) => !roundedAggregates.includes(fn));
      return namesIn(having).every((name) => exact.some(({ as }) => as === name));
    });
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
  return (condition.slice(1) as Condition[]).flatMap((part) => (Array.isArray(part) ? namesIn(part) : []));
}

type Query = (sql: string, format: string) => string;

/** ClickHouse inside this process: a development dependency, for the platforms that it is built for. */
async function clickhouse(): Promise<Query | string> {
  const supported = ['linux', 'darwin'].includes(process.platform) && ['x64', 'arm64'].includes(process.arch);
  if (!supported) return `chdb has no build for ${process.platform} ${process.arch}`;
  return ((await import('chdb')) as unknown as { query: Query }).query;
}

test('S8 a second oracle: ClickHouse finds the same windows in 1,000 random rules', async (t) => {
  const query = await clickhouse();
  if (typeof query === 'string') {
    t.skip(query);
    return;
  }
  const wanted = Number(process.env.WEIR_CHDB_RULES ?? 1000);
  const seed = Number(process.env.WEIR_CHDB_SEED ?? Date.now() % 1_000_000_007);
  let rules = 0;
  let found = 0;
  const check = (parity: ParityCase): void => {
    const own = rulesOf(parity);
    const program = programOf(own, parity.lateness);
    const detections = runSorted(
      program,
      eventsOf(parity).map((event, i) => recordOf(event, i + 1)),
    );
    const accepted = acceptedOf(parity);
    for (const rule of own) {
      const names = program.operators.find(({ name }) => name === rule.name)?.outputs.map(({ name }) => name) ?? [];
      const got = detections
        .filter((detection) => detection.rule === rule.name)
        .map(({ tenant, key, decided_at, values, evidence_total }) => {
          const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
          return JSON.stringify([tenant, key, decided_at, comparable(rule, (name) => named[name]), evidence_total]);
        });
      const lines: string[] = query(windowQuery(rule, accepted), 'JSONEachRow').split('\n').filter(Boolean);
      const expected = lines.map((line) => {
        const row = JSON.parse(line);
        const key = rule.group_by.map((name) => row[name]);
        return JSON.stringify([row.tenant, key, row.decided_at, comparable(rule, (name) => row[name]), row.total]);
      });
      assert.deepEqual(got.sort(), expected.sort(), JSON.stringify(rule));
      rules++;
      found += got.length;
    }
  };
  try {
    fc.assert(fc.property(denseCase, check), { numRuns: Math.ceil(wanted / 1.2), seed });
  } catch (error) {
    throw new Error(`WEIR_CHDB_SEED=${seed} repeats it`, { cause: error });
  }
  t.diagnostic(`${rules} rules, ${found} detections, no difference`);
  assert.ok(rules >= wanted && found > rules, 'the random cases have too few rules, or they find too little');
});
