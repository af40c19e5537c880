import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/index.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import type { Why } from '../../../dsl/why/answer.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { type Detection, Engine } from '../../../engine/index.ts';

const rules = `CREATE VIEW changes AS SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'account_changed';
CREATE RULE without_login SEVERITY high AS SELECT e.account_id, platform FROM events AS e
WHERE e.event_type = 'token_rotated' AND NOT EXISTS (SELECT 1 FROM events AS l
  WHERE l.event_type = 'login' AND l.account_id = e.account_id AND l.result = 'success' WITHIN (BEFORE 10 MINUTES));
CREATE RULE change_then_token SEVERITY high AS SELECT c.account_id, s.actor.ip AS ip FROM changes AS c
JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id AND s.actor.ip <> c.ip
WHERE s.event_type = 'token_rotated';
CREATE RULE both SEVERITY low AS SELECT account_id FROM events AS e WHERE event_type = 'token_rotated'
  AND EXISTS (SELECT 1 FROM changes AS s WHERE s.account_id = e.account_id WITHIN (BEFORE 2 MINUTES))
  AND NOT EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'login' WITHIN 10 SECONDS);
CREATE RULE no_token SEVERITY low AS SELECT c.account_id FROM events AS c
LEFT JOIN events AS s WITHIN (AFTER 40 SECONDS) ON s.account_id = c.account_id AND s.event_type = 'token_rotated'
WHERE c.event_type = 'account_changed' AND s.event_type IS NULL;
CREATE RULE three SEVERITY low AS SELECT c.account_id FROM events AS c
JOIN events AS s WITHIN (AFTER 2 MINUTES) ON s.account_id = c.account_id
JOIN events AS l WITHIN (AFTER 2 MINUTES) ON l.account_id = s.account_id
WHERE c.event_type = 'account_changed' AND s.event_type = 'token_rotated' AND l.event_type = 'login';`;
const start_ms = Date.UTC(2026, 2, 30, 9, 13);
const events = [
  ['c1', 0, 'account_changed', 'a', '1.1.1.1'],
  ['t1', 75, 'token_rotated', 'a', '2.2.2.2'],
  ['l1', 80, 'login', 'a', '1.1.1.1', 'fail'],
  ['c2', 200, 'account_changed', 'a', '1.1.1.1'],
  ['t2', 230, 'token_rotated', 'a', '1.1.1.1'],
  ['t3', 240, 'token_rotated', 'a', '3.3.3.3'],
  ['l2', 300, 'login', 'a', '1.1.1.1', 'success'],
  ['t4', 400, 'token_rotated', 'a', '1.1.1.1'],
  ['t9', 500, 'token_rotated', 'b', '1.1.1.1'],
  ['c9', 600, 'account_changed', 'c', '1.1.1.1'],
] as const;

function run(plan: ProgramPlan): readonly Detection[] {
  const engine = new Engine(buildProgram(plan));
  events.forEach(([event_id, second, event_type, account_id, ip, result], position) => {
    const event = {
      event_id,
      timestamp: start_ms + second * 1000,
      platform: 'p',
      event_type,
      account_id,
      actor: { ip },
    };
    const bytes = new TextEncoder().encode(JSON.stringify(result === undefined ? event : { ...event, result }));
    engine.apply(position, {
      kind: 'record',
      record: { partition: 'p', position, received_at: start_ms + 3_600_000, bytes },
    });
  });
  engine.apply(events.length, { kind: 'end' });
  return engine.advance().detections;
}

const { plan } = compile([{ path: 'r.rule.sql', text: rules }]);
assert.ok(plan);
const program = plan;

async function ask(rule: string, subject: string, second: number | null = null, span_ms = 0): Promise<Why> {
  const moment = second === null ? null : () => start_ms + second * 1000 + span_ms;
  const question = { rule, subject, moment, span_ms, with_param: () => null };
  const answer = await why(question, program, (changed) => [run(changed)]);
  assert.ok(!('error' in answer), JSON.stringify(answer));
  return answer;
}

/** What a person reads, without the plan's hash; times in seconds. */
function read(answer: Why): string[] {
  const { funnel, answer: sentences } = whyText(answer, (time_ms) => `${(time_ms - start_ms) / 1000} s`);
  return [
    ...funnel.map((line) => [line.text, line.amount, line.note].join(' | ').replace(/[ |]+$/, '')),
    ...sentences.map((line) => line.replace(/detection [0-9a-f]{32}/, 'detection')),
  ];
}

test('a left row of a JOIN without a partner: the rows in reach, and by how much the nearest lies outside', async () => {
  assert.deepEqual(read(await ask('change_then_token', 't1')).slice(-5), [
    "    s.event_type = 'token_rotated' | token_rotated | true",
    '    s.actor.ip <> c.ip | 2.2.2.2 | true',
    'did not fire',
    'no partner: nothing matches JOIN events AS s within 1 minute after',
    'nearest in time: the event at 75 s would match, 15 seconds too late',
  ]);
  const { joins, outcome } = await ask('change_then_token', 't1');
  assert.deepEqual(
    [outcome, joins?.[0]?.left.at_ms, joins?.[0]?.asked?.off_ms, joins?.[0]?.funnel.map(({ rows }) => rows)],
    ['no_rows', start_ms, 15_000, [8, 1, 0, 0]],
  );
});

