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
SELECT account_id FROM events WHERE event_type = 'logout';
CREATE RULE logins AS
SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 9;
CREATE VIEW twos AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 2;
CREATE RULE signs AS
WITH sign AS (
  SELECT account_id, platform, 1 AS weight FROM events WHERE event_type IN ('login', 'logout') AND platform = 'okta'
  UNION ALL SELECT account_id, 'any' AS platform, n AS weight FROM twos
  UNION ALL SELECT e.account_id, e.platform, 3 AS weight FROM events AS e
    JOIN events AS f WITHIN 1 SECOND ON f.account_id = e.account_id WHERE f.event_type = 'session_new')
SELECT account_id, sum(weight) AS total FROM sign WHERE weight <> 2
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING total >= 99;`;

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

test('a rule with a window over a UNION ALL: the funnel begins at the events of each SELECT, and says where one ended', async () => {
  const linesOf = async (subject: string) => {
    const answer = await ask('signs', subject);
    assert.ok('outcome' in answer, JSON.stringify(answer));
    return whyText(answer, String).funnel.map(({ text, amount, note }) => [text, amount, note].join('|'));
  };
  const pairs = 'rows of e JOIN f of the key';
  assert.deepEqual(await linesOf('acct'), [
    'signs.sign (1)||',
    '  events of the key|3|',
    "  event_type IN ('login', 'logout')|2|",
    "  platform = 'okta'|2|",
    'signs.sign (2)||',
    '  rows of twos of the key|2|',
    'signs.sign (3)||',
    `  ${pairs}|2|`,
    'rows of all SELECTs|6|',
    'weight <> 2|5|',
    'sum(weight) >= 99|11 / 99|← 88 short of 99',
  ]);
  const left_out = await linesOf('e2');
  assert.ok(
    left_out.includes("  event_type IN ('login', 'logout')|2|← not the event asked about"),
    left_out.join('\n'),
  );
  const counted = await linesOf('e1');
  assert.ok(counted.includes("  platform = 'okta'|2|the event asked about is one of them"), counted.join('\n'));
  assert.ok(counted.includes('weight <> 2|2|the event asked about is one of them'), counted.join('\n'));
});

test('an event that is left out by the WHERE of a rule with a window is told where, within its window or not', async () => {
  const e0 = await ask('signs', 'e0');
  assert.ok('selects_of' in e0 && e0.selects_of?.[0].asked?.id === 'e0');
  const asked = await ask('logins', 'e2');
  assert.ok('asked' in asked && asked.asked?.id === 'e2', JSON.stringify(asked));
  const { funnel } = whyText(asked, String);
  assert.deepEqual(
    funnel.map(({ note }) => note),
    ['', '← not the event asked about: event_type is session_new', '← 8 short of 9'],
  );
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
