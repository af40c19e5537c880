import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fold } from '../../../engine/fold/fold.ts';
import { ENTITY_BYTES, Risk } from '../../../engine/fold/risk.ts';
import { storeLimits } from '../../../engine/fold/store-limits.ts';
import {
  type Detection,
  type DetectionRecord,
  Dictionary,
  Engine,
  type LogEntry,
  toRecord,
} from '../../../engine/index.ts';
import type { WindowRule } from '../../simulation/case.ts';
import { batchOf, ProgramBuilder } from './programs.ts';
import { type CaseEvent, find, programOf, recordsOf } from './weir-sql.ts';

/** A rule that finds every event of its kind. */
const each = (g: string, rest: string, head = '') =>
  `CREATE RULE r_${g} ${head} AS SELECT k, g, x FROM events WHERE g = '${g}' ${rest};`;
const at = (time: number, k = 'a', g = 'g', x = 1, tenant = 'T'): CaseEvent => [time, { k, g, x, tenant }];

const risks = (rules: string, events: readonly CaseEvent[]) =>
  find(rules, events).detections.map(({ risk }) => (risk === null ? null : [risk.added, risk.score]));

test('half of what a detection adds is gone after its half-life', () => {
  const rule = each('g', 'RISK 40 ON account k HALF LIFE 100 MILLISECONDS');
  assert.deepEqual(risks(rule, [at(0), at(100), at(150), at(1150)]), [
    [40, 40],
    [40, 60],
    [40, 82.426],
    [40, 40.08],
  ]);
});

test('an entity is of one tenant and one type; rules with different half-lives add to one score', () => {
  const rules = [
    each('g', 'RISK 10 ON account k HALF LIFE 100 MILLISECONDS'),
    each('h', 'RISK x ON account k HALF LIFE 200 MILLISECONDS'),
    each('i', 'RISK 5 ON name k HALF LIFE 100 MILLISECONDS'),
  ].join('\n');
  const events = [
    at(0),
    at(0, 'b'),
    at(0, 'a', 'g', 1, 'U'),
    at(200, 'a', 'h', 8),
    at(400, 'a', 'h', 2),
    at(400, 'a', 'i'),
  ];
  assert.deepEqual(risks(rules, events), [
    [10, 10],
    [10, 10],
    [10, 10],
    [8, 10.5],
    [2, 6.625],
    [5, 5],
  ]);
});

test('what is NULL, negative, suppressed or of a shadow rule adds nothing; a signal does; a NULL entity has no risk', () => {
  const events: CaseEvent[] = [at(0), at(1, 'a', 'g', -5), [2, { k: 'a', g: 'g', x: null }], [3, { g: 'g', x: 3 }]];
  const scored = 'RISK x ON account k HALF LIFE 1 SECONDS';
  assert.deepEqual(risks(each('g', scored), events), [[1, 1], [0, 0.999], [0, 0.999], null]);
  const suppressed = each('g', `SUPPRESS BY k FOR 1 SECONDS ${scored}`);
  assert.deepEqual(risks(suppressed, [at(0, 'a', 'g', 8), at(500, 'a', 'g', 8)]), [
    [8, 8],
    [0, 5.657],
  ]);
  const modes = [each('g', scored, 'MODE shadow'), each('h', scored, 'MODE signal')].join('\n');
  assert.deepEqual(risks(modes, [at(0, 'a', 'h', 4), at(0, 'a', 'g', 8)]), [
    [4, 4],
    [0, 4],
  ]);
});

test('the record says the entity, what was added and the score', () => {
  const rule = each('g', 'RISK 40 ON account k HALF LIFE 1 DAY');
  const [detection] = find(rule, [at(0)]).detections;
  const record: DetectionRecord = toRecord(programOf(rule), detection, { mode: 'live' });
  assert.deepEqual(record.risk, { entity: { type: 'account', id: 'a' }, added: 40, score: 40 });
});

test('S14 risk is bounded per key group: what is faint goes for nothing, else the entity that was silent longest', () => {
  const rule: WindowRule = {
    ...{ name: 'r', kind: 'window', where: null, group_by: ['k1'], window: { type: 'tumbling', size: 1 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 1]], emit: 'auto' },
  };
  const half_life_ms = 1000;
  const score = (steps: readonly (readonly [time: number, key: string])[]) => {
    const built = new ProgramBuilder().add(rule).build();
    const risk = { score: () => 8, entity: { type: 'account', id: { from: 'key', index: 0 } }, half_life_ms } as const;
    const program = { ...built, operators: built.operators.map((operator) => ({ ...operator, risk })) };
    const dictionary = new Dictionary();
    const fold = new Fold(program, dictionary, { shards: 1, limits: { key_groups: 1, risk_entities_per_group: 2 } });
    const events = steps.map(([timestamp, k1], seq) => {
      return {
        tenant_id: 'T',
        type: 'A',
        k1,
        k2: null,
        x: 1,
        ip: null,
        res: null,
        seq,
        event_id: `e${seq}`,
        timestamp,
      };
    });
    const found = fold.push(batchOf(events, dictionary), Number.POSITIVE_INFINITY);
    return { scores: found.map(({ risk: one }) => one?.score), drops: fold.stats().drops };
  };
  const full = score([
    [0, 'a'],
    [0, 'b'],
    [1000, 'a'],
    [1000, 'c'],
    [1000, 'b'],
  ]);
  assert.deepEqual(full.scores, [8, 8, 12, 8, 8]);
  assert.deepEqual(full.drops, { risk_entities_per_group: 2 });
  const faint = score([
    [0, 'a'],
    [0, 'b'],
    [20_000, 'c'],
    [20_000, 'd'],
  ]);
  assert.deepEqual(faint.drops, {});
});

test('a restart between any two events does not show in the scores', () => {
  const rule = each('g', 'RISK 40 ON account k HALF LIFE 7 MILLISECONDS');
  const program = programOf(rule);
  const events = Array.from({ length: 12 }, (_, i) => at(i * 3, i % 2 === 0 ? 'a' : 'b'));
  const run = (restarted: boolean) => {
    let engine = new Engine(program);
    const scores: unknown[] = [];
    const entries = [
      ...recordsOf(events).map((record): LogEntry => ({ kind: 'record', record })),
      { kind: 'end' } as const,
    ];
    entries.forEach((entry, position) => {
      if (restarted) engine = Engine.restore(program, structuredClone(engine.snapshot()));
      engine.apply(position, entry);
      scores.push(...engine.advance().detections.map(({ risk }) => risk));
    });
    return scores;
  };
  assert.deepEqual(run(true), run(false));
});

test('S14 a flood of fresh entities leaves those behind whose score is faint, long before a bound is reached', () => {
  const program = programOf(`CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k
    WINDOW SLIDING 1 SECOND HAVING n >= 1 RISK 10 ON account k HALF LIFE 10 MILLISECONDS;`);
  const risk = new Risk(program, { ...storeLimits, key_groups: 4 });
  const [found] = find(
    `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 SECOND HAVING n >= 1;`,
    [at(100)],
  ).detections;
  const first = found as Detection;
  let most = 0;
  for (let i = 0; i < 5_000; i++) {
    assert.equal(risk.of({ ...first, key: [`k${i}`], values: [`k${i}`, 1], decided_at: 100 + i })?.score, 10);
    most = Math.max(most, risk.bytes);
  }
  // 10 becomes faint in 14 half-lives: 140 entities, and those that the next of their group finds faint.
  assert.ok(most < 200 * (ENTITY_BYTES + 8), `${most} bytes`);
  assert.equal(risk.dropped, 0);
});
