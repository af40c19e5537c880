import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/compile.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { SortedRun } from '../../../engine/index.ts';

const start_ms = Date.UTC(2026, 5, 1, 10);
const minute_ms = 60_000;
const rules = `CREATE RULE hop AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW HOPPING 15 MINUTES ADVANCE BY 5 MINUTES HAVING n >= 3;
CREATE TABLE hourly AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;`;

/** Three events, at 0, 3 and 5 minutes: the window that begins at -5 has all of them, and that from 5 on has one. */
function replay(plan: ProgramPlan) {
  const run = new SortedRun(buildProgram(plan));
  [0, 3, 5].forEach((minute, position) => {
    const event = {
      timestamp: start_ms + minute * minute_ms,
      event_id: `e${position}`,
      platform: 'p',
      event_type: 'x',
      account_id: 'a',
    };
    run.add({
      partition: 'p',
      position,
      received_at: start_ms + 86_400_000,
      bytes: new TextEncoder().encode(JSON.stringify(event)),
    });
  });
  return run.finish();
}

async function ask(rule: string, minute: number) {
  const { plan } = compile([{ path: 'hop.rule.sql', text: rules }]);
  assert.ok(plan);
  const moment = () => start_ms + minute * minute_ms;
  const answer = await why({ rule, subject: 'a', moment, with_param: () => null }, plan, replay);
  assert.ok(!('error' in answer), JSON.stringify(answer));
  return answer;
}

test('a hopping window that fired is shown as the one that fired, and not as the last one that holds the moment', async () => {
  const fired = await ask('hop', 5);
  assert.deepEqual(
    [fired.outcome, fired.window.from_ms - start_ms, fired.conditions[0].left],
    ['fired', -5 * minute_ms, 3],
  );
});

test('of the windows that hold a moment at which nothing fired the furthest is meant, and another one that fired is not its firing', async () => {
  const near = await ask('hop', 4);
  assert.deepEqual([near.conditions[0].left, near.conditions[0].truth, near.outcome], [3, true, 'fired']);
  const late = await ask('hop', 17);
  assert.deepEqual([late.conditions[0].left, late.outcome, late.firing], [1, 'not_true', null]);
});

test('a table without HAVING gives each of its windows, and the answer says no condition is true', async () => {
  const [outcome] = whyText(await ask('hourly', 5), String).answer;
  assert.equal(outcome, 'the window gives a row: every one does, it has no HAVING');
});
