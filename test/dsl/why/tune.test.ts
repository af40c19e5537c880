import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/compile.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import { why } from '../../../dsl/why/why.ts';
import { SortedRun } from '../../../engine/index.ts';

const rules = `CREATE RULE seen PARAM kind string = 'login' AS
SELECT account_id FROM (SELECT account_id FROM events WHERE event_type = :kind) AS own;
TUNE seen WHERE tenant_id = 'shop' SET kind = 'logout' BECAUSE 'they asked';
CREATE RULE both PARAM kind string = 'login' AS
SELECT a.account_id FROM events AS a JOIN events AS b WITHIN 1 MINUTE ON b.account_id = a.account_id
WHERE a.event_type = :kind AND b.event_type = 'session_new';
TUNE both WHERE tenant_id = 'shop' SET kind = 'logout' BECAUSE 'they asked';`;

function replay(plan: ProgramPlan) {
  const run = new SortedRun(buildProgram(plan));
  const events = ['bank', 'shop'].flatMap((tenant_id) =>
    ['login', 'logout', 'session_new'].map((event_type, i) => {
      const ids = { event_id: `${tenant_id} ${event_type}`, tenant_id, account_id: `acct_${tenant_id}` };
      return { timestamp: 1_000 + i, platform: 'okta', event_type, ...ids };
    }),
  );
  events.forEach((event, position) => {
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    run.add({ partition: 'p', position, received_at: 2_000, bytes });
  });
  return run.finish();
}

async function outcomes(rule: string): Promise<string[]> {
  const { plan } = compile([{ path: 'tuned.rule.sql', text: rules }]);
  assert.ok(plan);
  const asked = ['bank login', 'bank logout', 'shop login', 'shop logout'].map((subject) =>
    why({ rule, subject, moment: null, with_param: () => null }, plan, replay),
  );
  return (await Promise.all(asked)).map((answer) => ('outcome' in answer ? answer.outcome : answer.error));
}

test('a view in a rule is what TUNE makes it for the tenant of the event that is asked about', async () => {
  assert.deepEqual(await outcomes('seen'), ['fired', 'not_true', 'not_true', 'fired']);
});

test('a rule over a join is what TUNE makes it for the tenant of the event that is asked about', async () => {
  assert.deepEqual(await outcomes('both'), ['fired', 'no_rows', 'no_rows', 'fired']);
});

test('that a rule is another one for some tenants is said in words, not as a condition that nobody wrote', async () => {
  const text = `CREATE RULE many PARAM least int = 3 IN 1 TO 9 AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 5 MINUTES HAVING n >= :least;
TUNE many WHERE tenant_id = 'shop' SET least = 2 BECAUSE 'they asked';`;
  const { plan } = compile([{ path: 'many.rule.sql', text }]);
  assert.ok(plan);
  const answer = await why({ rule: 'many', subject: 'acct_bank', moment: null, with_param: () => null }, plan, replay);
  assert.ok('funnel' in answer);
  assert.deepEqual(
    answer.funnel.map(({ text: clause }) => clause),
    ['events of the key', 'of no tenant that is tuned (shop)'],
  );
});

test('where no row of a tumbling window passed, the window is the one that the moment is in', async () => {
  const text = `CREATE RULE many AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'report'
GROUP BY account_id WINDOW TUMBLING 5 MINUTES OFFSET 1 MINUTE HAVING n >= 3;`;
  const { plan } = compile([{ path: 'many.rule.sql', text }]);
  assert.ok(plan);
  const answer = await why({ rule: 'many', subject: 'acct_bank', moment: null, with_param: () => null }, plan, replay);
  assert.ok('window' in answer);
  assert.deepEqual(answer.window, { kind: 'tumbling', from_ms: -240_000, to_ms: 59_999 });
});
