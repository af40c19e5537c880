import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/compile.ts';
import { runTestFile } from '../../../dsl/packs/rule-test.ts';

test('over a UNION ALL that gives no row, each of its SELECTs says what came of the events', () => {
  const either = {
    path: 'either.rule.sql',
    text: `CREATE RULE either AS WITH one AS (SELECT account_id FROM events WHERE event_type = 'login'
      UNION ALL SELECT account_id FROM events WHERE event_type = 'logout')
      SELECT account_id, count(*) AS n FROM one GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING n >= 2;`,
  };
  const { plan } = compile([either]);
  assert.ok(plan);
  const text = `- { test: t, events: [{ event: { event_type: follow, account_id: a } }], expect: [{ rule: either }] }`;
  const [result] = runTestFile({ path: 'either.test.yaml', text }, plan, () => compile([either])).tests;
  const lines = result.failures.flatMap((failure) => failure.lines.map((line) => line.text));
  assert.deepEqual(lines.slice(-4), [
    'no row of either.one (1):',
    "1 event, 0 with event_type = 'login'",
    'no row of either.one (2):',
    "1 event, 0 with event_type = 'logout'",
  ]);
});
