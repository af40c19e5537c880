import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

function said(text: string): string[] {
  const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
  assert.notEqual(plan, null, text);
  return diagnostics.map(({ code, label }) => `${code} ${label}`);
}

const where = (condition: string) => said(`CREATE RULE r AS SELECT account_id FROM events WHERE ${condition};`);

test('networks that have no address in common, and texts that cannot begin or end both ways', () => {
  for (const [condition, before] of [
    ["actor.ip = '10.0.0.0/8' AND actor.ip = '192.168.0.0/16'", "actor.ip IN '10.0.0.0/8'"],
    ["actor.ip = '10.0.0.0/8' AND actor.ip = '2001:db8::/32'", "actor.ip IN '10.0.0.0/8'"],
    ["account_id LIKE 'abc%' AND starts_with(account_id, 'x')", "account_id LIKE 'abc%'"],
    ["starts_with(account_id, 'x') AND account_id LIKE 'abc\\%%'", "starts_with(account_id, 'x')"],
    ["account_id LIKE '%.org' AND ends_with(account_id, 'com')", "account_id LIKE '%.org'"],
  ] as const) {
    assert.deepEqual(where(condition), [`W0302 this is never true: WHERE also says ${before}`], condition);
  }
  for (const condition of [
    "actor.ip = '10.0.0.0/8' AND actor.ip = '10.1.0.0/16'",
    "actor.ip = '10.1.0.0/16' AND actor.ip = '10.0.0.0/8'",
    "actor.ip = '10.1.0.0/16' OR actor.ip = '11.0.0.0/8'",
    "actor.ip = '10.1.0.0/16' AND actor.ip <> '11.0.0.0/8'",
    "account_id LIKE 'a%' AND starts_with(account_id, 'abc')",
    "account_id LIKE '%a%' AND starts_with(account_id, 'x')",
    "account_id LIKE 'a_c%' AND starts_with(account_id, 'abc')",
    "account_id LIKE '%c\\%' AND ends_with(account_id, '%')",
    "account_id LIKE 'a%' AND NOT starts_with(account_id, 'x')",
    "account_id LIKE 'a%' AND ends_with(account_id, 'x')",
    "lower(account_id) LIKE 'a%' AND starts_with(account_id, 'A')",
  ]) {
    assert.deepEqual(where(condition), [], condition);
  }
});

test('a row of a lookup has its key', () => {
  const joined = (kind: string, condition: string) =>
    said(`CREATE LOOKUP vip (account_id string PRIMARY KEY, level string) WITH (source = 'vip.csv');
      CREATE RULE r AS SELECT e.account_id FROM events AS e ${kind} JOIN vip AS v ON v.account_id = e.account_id
      WHERE ${condition};`).filter((one) => one.startsWith('W03'));
  assert.equal(joined('', 'v.account_id IS NULL').length, 1);
  assert.match(joined('', 'v.account_id IS NULL')[0] as string, /^W0302/);
  assert.deepEqual(joined('', 'v.level IS NULL'), []);
  assert.deepEqual(joined('LEFT', 'v.account_id IS NULL'), []);
});

test('MODE signal keeps nothing: without RISK it has no effect', () => {
  const mode = (head: string, risk = '') =>
    said(`CREATE RULE r ${head} AS SELECT account_id FROM events WHERE result = 'fail' ${risk};`);
  assert.deepEqual(mode('MODE signal'), ['W0332 it has no RISK to which it could add']);
  assert.deepEqual(mode('MODE signal', 'RISK 10 ON account account_id HALF LIFE 24 HOURS'), []);
  assert.deepEqual(mode('MODE shadow'), []);
});

test('one SELECT of a UNION ALL that never has a row is not called a view', () => {
  const { diagnostics } = compile([
    {
      path: 'r.sql',
      text: `CREATE RULE r AS SELECT account_id FROM events WHERE event_type = 'login'
        UNION ALL SELECT account_id FROM events WHERE event_type = 'login' AND event_type = 'logout';`,
    },
  ]);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ['this SELECT of the UNION ALL can never have a row'],
  );
});

test('a window has at most one row of each window of a view that it touches', () => {
  const over = (having: string, window = 'SLIDING 2 HOURS', key = 'account_id', end = 'EMIT AT END') =>
    said(`CREATE VIEW hourly AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
      WINDOW TUMBLING 1 HOUR HAVING n > 3 ${end};
      CREATE RULE r AS SELECT ${key}, count(*) AS m FROM hourly GROUP BY ${key} WINDOW ${window} HAVING ${having};`);
  assert.deepEqual(over('m >= 4'), ['W0302 count(*) is from 1 to 3']);
  assert.deepEqual(over('m >= 4', 'SESSION GAP 1 HOUR MAX 2 HOURS'), ['W0302 count(*) is from 1 to 3']);
  assert.deepEqual(over('m >= 3'), []);
  assert.deepEqual(over('m >= 4', 'SLIDING 121 MINUTES'), []);
  assert.deepEqual(over('sum(n) >= 400'), []);
  assert.deepEqual(over('m >= 4', undefined, 'n'), [], 'many accounts may have the same number');
  assert.deepEqual(over('m >= 4', undefined, undefined, ''), [], 'decided at events');
});
