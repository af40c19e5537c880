import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile, flatOperator, type Why, why, whyText } from '../../../dsl/index.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import { type Detection, SortedRun } from '../../../engine/index.ts';

const rules = `CREATE TABLE hourly AS SELECT account_id, count(*) AS logins FROM events WHERE event_type = 'login'
GROUP BY account_id WINDOW TUMBLING 1 HOUR;
CREATE RULE one AS SELECT e.account_id AS account_id, h.logins AS logins
FROM events AS e JOIN hourly AS h ON h.account_id = e.account_id WHERE e.event_type = 'login' AND h.logins > 1;
CREATE RULE many PARAM least int = 3 AS SELECT e.account_id, count(*) AS now, max(h.logins) AS before
FROM events AS e JOIN hourly AS h ON h.account_id = e.account_id WHERE e.event_type = 'login'
GROUP BY e.account_id WINDOW SLIDING 10 MINUTES HAVING now >= :least;
CREATE RULE mixed AS SELECT e.account_id AS account_id, s.actor.ip AS ip
FROM events AS e JOIN hourly AS h ON h.account_id = e.account_id
JOIN events AS s WITHIN (AFTER 2 MINUTES) ON s.account_id = e.account_id
WHERE e.event_type = 'login' AND h.logins > 1 AND s.event_type = 'token_rotated';`;
const start_ms = Date.UTC(2026, 2, 30, 9);
const events = [
  ['l1', 5, 'login', 'a'],
  ['l2', 6, 'login', 'a'],
  ['l3', 66, 'login', 'a'],
  ['t3', 67, 'token_rotated', 'a'],
  ['l4', 67, 'login', 'b'],
  ['l5', 127, 'login', 'a'],
] as const;

function planOf(overrides: ReadonlyMap<string, number> = new Map()): ProgramPlan {
  const { plan, diagnostics } = compile([{ path: 'r.sql', text: rules }], { params: overrides });
  assert.ok(plan !== null, JSON.stringify(diagnostics));
  return plan;
}

async function* replay(plan: ProgramPlan): AsyncGenerator<readonly Detection[]> {
  const run = new SortedRun(buildProgram(plan));
  events.forEach(([event_id, minute, event_type, account_id], position) => {
    const event = { event_id, timestamp: start_ms + minute * 60_000, platform: 'p', event_type, account_id };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    run.add({ partition: 'p', position, received_at: start_ms + 86_400_000, bytes });
  });
  yield* run.finish();
}

async function ask(rule: string, subject: string): Promise<string> {
  const with_param = (param: string, value: number) =>
    flatOperator(rule, planOf(new Map([[`${rule}.${param}`, value]])));
  const answer = await why({ rule, subject, moment: null, with_param }, planOf(), replay);
  return 'error' in answer ? answer.error : textOf(answer);
}

function textOf(answer: Why): string {
  const { funnel, answer: sentences } = whyText(answer, (time_ms) => `${(time_ms - start_ms) / 60_000} min`);
  return [...funnel.map(({ text, amount, note }) => [text.trim(), amount, note].join(' | ')), ...sentences].join('\n');
}

test('why: what a table has beside an event, and that it has nothing, are conditions of its WHERE', async () => {
  assert.match(await ask('one', 'l3'), /h.account_id IS NOT NULL .*true\nh.logins > 1 \| 2 \/ 1 \| true\nfired/);
  assert.match(await ask('one', 'l4'), /h.account_id IS NOT NULL \| false \| ← not true\n/);
  assert.match(await ask('one', 'l5'), /h.logins > 1 \| 1 \/ 1 \| ← not true\ndid not fire/);
});

test('why: the funnel of a window begins at the rows before the table, and says which PARAM would do', async () => {
  const text = await ask('many', 'a');
  assert.match(text, /rows of events beside hourly of the key \| 1 \|/);
  assert.match(text, /would have fired with least = 1 \(now 3\)/);
  assert.match(await ask('many', 'b'), /h.account_id IS NOT NULL \| 0 \|/);
});

test('why: where rows beside a table are joined further, its conditions are those of the left row', async () => {
  assert.match(await ask('mixed', 'l3'), /fired/);
  assert.match(await ask('mixed', 'l5'), /h.logins > 1 \| 1 \/ 1 \| ← not true/);
});
