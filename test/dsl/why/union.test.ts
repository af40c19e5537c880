import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/compile.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import type { Why } from '../../../dsl/why/answer.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { SortedRun } from '../../../engine/index.ts';

const rules = `CREATE RULE tagged AS
SELECT account_id, tag FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE event_type = 'login' AND tag = 'p';
CREATE RULE many_tags AS
SELECT account_id, count(*) AS n FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE tag <> 'z'
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 9;
CREATE RULE by_tag AS
SELECT e.account_id, tag FROM events AS e CROSS JOIN UNNEST(e.details.tags) AS t(tag)
JOIN events AS s WITHIN 1 SECOND ON s.event_type = t.tag WHERE e.event_type = 'login' AND tag <> 'z';
CREATE RULE either AS
SELECT account_id FROM events WHERE event_type = 'login'
UNION ALL
SELECT account_id FROM events WHERE event_type = 'logout';`;

function replay(plan: ProgramPlan) {
  const run = new SortedRun(buildProgram(plan));
  const events = ['login', 'logout', 'session_new'].map((event_type, i) => {
    return {
      timestamp: 1_000 + i,
      event_id: `e${i}`,
      platform: 'okta',
      account_id: 'acct',
      event_type,
      details: { tags: ['p', 'logout', 'z'] },
    };
  });
  events.forEach((event, position) => {
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    run.add({ partition: 'p', position, received_at: 2_000, bytes });
  });
  return run.finish();
}

async function ask(rule: string, subject: string) {
  const { plan } = compile([{ path: 'either.rule.sql', text: rules }]);
  assert.ok(plan);
  return why({ rule, subject, moment: null, with_param: () => null }, plan, replay);
}

test('a rule with UNION ALL: an event by its id, and each SELECT by its name', async () => {
  const fired = await ask('either', 'e1');
  assert.ok('outcome' in fired && fired.outcome === 'fired');
  const passed = await ask('either (2)', 'e1');
  assert.ok('outcome' in passed && passed.conditions.every(({ truth }) => truth === true));
  const failed = await ask('either (1)', 'e1');
  assert.ok('outcome' in failed && failed.outcome === 'not_true');
  const unseen = await ask('either', 'e2');
  assert.ok('outcome' in unseen && unseen.outcome === 'no_rows');
  const outcomes = ({ selects = [] }: { readonly selects?: readonly Why[] }) =>
    selects.map(({ rule, outcome }) => [rule, outcome]);
  assert.deepEqual(outcomes(unseen), [
    ['either (1)', 'not_true'],
    ['either (2)', 'not_true'],
  ]);
  assert.deepEqual(outcomes(fired), [
    ['either (1)', 'not_true'],
    ['either (2)', 'gave_row'],
  ]);
  const { funnel } = whyText(fired, String);
  assert.deepEqual(
    funnel.map(({ text, note }) => [text, note]),
    [
      ['either (1)', '← gives none'],
      ["  event_type = 'login'", '← not true'],
      ['either (2)', 'gives the row'],
      ["  event_type = 'logout'", 'true'],
    ],
  );
  assert.match(whyText(unseen, String).answer[0], /^did not fire: no SELECT gives a row$/);
  assert.ok('error' in (await ask('either', 'e9')));
});

test('a rule over elements: those of an event by its id, the one that got furthest; the funnel counts elements', async () => {
  const fired = await ask('tagged', 'e0');
  assert.ok('outcome' in fired && fired.outcome === 'fired');
  const other = await ask('tagged', 'e0[1]');
  assert.ok('outcome' in other && other.outcome === 'not_true');
  const counted = await ask('many_tags', 'acct');
  assert.ok('funnel' in counted);
  assert.deepEqual(
    counted.funnel.map(({ text, rows }) => [text, rows]),
    [
      ['elements of events of the key', 9],
      ["tag <> 'z'", 6],
    ],
  );
});

test('a join by an element: the element by its name, and what it met', async () => {
  const met = await ask('by_tag', 'e0[1]');
  assert.ok('outcome' in met && met.outcome === 'fired', JSON.stringify(met));
  const alone = await ask('by_tag', 'e0[0]');
  assert.ok('outcome' in alone && alone.outcome === 'no_rows');
  assert.equal(alone.joins?.[0]?.left.id, 'e0[0]');
});
