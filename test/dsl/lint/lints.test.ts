import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

/** Code and label of the warnings of a rule that is otherwise right. */
function warnings(where: string, having = 'count(*) >= 2', window = 'SLIDING 1 HOUR'): string[] {
  const text = `CREATE RULE r AS SELECT account_id FROM events WHERE ${where} GROUP BY account_id
    WINDOW ${window} ${having === '' ? '' : `HAVING ${having}`};`;
  const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
  assert.notEqual(plan, null, text);
  return diagnostics.map(({ code, label }) => `${code} ${label}`);
}

test('a HAVING that one event fulfils', () => {
  for (const having of ['', 'count(*) >= 1', 'count(*) > 0', '1 <= count(*)', 'count(*) >= -3']) {
    assert.equal(warnings('TRUE', having).length, 1, having);
    assert.match(warnings('TRUE', having)[0] as string, /^W0301/, having);
  }
  for (const having of [
    'count(*) >= 2',
    'count(*) >= 1 AND count(*) < 5',
    "count(*) FILTER (WHERE result = 'fail') >= 1",
    'count(session_id) >= 1',
    'max(net.asn) >= 1',
  ]) {
    assert.deepEqual(warnings('TRUE', having), [], having);
  }
  assert.deepEqual(warnings('TRUE', '', 'TUMBLING 1 HOUR'), []);
});

test('a WHERE that leaves no value', () => {
  for (const where of [
    "result = 'fail' AND result = 'success'",
    "result IN ('a', 'b') AND auth.result IN ('c')",
    "result IN ('a', 'b') AND result = 'c'",
    'net.asn > 5 AND net.asn < 3',
    'net.asn > 5 AND net.asn < 6',
    'net.asn = 5 AND 7 <= net.asn',
    "platform >= 'b' AND platform < 'a'",
    'FALSE',
    'TRUE AND 1 = 2',
  ]) {
    assert.equal(warnings(where).length, 1, where);
    assert.match(warnings(where)[0] as string, /^W0302/, where);
  }
  for (const where of [
    "result = 'fail' AND platform = 'success'",
    "result = 'fail' OR result = 'success'",
    "result IN ('a', 'b') AND result IN ('b', 'c')",
    'net.asn > 5 AND net.asn < 7',
    'net.asn >= 5 AND net.asn <= 5',
    'geo.lat > 5 AND geo.lat < 6',
    "platform >= 'a' AND platform < 'b'",
    "NOT result = 'fail' AND result = 'fail'",
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});

test('a count of different values that WHERE or GROUP BY keeps below its threshold', () => {
  const distinct = (column: string, n: number) => `count(DISTINCT ${column}) >= ${n}`;
  assert.match(
    warnings("result IN ('a', 'b')", distinct('result', 3))[0] as string,
    /^W0302 result has 2 values under/,
  );
  assert.match(
    warnings("result = 'a'", distinct('auth.result', 2))[0] as string,
    /^W0302 auth.result has 1 value under/,
  );
  assert.match(warnings("result IN ('a', 'a')", distinct('result', 2))[0] as string, /^W0302/);
  assert.match(warnings('TRUE', distinct('account_id', 2))[0] as string, /^W0302 account_id has one value/);
  assert.deepEqual(warnings("result IN ('a', 'b')", distinct('result', 2)), []);
  assert.deepEqual(warnings("result IN ('a', 'b')", distinct('platform', 3)), []);
  const many = Array.from({ length: 20_000 }, (_, i) => `'v${i}'`).join(', ');
  const [label] = warnings(`result IN (${many}) AND result IN (${many})`, distinct('result', 20_001));
  assert.ok((label as string).length < 300, 'a long list is cut');
});

test('comparisons that are always NULL', () => {
  assert.match(warnings('session_id = NULL')[0] as string, /^W0303 write IS NULL/);
  assert.match(warnings('session_id <> NULL')[0] as string, /^W0303 write IS NOT NULL/);
  assert.match(warnings("platform NOT IN ('a', NULL)")[0] as string, /^W0303/);
  assert.deepEqual(warnings('session_id IS NULL AND platform IS DISTINCT FROM NULL'), []);
});

test('a value that looks like a known one of event_type or result', () => {
  for (const [where, label] of [
    ["result = 'failed'", "did you mean 'fail'?"],
    ["result IN ('success', 'failure')", "did you mean 'fail'?"],
    ["'ok' = auth.result", "did you mean 'success'?"],
    ["NOT (event_type <> 'pasword_reset')", "did you mean 'password_reset'?"],
    ["coalesce(event_type = 'Login', TRUE)", "did you mean 'login'?"],
  ] as const) {
    assert.deepEqual(warnings(where), [`W0305 ${label}`], where);
  }
  const having = "count(*) FILTER (WHERE result = 'failed') >= 2";
  assert.deepEqual(warnings('TRUE', having), ["W0305 did you mean 'fail'?"]);
  for (const where of [
    "result = 'fail'",
    "event_type = 'invoice_paid'",
    'event_type = account_id',
    "failure = 'failed'",
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});
