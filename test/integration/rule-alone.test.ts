import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildProgram, compile, loadRuleFiles, type ProgramPlan, selectOperators } from '../../dsl/index.ts';
import { type SourceRecord, toRecord } from '../../engine/index.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { packTraffic, rulesThatFire } from '../simulation/pack-traffic.ts';
import { runSorted } from '../simulation/parity.ts';
import { seeded } from '../simulation/random.ts';

const root = new URL('../..', import.meta.url).pathname;
const until_ms = Date.UTC(2026, 5, 1);
const seed = Number(process.env.WEIRTEST_PARITY_SEED ?? 20261124);
const utf8 = new TextEncoder();

function recordsOf(lines: readonly string[]): SourceRecord[] {
  const received_at = until_ms + 3_600_000;
  return lines.map((text, i) => ({ partition: 'p', position: i + 1, received_at, bytes: utf8.encode(text) }));
}

/** Whole records, as text, of one rule. */
function detectionsOf(rule: string, plan: ProgramPlan, records: readonly SourceRecord[]): string[] {
  const program = buildProgram(plan);
  return runSorted(program, records)
    .filter((detection) => detection.rule === rule)
    .map((detection) => JSON.stringify(toRecord(program, detection, { mode: 'backtest' })));
}

function planOf(...texts: string[]): ProgramPlan {
  const { plan } = compile([{ path: 't.rule.sql', text: texts.join('\n') }]);
  assert.ok(plan);
  return plan;
}

const counting = (name: string, select: string, group: string) =>
  `CREATE RULE ${name} AS SELECT ${select}, count(*) AS n FROM events WHERE event_type = 'login'
   GROUP BY ${group} WINDOW SLIDING 1 MINUTE HAVING n >= 2;`;

const logins = recordsOf(
  [0, 1].map((i) =>
    JSON.stringify({
      ...{ timestamp: until_ms - 60_000 + i, event_id: `e${i}`, platform: 'X', event_type: 'login', account_id: 'a' },
    }),
  ),
);

test('S6 the key of a detection has the names of its own rule, whatever an equal expression is called elsewhere', () => {
  const rule = counting('b_rule', 'lower(platform) AS beta', 'beta');
  const alone = detectionsOf('b_rule', planOf(rule), logins);
  const other = counting('a_rule', 'lower(platform) AS alpha', 'alpha');
  assert.deepEqual(detectionsOf('b_rule', planOf(other, rule), logins), alone);
  assert.deepEqual(JSON.parse(alone[0]).key, { beta: 'x' });
});

test('key parts of one name are told apart; the time and the tenant of the row are keys with names and types', () => {
  const keyOf = (group: string) => {
    const [first] = detectionsOf('r', planOf(counting('r', 'min(timestamp) AS since', group)), [...logins, ...again]);
    return JSON.parse(first ?? '{}').key;
  };
  const again = logins.map((record, i) => {
    const event = { ...JSON.parse(new TextDecoder().decode(record.bytes)), event_id: `f${i}` };
    return { ...record, position: 3 + i, bytes: utf8.encode(JSON.stringify(event)) };
  });
  assert.deepEqual(keyOf('lower(platform), lower(account_id)'), { lower: 'x', lower_2: 'a' });
  const timestamp = new Date(until_ms - 60_000).toISOString();
  assert.deepEqual(keyOf('tenant_id, timestamp'), { tenant_id: 'default', timestamp });
});

for (const { name } of loadRuleFiles(diskReader(root), ['rules']).packs) {
  describe(`pack ${name}`, () => {
    test('law 1: every rule gives alone, record by record, what it gives among the others', () => {
      const loaded = loadRuleFiles(diskReader(root), [`rules/${name}`]);
      const { plan } = compile(loaded.rules);
      assert.ok(plan);
      const traffic = packTraffic({ tests: loaded.tests, plan, until_ms, noise: 100, random: seeded(seed) });
      const records = recordsOf(traffic.map(({ text }) => text));
      const program = buildProgram(plan);
      const together = Map.groupBy(runSorted(program, records), ({ rule }) => rule);
      const fires = new Set(rulesThatFire(plan));
      for (const { name: rule, kind } of plan.operators) {
        if (kind !== 'rule') continue;
        const detections = together.get(rule) ?? [];
        assert.ok(detections.length > 0 || !fires.has(rule), `${rule} fires`);
        assert.deepEqual(
          detectionsOf(rule, selectOperators(plan, [rule]), records),
          detections.map((detection) => JSON.stringify(toRecord(program, detection, { mode: 'backtest' }))),
          rule,
        );
      }
    });
  });
}
