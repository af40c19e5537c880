import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/compile.ts';
import type { ProgramPlan } from '../../../dsl/plan/plan.ts';
import { flatOperator } from '../../../dsl/why/index.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { type Detection, Engine } from '../../../engine/index.ts';

const root = new URL('../../../rules', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.sql'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const received_at = Date.UTC(2026, 0, 5);
const lines = readFileSync(new URL('sample.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { after_ms: number; event: object })
  .sort((a, b) => a.after_ms - b.after_ms)
  .map(({ after_ms, event }) => JSON.stringify({ ...event, timestamp: received_at + after_ms }));
const utf8 = new TextEncoder();

function run(plan: ProgramPlan): readonly Detection[] {
  const engine = new Engine(buildProgram(plan));
  lines.forEach((line, position) => {
    const record = { partition: 'sample', position, received_at, bytes: utf8.encode(line) };
    engine.apply(position, { kind: 'record', record });
  });
  engine.apply(lines.length, { kind: 'end' });
  return engine.advance().detections;
}

test('a further revision is no firing: the answer of its time says what it did', async () => {
  const rule = `CREATE RULE tries AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
    WINDOW SLIDING 15 MINUTES HAVING n >= 2 ESCALATE WHEN n >= 3 TO high CLOSE AFTER 1 HOUR QUIET;`;
  const { plan } = compile([{ path: 'tries.rule.sql', text: rule }]);
  assert.ok(plan);
  const all = run(plan);
  const risen = all.find(({ revision, status }) => revision === 2 && status === 'updated');
  assert.ok(risen);
  const closed = all.find(({ id, status }) => id === risen.id && status === 'closed');
  assert.ok(closed);
  const opened = all.find(({ id, revision }) => id === risen.id && revision === 1);
  for (const [detection, did] of [
    [risen, /^no new detection: revision 2 at (\d+) escalated detection (\w+) to high, which fired at (\d+)$/],
    [closed, /^no new detection: revision \d+ at (\d+) closed detection (\w+), which fired at (\d+)$/],
  ] as const) {
    const { key, decided_at, id } = detection;
    const question = { rule: 'tries', subject: key.join(' '), moment: () => decided_at, with_param: () => null };
    const answer = await why(question, plan, (changed) => [run(changed)]);
    assert.ok(!('error' in answer), JSON.stringify(answer));
    assert.notEqual(answer.outcome, 'fired');
    const [, at, told, fired] = did.exec(whyText(answer, String).answer[0]) ?? [];
    assert.deepEqual([at, told, fired], [`${decided_at}`, id, `${opened?.decided_at}`]);
  }
});

test('a further revision of a rule about single events, a JOIN or NOT EXISTS is explained, of its own row', async () => {
  const close = 'SUPPRESS BY account_id FOR 1 HOUR CLOSE AFTER 10 MINUTES QUIET';
  const rule = `CREATE RULE row AS SELECT account_id, platform FROM events ${close};
    CREATE RULE pair AS SELECT a.account_id, b.platform FROM events AS a JOIN events AS b WITHIN 1 HOUR
      ON b.account_id = a.account_id ${close};
    CREATE RULE alone AS SELECT account_id, platform FROM events AS a WHERE NOT EXISTS (SELECT 1 FROM events AS b
      WHERE b.account_id = a.account_id AND b.event_type = 'none' WITHIN 5 MINUTES) ${close};`;
  const { plan } = compile([{ path: 'row.rule.sql', text: rule }]);
  assert.ok(plan);
  const all = run(plan);
  for (const name of ['row', 'pair', 'alone']) {
    const closed = all.find((one) => one.rule === name && one.status === 'closed');
    assert.ok(closed);
    const opened = all.find(({ id }) => id === closed.id);
    // Another detection may have been decided at the same time.
    const isTold = (at_ms: number) =>
      all.some(
        (one) =>
          one.rule === name && one.revision === 1 && one.decided_at === at_ms && one.values[0] === closed.values[0],
      );
    assert.equal(isTold(closed.decided_at), false);
    const question = {
      rule: name,
      subject: String(closed.values[0]),
      moment: () => closed.decided_at,
      with_param: () => null,
    };
    const answer = await why(question, plan, (changed) => [run(changed)]);
    assert.ok(!('error' in answer), JSON.stringify(answer));
    assert.equal(
      whyText(answer, String).answer[0],
      `no new detection: revision 2 at ${closed.decided_at} closed detection ${closed.id}, which fired at ${opened?.decided_at}`,
    );
  }
});

test('what an exception mutes is said with its name, and within the minute that was asked for', async () => {
  const rule = `CREATE RULE tries AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
    WINDOW SLIDING 15 MINUTES HAVING n >= 2;
    CREATE EXCEPTION known FOR tries MUTE WHERE n >= 2 BECAUSE 'a test';`;
  const { plan } = compile([{ path: 'tries.rule.sql', text: rule }]);
  assert.ok(plan);
  const [{ key, decided_at }] = run(plan);
  const moment = () => decided_at + 59_000;
  const question = { rule: 'tries', subject: key.join(' '), moment, span_ms: 59_999, with_param: () => null };
  const answer = await why(question, plan, (changed) => [run(changed)]);
  assert.ok(!('error' in answer), JSON.stringify(answer));
  assert.match(whyText(answer, String).answer[0], /^fired at \d+, muted by exception known$/);
});

test('every detection of the sample is explained as fired, by the same detection, and each clause lets at most as many through', async () => {
  const { plan } = compile(files);
  assert.ok(plan);
  const detections = run(plan).filter(({ key, suppressed_by }) => key.length > 0 && suppressed_by === null);
  assert.ok(detections.length >= 3);
  for (const { rule, key, decided_at, id } of detections) {
    const with_param = () => null;
    const question = { rule, subject: key.join(' '), moment: () => decided_at, with_param };
    const answer = await why(question, plan, (changed) => [run(changed)]);
    assert.ok(!('error' in answer), `${rule} ${JSON.stringify(answer)}`);
    assert.deepEqual([answer.outcome, answer.firing?.id], ['fired', id], rule);
    assert.equal(
      answer.conditions.every(({ truth }) => truth === true),
      true,
      rule,
    );
    const counts = answer.funnel.map(({ rows }) => rows);
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => b - a),
      'each clause lets at most as many through',
    );
  }
});

test('a value of a PARAM that is named makes the rule fire when it is run with it', async () => {
  const quiet = compile(files, { params: new Map([['account_guessing.min_failures', 100]]) }).plan;
  assert.ok(quiet);
  const with_param = (name: string, value: number) => {
    const changed = compile(files, { params: new Map([[`account_guessing.${name}`, value]]) }).plan;
    return changed === null ? null : flatOperator('account_guessing', changed);
  };
  const question = { rule: 'account_guessing', subject: 'acct_417', moment: null, with_param };
  const answer = await why(question, quiet, (changed) => [run(changed)]);
  assert.ok(!('error' in answer));
  const [{ param, value, now }] = answer.would_fire_with;
  assert.deepEqual([answer.outcome, param, now], ['not_true', 'min_failures', 100]);
  const fires = (least: number) => {
    const { plan } = compile(files, { params: new Map([['account_guessing.min_failures', least]]) });
    return plan === null
      ? 0
      : run(plan).filter((one) => one.rule === 'account_guessing' && one.key.includes('acct_417')).length;
  };
  assert.deepEqual([fires(value) > 0, fires(value + 1)], [true, 0]);
});

test('a rule ACROSS TENANTS is explained over all that share, and an event that an exception ignores is named so', async () => {
  const text = `CREATE STREAM events SHARING TENANTS 'a', 'b', 'c';
CREATE RULE campaign ACROSS TENANTS PARAM least int = 3 AS
SELECT account_id, count(DISTINCT tenant_id) AS tenants FROM events
GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING tenants >= :least;
CREATE EXCEPTION pentest FOR campaign IGNORE WHERE actor.ip IN '198.51.100.0/24' BECAUSE 'a test';`;
  const { plan } = compile([{ path: 'r.rule.sql', text }]);
  assert.ok(plan);
  const replay = (changed: ProgramPlan): readonly Detection[][] => {
    const engine = new Engine(buildProgram(changed));
    ['d', 'a', 'b', 'c'].forEach((tenant_id, i) => {
      const actor = { ip: tenant_id === 'b' ? '198.51.100.7' : '192.0.2.1' };
      const event = {
        timestamp: received_at + i * 1000,
        platform: 'x',
        event_type: 'login',
        account_id: 'k',
        tenant_id,
      };
      const bytes = utf8.encode(JSON.stringify({ ...event, actor }));
      engine.apply(i, { kind: 'record', record: { partition: 'p', position: i, received_at, bytes } });
    });
    engine.apply(4, { kind: 'end' });
    return [[...engine.advance().detections]];
  };
  const with_param = (_: string, value: number) => {
    const changed = compile([{ path: 'r.rule.sql', text }], { params: new Map([['campaign.least', value]]) }).plan;
    return changed === null ? null : flatOperator('campaign', changed);
  };
  const answer = await why({ rule: 'campaign', subject: 'k', moment: null, with_param }, plan, replay);
  assert.ok(!('error' in answer), JSON.stringify(answer));
  assert.deepEqual(
    answer.funnel.map(({ text, rows }) => `${rows} ${text}`),
    ['4 events of the key', "3 tenant_id IN ('a', 'b', 'c')", '2 not excepted by pentest'],
  );
  assert.deepEqual([answer.tenant, answer.outcome, answer.conditions[0]?.left], ['*', 'not_true', 2]);
  assert.deepEqual(
    answer.just_missed.map(({ text }) => text),
    ["not tenant_id IN ('a', 'b', 'c')", 'excepted by pentest'],
  );
  assert.deepEqual(answer.would_fire_with, [{ param: 'least', value: 2, now: 3 }]);
});

test('a rule may have any name: the probes that ask about it have others', async () => {
  const names = ['tries', 'groups', 'probe', 'rows', 'left', 'passing'];
  const answers = await Promise.all(
    names.map(async (name) => {
      const rule = `CREATE RULE ${name} AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
        WINDOW SLIDING 15 MINUTES HAVING n >= 2;`;
      const { plan } = compile([{ path: 'r.rule.sql', text: rule }]);
      assert.ok(plan);
      const [{ key, decided_at }] = run(plan);
      const question = { rule: name, subject: key.join(' '), moment: () => decided_at, with_param: () => null };
      const answer = await why(question, plan, (changed) => [run(changed)]);
      assert.ok(!('error' in answer), JSON.stringify(answer));
      assert.equal(answer.outcome, 'fired', name);
      return answer.funnel;
    }),
  );
  for (const funnel of answers) assert.deepEqual(funnel, answers[0]);
});