test('a pair that fails ON: which condition, and what stands there instead', async () => {
  const { joins, outcome } = await ask('change_then_token', 't2');
  assert.equal(outcome, 'no_rows');
  assert.deepEqual(
    joins?.[0]?.asked?.conditions.map(({ text, truth, left }) => [text, truth, left]),
    [
      ["s.event_type = 'token_rotated'", true, 'token_rotated'],
      ['s.actor.ip <> c.ip', false, '1.1.1.1'],
    ],
  );
  assert.deepEqual(
    joins?.[0]?.just_missed.map(({ text }) => text),
    ['ip is 1.1.1.1: not s.actor.ip <> c.ip'],
  );
});

test('NOT EXISTS: what stood against it, and what would have a little later', async () => {
  assert.deepEqual(read(await ask('without_login', 't4')), [
    "event_type = 'token_rotated' | token_rotated | true",
    'NOT EXISTS events AS l within 10 minutes before',
    '  events of the same account_id nearby | 7',
    '  in reach of WITHIN | 7',
    "  l.event_type = 'login' | 2",
    "  l.auth.result = 'success' | 1",
    'did not fire',
    'NOT EXISTS was not true: 1 row matches',
  ]);
  const fired = read(await ask('without_login', 't1'));
  assert.deepEqual(fired.slice(-3), [
    'fired at 75 s: detection',
    'nothing stands against NOT EXISTS events AS l within 10 minutes before',
    'nearest in time: the event at 300 s would match, 3 minutes 45 seconds too late',
  ]);
  assert.deepEqual(read(await ask('without_login', 'l2')).slice(6, 7), ['  the event l2']);
});

test('several EXISTS, each asked of the same row; a LEFT JOIN with a WHERE behind it; a join of three', async () => {
  const both = await ask('both', 't3');
  assert.deepEqual([both.outcome, both.joins?.map(({ matches }) => matches)], ['fired', [1, 0]]);
  const alone = await ask('both', 'b');
  assert.deepEqual([alone.outcome, alone.joins?.map(({ matches }) => matches)], ['no_rows', [0, 0]]);
  const matched = await ask('no_token', 'c2');
  assert.deepEqual([matched.outcome, matched.conditions.map(({ truth }) => truth)], ['not_true', [false]]);
  const three = await ask('three', 'c1');
  assert.deepEqual([three.outcome, three.joins?.map(({ matches }) => matches)], ['fired', [1, 1]]);
  const last = await ask('three', 'c2');
  assert.deepEqual([last.outcome, last.joins?.map(({ matches }) => matches)], ['fired', [2, 1]]);
});

test('a key at a time: what was told then, also where that is the time of the right row; else the pair of a right row', async () => {
  const rules_of_pairs = ['change_then_token', 'no_token', 'without_login', 'both', 'three'];
  const told = run(program).filter((one) => rules_of_pairs.includes(one.rule));
  assert.equal(new Set(told.map((one) => one.rule)).size, 5);
  for (const { rule, decided_at, values } of told) {
    // Two pairs may have one later row.
    const then = told.filter((one) => one.rule === rule && one.decided_at === decided_at).map(({ id }) => id);
    for (const span_ms of [0, 999]) {
      const answer = await ask(rule, String(values[0]), (decided_at - start_ms) / 1000, span_ms);
      assert.equal(answer.outcome, 'fired', `${rule} at ${decided_at - start_ms}`);
      assert.ok(then.includes(answer.firing?.id ?? ''));
    }
  }
  const right = await ask('change_then_token', 'a', 240);
  assert.deepEqual([right.joins?.[0]?.left.at_ms, right.joins?.[0]?.asked?.id], [start_ms + 200_000, 't3']);
  const failed = await ask('change_then_token', 'a', 230);
  assert.deepEqual([failed.outcome, failed.joins?.[0]?.asked?.id], ['no_rows', 't2']);
  const late = await ask('change_then_token', 'a', 75);
  assert.deepEqual([late.outcome, late.joins?.[0]?.asked?.off_ms], ['no_rows', 15_000]);
  const change = await ask('three', 'a', 200);
  assert.deepEqual([change.outcome, change.joins?.[0]?.left.id], ['fired', 'c2']);
});

test('every event is explained as fired where the rule fired for it on the left side, and only there', async () => {
  const fired = run(program);
  for (const rule of ['without_login', 'both', 'no_token']) {
    const ids = fired
      .filter((one) => one.rule === rule)
      .map(({ anchor }) => ('left' in anchor ? anchor.left.id : 'id' in anchor ? anchor.id : ''));
    assert.ok(ids.length > 0);
    for (const [id] of events.filter(([name]) => name.startsWith(rule === 'no_token' ? 'c' : 't'))) {
      const { outcome } = await ask(rule, id);
      assert.equal(outcome === 'fired', ids.includes(id), `${rule} ${id}`);
    }
  }
});

test('what is not there is told with the keys that are', async () => {
  const question = { rule: 'both', subject: 'zzz', moment: null, with_param: () => null };
  const answer = await why(question, program, (changed) => [run(changed)]);
  assert.deepEqual(answer, {
    error: 'no event that both reads has the id or the key zzz',
    keys: ['a', 'b', 'c'],
    is_unknown: true,
  });
});
