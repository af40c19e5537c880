import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

function messages(text: string): string[] {
  const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
  assert.notEqual(plan, null, text);
  return diagnostics.map(({ code, message }) => `${code} ${message}`);
}

const exists = (within: string, not = 'NOT') =>
  messages(`CREATE RULE r AS SELECT e.account_id FROM events AS e WHERE e.event_type = 'login' AND ${not} EXISTS (
    SELECT 1 FROM events AS p WHERE p.account_id = e.account_id AND p.geo.country = e.geo.country WITHIN ${within});`);

const joined = (within: string, kind = 'LEFT JOIN') =>
  messages(`CREATE RULE r AS SELECT a.account_id FROM events AS a ${kind} events AS b WITHIN ${within}
    ON b.account_id = a.account_id AND b.event_type = 'logout';`);

test('a NOT EXISTS that looks both ways for an hour or more is said to be late by as much', () => {
  assert.deepEqual(exists('30 DAYS'), ['W0334 r fires 30 days late']);
  assert.deepEqual(exists('1 HOUR'), ['W0334 r fires 1 hour late']);
  assert.deepEqual(exists('59 MINUTES'), []);
});

test('a LEFT JOIN waits as long for its partner', () => {
  assert.deepEqual(joined('2 HOURS'), ['W0334 r fires 2 hours late where no row of b is found']);
  assert.deepEqual(joined('59 MINUTES'), []);
});

test('who names a direction means it, and what gives rows with a partner only does not wait', () => {
  for (const within of ['(BEFORE 30 DAYS)', '(AFTER 30 DAYS)', '(BEFORE 30 DAYS, AFTER 30 DAYS)']) {
    assert.deepEqual(exists(within), [], within);
    assert.deepEqual(joined(within), [], within);
  }
  assert.deepEqual(exists('30 DAYS', ''), []);
  assert.deepEqual(joined('30 DAYS', 'JOIN'), []);
});

test('every NOT EXISTS of a WHERE is asked, not the last one alone', () => {
  const both = messages(`CREATE RULE r AS SELECT e.account_id FROM events AS e
    WHERE NOT EXISTS (SELECT 1 FROM events AS p WHERE p.account_id = e.account_id AND p.event_type = 'a' WITHIN 1 DAY)
    AND EXISTS (SELECT 1 FROM events AS q WHERE q.account_id = e.account_id AND q.event_type = 'b' WITHIN 1 DAY);`);
  assert.deepEqual(both, ['W0334 r fires 1 day late']);
});
