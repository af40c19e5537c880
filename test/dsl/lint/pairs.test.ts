import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

/** Code and label of the warnings of a statement that is otherwise right. */
function warnings(text: string): string[] {
  const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
  assert.notEqual(plan, null, text);
  return diagnostics.map(({ code, label }) => `${code} ${label}`);
}

test('the end of a window that is no SLIDING one is not in it, and the message says its length as people do', () => {
  const over = (window: string, span: string) =>
    warnings(`CREATE RULE r AS SELECT account_id FROM events GROUP BY account_id
      WINDOW ${window} HAVING max(timestamp) - min(timestamp) ${span};`);
  for (const window of [
    'TUMBLING 10 MINUTES',
    'HOPPING 10 MINUTES ADVANCE BY 5 MINUTES',
    'SESSION GAP 1 MINUTE MAX 10 MINUTES',
  ]) {
    const label = 'W0302 this is from 0 seconds to less than 10 minutes';
    assert.deepEqual(over(window, '>= 10 MINUTES'), [label], window);
    assert.deepEqual(over(window, '>= 599999 MILLISECONDS'), [], window);
  }
  assert.deepEqual(over('SLIDING 10 MINUTES', '>= 10 MINUTES'), []);
  assert.deepEqual(over('SLIDING 10 MINUTES', '> 10 MINUTES'), ['W0302 this is from 0 seconds to 10 minutes']);
});

test('the times of two sides are as far from each other as WITHIN lets them be', () => {
  const joined = (where: string, within = '(AFTER 1 MINUTE)', kind = 'JOIN') =>
    warnings(`CREATE RULE r AS SELECT a.account_id FROM events AS a ${kind} events AS b
      WITHIN ${within} ON b.account_id = a.account_id WHERE ${where};`);
  const label = 'W0302 b.timestamp is at most 1 minute after a.timestamp';
  assert.deepEqual(joined('b.timestamp < a.timestamp'), [label]);
  assert.deepEqual(joined('a.timestamp > b.timestamp'), ['W0302 a.timestamp is at most 1 minute before b.timestamp']);
  assert.deepEqual(joined('b.timestamp - a.timestamp > 1 MINUTE'), ['W0302 this is from 0 seconds to 1 minute']);
  for (const where of [
    'b.timestamp <= a.timestamp',
    'b.timestamp - a.timestamp >= 1 MINUTE',
    'b.timestamp > a.timestamp',
  ]) {
    assert.deepEqual(joined(where), [], where);
  }
  assert.deepEqual(joined('b.timestamp < a.timestamp', '1 MINUTE'), []);
  assert.deepEqual(joined('b.timestamp IS NULL OR b.timestamp > a.timestamp', undefined, 'LEFT JOIN'), []);
});

test('ON and EXISTS that nothing fulfils', () => {
  const two = "b.event_type = 'login' AND b.event_type = 'logout'";
  const exists = (not: string, where: string) =>
    warnings(`CREATE RULE r AS SELECT account_id FROM events AS a WHERE ${not} EXISTS
      (SELECT 1 FROM events AS b WHERE b.account_id = a.account_id AND ${where} WITHIN (AFTER 1 HOUR));`);
  const label = "W0302 no value is left of b.event_type: EXISTS also says b.event_type = 'login'";
  assert.deepEqual(exists('', two), [label]);
  assert.deepEqual(exists('NOT', two), [label.replace('W0302', 'W0332')]);
  assert.deepEqual(exists('', "b.event_type = 'login'"), []);
  const on = (kind: string) =>
    warnings(`CREATE RULE r AS SELECT a.account_id FROM events AS a ${kind} JOIN events AS b
      WITHIN (AFTER 1 HOUR) ON b.account_id = a.account_id AND ${two};`);
  assert.deepEqual(on(''), [label.replace('EXISTS', 'ON')]);
  assert.deepEqual(on('LEFT'), [label.replace('EXISTS', 'ON').replace('W0302', 'W0332')]);
});

test('NOT EXISTS and LEFT JOIN over what cannot be let every row through', () => {
  const said = (text: string) => {
    const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
    assert.notEqual(plan, null, text);
    return diagnostics.map(({ code, message }) => `${code} ${message}`);
  };
  const anti = (conditions: string) =>
    said(`CREATE RULE r AS SELECT e.account_id FROM events AS e WHERE e.event_type = 'a' AND NOT EXISTS (
      SELECT 1 FROM events AS l WHERE l.account_id = e.account_id AND ${conditions} WITHIN (AFTER 5 MINUTES));`);
  const outer = (conditions: string) =>
    said(`CREATE RULE r AS SELECT e.account_id FROM events AS e LEFT JOIN events AS l WITHIN (AFTER 5 MINUTES)
      ON l.account_id = e.account_id AND ${conditions} WHERE e.event_type = 'a' AND l.account_id IS NULL;`);
  for (const never of [
    "l.event_type = 'a' AND l.event_type = 'b'",
    "l.platform LIKE 'x%' AND (l.platform = 'a' OR l.platform = 'b')",
    "e.platform = 'a' AND l.platform = e.platform AND l.platform = 'b'",
  ]) {
    assert.deepEqual(anti(never), ['W0332 this NOT EXISTS is true of every row'], never);
    assert.deepEqual(outer(never), ['W0332 this LEFT JOIN never finds a row'], never);
  }
  for (const may of [
    "l.event_type = 'b'",
    'l.timestamp > e.timestamp',
    "l.platform LIKE 'x%' AND l.platform <> 'xa'",
  ]) {
    assert.deepEqual(anti(may), [], may);
    assert.deepEqual(outer(may), [], may);
  }
  // What one of them cannot be says nothing of the next.
  const two = said(`CREATE RULE r AS SELECT e.account_id FROM events AS e WHERE e.event_type = 'a'
    AND NOT EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id AND l.platform = 'x' WITHIN (BEFORE 5 MINUTES))
    AND NOT EXISTS (SELECT 1 FROM events AS m WHERE m.account_id = e.account_id AND m.platform = 'y' WITHIN (BEFORE 5 MINUTES));`);
  assert.deepEqual(two, []);
});
