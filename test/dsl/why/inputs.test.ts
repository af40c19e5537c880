import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/compile.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import type { Why } from '../../../dsl/why/answer.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { SortedRun } from '../../../engine/index.ts';

const start_ms = Date.UTC(2026, 5, 1, 10);
const rules = `CREATE RULE steps PARAM least int = 4 IN 2 TO 9 AS
WITH bursts AS (SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
  GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= :least)
SELECT account_id, max(n) AS most FROM bursts GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING most >= 3;
CREATE VIEW guessed AS SELECT account_id, count(*) AS failures FROM events WHERE result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING failures >= 5;
CREATE RULE guessed_then_out AS SELECT g.account_id, g.failures FROM guessed AS g
JOIN events AS r WITHIN (AFTER 10 MINUTES) ON r.account_id = g.account_id WHERE r.event_type = 'logout';
CREATE RULE out_of_guessed AS SELECT e.account_id FROM events AS e
WHERE e.event_type = 'logout' AND EXISTS (SELECT 1 FROM guessed AS g WHERE g.account_id = e.account_id WITHIN (BEFORE 10 MINUTES));
CREATE RULE many AS SELECT account_id, failures FROM guessed WHERE failures > 3;
CREATE RULE both AS WITH one AS (SELECT account_id FROM guessed UNION ALL SELECT account_id FROM events WHERE event_type = 'follow')
SELECT account_id, count(*) AS n FROM one GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 1;`;

function planOf(text = rules, params = new Map<string, number>()): ProgramPlan {
  const { plan, diagnostics } = compile([{ path: 'r.rule.sql', text }], { params });
  assert.ok(plan, JSON.stringify(diagnostics));
  return plan;
}

/** Three failures of `a` and one of `b`, a minute apart, and then both go out. */
function replay(plan: ProgramPlan) {
  const run = new SortedRun(buildProgram(plan));
  const login = (account_id: string) => ({ event_type: 'login', result: 'fail', account_id });
  const out = (account_id: string) => ({ event_type: 'logout', account_id });
  [login('a'), login('a'), login('b'), login('a'), out('a'), out('b')].forEach((event, position) => {
    const timestamp = start_ms + position * 60_000;
    const bytes = new TextEncoder().encode(
      JSON.stringify({ ...event, timestamp, event_id: `e${position}`, platform: 'p' }),
    );
    run.add({ partition: 'p', position, received_at: start_ms + 86_400_000, bytes });
  });
  return run.finish();
}

async function ask(rule: string, subject: string, moment: (() => number) | null = null): Promise<Why> {
  const plan_with = (param: string, value: number) => planOf(rules, new Map([[param, value]]));
  const answer = await why({ rule, subject, moment, with_param: () => null, plan_with }, planOf(), replay);
  assert.ok(!('error' in answer), JSON.stringify(answer));
  return answer;
}

const sentencesOf = (answer: Why) => whyText(answer, (time_ms) => `${(time_ms - start_ms) / 60_000} min`).answer;

async function firesFor(account: string, rule: string, plan: ProgramPlan): Promise<boolean> {
  let isTrue = false;
  for await (const detections of replay(plan)) {
    isTrue ||= detections.some((one) => one.rule === rule && one.values.includes(account));
  }
  return isTrue;
}

test('a rule whose step gave no row: what the step held, and the PARAM with which the rule fires', async () => {
  const answer = await ask('steps', 'a');
  assert.deepEqual(
    [answer.outcome, answer.key, answer.funnel],
    ['no_rows', ['a'], [{ text: 'rows of steps.bursts of the key', rows: 0 }]],
  );
  const { title, funnel } = whyText(answer, (time_ms) => `${(time_ms - start_ms) / 60_000} min`);
  assert.match(title, /^steps, plan \w+: a, at 3 min$/);
  assert.deepEqual(
    funnel.map(({ text, amount, note }) => [text, amount, note].join('|')),
    [
      'steps.bursts, the 15 minutes up to 3 min||← gives no row',
      '  events of the key|3|',
      "  auth.result = 'fail'|3|",
      '  count(*) >= 4|3 / 4|← one short of 4',
      'rows of steps.bursts of the key|0|',
    ],
  );
  assert.deepEqual(sentencesOf(answer), [
    'did not fire: no row reached it; see what it reads',
    'would have fired with least = 3 (now 4): steps.bursts would have given a row',
  ]);
  assert.equal(await firesFor('a', 'steps', planOf(rules, new Map([['steps.least', 3]]))), true);
});

test('where the rule itself would not fire over that row, no value is named', async () => {
  const answer = await ask('steps', 'b');
  assert.deepEqual(answer.inputs?.[0]?.conditions[0]?.left, 1);
  assert.equal(answer.would_fire_if, undefined);
  assert.equal((await ask('many', 'a')).would_fire_if, undefined, 'three are not more than three');
});

for (const rule of ['guessed_then_out', 'out_of_guessed', 'both']) {
  test(`${rule}: the number in HAVING of the view that it joins, asks for or unites, and the rule fires with it`, async () => {
    const answer = await ask(rule, 'a', () => start_ms + 240_000);
    assert.deepEqual(answer.would_fire_if, [{ view: 'guessed', text: 'count(*) >= 3', value: 3, now: 5, param: null }]);
    assert.ok(sentencesOf(answer).includes('would have fired if guessed asked for count(*) >= 3 (now 5)'));
    assert.equal(await firesFor('a', rule, planOf(rules.replace('failures >= 5', 'failures >= 3'))), true);
    assert.equal(await firesFor('a', rule, planOf()), false);
  });
}

test('what nothing has is still told so, and a rule that fired needs no more', async () => {
  const question = { rule: 'steps', subject: 'nobody', moment: null, with_param: () => null };
  assert.ok('error' in (await why(question, planOf(), replay)));
  const plan = planOf(rules.replace('failures >= 5', 'failures >= 3'));
  const fired = await why({ ...question, rule: 'both', subject: 'a' }, plan, replay);
  assert.ok('outcome' in fired && fired.outcome === 'fired' && fired.inputs === undefined);
});
