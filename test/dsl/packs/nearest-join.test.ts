import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/compile.ts';
import { runTestFile } from '../../../dsl/packs/rule-test.ts';

/** What `nearest` says of a rule `r` that was expected at 0s and did not fire there. */
function nearest(select: string, ...events: readonly string[]): string[] {
  const rule = { path: 'r.rule.sql', text: `CREATE RULE r AS ${select};` };
  const { plan, diagnostics } = compile([rule]);
  assert.ok(plan, JSON.stringify(diagnostics));
  const text = `- { test: t, events: [${events.join(', ')}], expect: [{ rule: r, account_id: a, at: 0s }] }`;
  const [result] = runTestFile({ path: 'r.test.yaml', text }, plan, () => compile([rule])).tests;
  assert.deepEqual(result.problems, []);
  return result.failures.flatMap(({ lines }) =>
    lines.filter(({ label }) => label === 'nearest').map((line) => line.text),
  );
}

const event = (at: string, event_type: string) => `{ at: ${at}, event: { event_type: ${event_type}, account_id: a } }`;

test('the rows of a NOT EXISTS are named as the rule writes it, with when they are decided', () => {
  const select = (within: string) => `SELECT e.account_id FROM events AS e WHERE e.event_type = 'login' AND
    NOT EXISTS (SELECT 1 FROM events AS p WHERE p.account_id = e.account_id AND p.event_type = 'mfa' WITHIN ${within})`;
  assert.deepEqual(nearest(select('30 MINUTES'), event('0s', 'login')), [
    '1 row of events WHERE NOT EXISTS events AS p within 30 minutes, decided 30 minutes after its time',
  ]);
  assert.deepEqual(nearest(select('(BEFORE 1 DAY)'), event('5s', 'login')), [
    '1 row of events WHERE NOT EXISTS events AS p within 1 day before, decided at its time',
  ]);
});

test('so are those of a JOIN and a LEFT JOIN, and of a join that gave none', () => {
  const pair = (kind: string) => `SELECT a.account_id FROM events AS a ${kind} events AS b WITHIN (AFTER 10 MINUTES)
    ON b.account_id = a.account_id AND b.event_type = 'logout' WHERE a.event_type = 'login'`;
  assert.deepEqual(nearest(pair('JOIN'), event('0s', 'login')), [
    'no row of events AS a JOIN events AS b within 10 minutes after, decided at the later row',
  ]);
  assert.deepEqual(nearest(pair('LEFT JOIN'), event('0s', 'login')), [
    '1 row of events AS a LEFT JOIN events AS b within 10 minutes after, decided at the later row, and without a partner 10 minutes after its time',
  ]);
});

test('of a join of views that gave no row, the view that gave none says what came of the events', () => {
  const select = `WITH ins AS (SELECT account_id FROM events WHERE event_type = 'login'),
    outs AS (SELECT account_id FROM events WHERE event_type = 'logout')
    SELECT i.account_id FROM ins AS i JOIN outs AS o WITHIN 10 MINUTES ON o.account_id = i.account_id`;
  assert.deepEqual(nearest(select, event('0s', 'login')), [
    'no row of r.ins AS i JOIN r.outs AS o within 10 minutes, decided at the later row',
    'no row of r.outs:',
    "1 event, 0 with event_type = 'logout'",
  ]);
});
