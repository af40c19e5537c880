import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTime } from '../../../ui-api/cli/backtest-input.ts';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { momentOf, splitAt } from '../../../ui-api/cli/why-at.ts';
import { ruleFolder, smallPack } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const start_ms = Date.UTC(2026, 2, 30, 9, 13);
const login = (id: string, second: number, account_id: string, result: string) =>
  `${JSON.stringify({ timestamp: start_ms + second * 1000, event_id: id, platform: 'p', event_type: 'login', account_id, result })}\n`;
const single = `CREATE RULE risky SEVERITY low PARAM least float = 0.9 IN 0 TO 1 AS
SELECT account_id FROM events WHERE event_type = 'login' AND details.score::float >= :least;
CREATE RULE guess_more SEVERITY low PARAM n int = 4 IN 2 TO 5 AS
SELECT account_id, count(*) AS failures FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= :n SUPPRESS BY account_id FOR 1 HOUR;
CREATE RULE fail_then_success SEVERITY low AS SELECT e.account_id FROM events AS e WHERE e.result = 'fail'
AND EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id AND s.result = 'success' WITHIN (AFTER 5 SECONDS));
CREATE RULE everyone SEVERITY low AS SELECT count(*) AS n FROM events WINDOW SLIDING 1 HOUR HAVING n >= 99;
CREATE RULE hourly SEVERITY low AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING n = 3;
`;
const files = {
  ...smallPack,
  'rules/auth/more.rule.sql': single,
  'events.ndjson': [
    login('e0', 0, 'a', 'fail'),
    login('e1', 10, 'a', 'success'),
    login('e2', 20, 'a', 'fail'),
    login('e3', 30, 'a', 'fail'),
    login('e4', 40, 'a', 'fail'),
    login('b0', 41, 'b', 'fail'),
    login('b1', 42, 'b', 'fail'),
    login('a9', 120, 'a', 'fail').replaceAll('"fail"', '"fail","score":0.5'),
    login('a10', 121, 'a', 'fail'),
    login('a11', 122, 'a', 'fail'),
    login('a12', 123, 'a', 'fail'),
  ].join(''),
};
type Context = Parameters<typeof ruleFolder>[0];
const ask = (context: Context, ...args: string[]) =>
  runCli(addWhyCommand, ruleFolder(context, files), 'why', ...args, '--utc');
const from = ['--from', 'events.ndjson', '--as-of', '2026-04-01'];

test('why it did not fire: the funnel from the events through a view, how near, which PARAM, what just missed', async (context) => {
  const { code, stdout } = await ask(context, 'guess', '--at', 'b', ...from);
  assert.equal(code, 0);
  assert.match(stdout, /^guess, plan [0-9a-f]{16}: b, the 1 minute up to 30 Mar 09:13:42\n/);
  assert.match(stdout, /\n {4}events of the key +2\n {4}event_type = 'login' +2\n {4}auth\.result = 'fail' +2\n/);
  assert.match(stdout, /\n {4}count\(\*\) >= 3 +2 \/ 3 {3}← one short of 3\n {2}did not fire: HAVING was not true\n$/);
  const changed = await ask(context, 'guess_more', '--at', 'b', ...from);
  assert.match(changed.stdout, /would have fired with n = 2 \(now 4\)/);
  const missed = await ask(context, 'guess_more', '--at', 'e3', ...from);
  assert.match(
    missed.stdout,
    /just missed: the event at 30 Mar 09:13:10: auth\.result is success: not auth\.result = 'fail'/,
  );
  assert.match(missed.stdout, /would have fired with n = 3 \(now 4\)\n {2}true at 30 Mar 09:1/);
});

test('why it fired: at the event that made it true, once; suppressed afterwards', async (context) => {
  const fired = await ask(context, 'guess', '--at', 'e3', ...from);
  assert.match(fired.stdout, / {2}fired at 30 Mar 09:13:30: detection [0-9a-f]{32}\n/);
  const again = await ask(context, 'guess', '--at', 'e4', ...from);
  assert.match(again.stdout, /is true here and was true before, so this is no new detection: fired at 30 Mar 09:13:30/);
  const suppressed = await ask(context, 'guess_more', '--at', 'a12', ...from);
  assert.match(suppressed.stdout, /fired at 30 Mar 09:15:03, suppressed by detection [0-9a-f]{32}\n/);
});

test('a window that is decided at its end, and a rule about one event', async (context) => {
  const hourly = await ask(context, 'hourly', '--at', 'b@09:30', ...from);
  assert.match(hourly.stdout, /the tumbling window from 30 Mar 09:00:00 up to 30 Mar 10:00:00\n/);
  assert.match(hourly.stdout, /count\(\*\) = 3 +2 \/ 3 {3}← not true/);
  const risky = await ask(context, 'risky', '--at', 'a9', ...from);
  assert.match(risky.stdout, /one event, at 30 Mar 09:15:00\n {4}event_type = 'login' +login +true\n/);
  assert.match(risky.stdout, /details\.score::float >= 0\.9 +0\.5 \/ 0\.9 {3}← 0\.4 short of 0\.9\n/);
  assert.match(risky.stdout, /would have fired with least = 0\.5 \(now 0\.9\)/);
  assert.match((await ask(context, 'risky', '--at', 'a10', ...from)).stdout, /NULL: neither true nor false/);
});

test('a rule over EXISTS: the funnel of the rows on the other side, as a table and as JSON', async (context) => {
  const { stdout } = await ask(context, 'fail_then_success', '--at', 'e0', ...from);
  assert.equal(
    stdout.replace(/[0-9a-f]{16}/, 'HASH'),
    `fail_then_success, plan HASH: one event, at 30 Mar 09:13:00
    auth.result = 'fail'                        fail   true
    EXISTS events AS s within 5 seconds after
      events of the same account_id nearby         8
      in reach of WITHIN                           0
      s.auth.result = 'success'                    0
  did not fire
  no partner: nothing matches EXISTS events AS s within 5 seconds after
  nearest in time: the event at 30 Mar 09:13:10 would match, 5 seconds too late
`,
  );
  const json = await ask(context, 'fail_then_success', '--at', 'e1', ...from, '--format', 'json');
  const [{ kind, asked, nearest, matches }] = JSON.parse(json.stdout).joins;
  assert.deepEqual([kind, matches, asked.id, asked.off_ms], ['semi', 0, 'e1', 5000]);
  assert.deepEqual(nearest, { at_ms: start_ms + 10_000, id: 'e1', off_ms: 5000 });
});

test('a view, a moment without rows, and the answer as JSON', async (context) => {
  assert.match((await ask(context, 'failed', '--at', 'e0', ...from)).stdout, /auth\.result = 'fail' +fail +true/);
  const quiet = await ask(context, 'guess', '--at', 'a@2026-03-30T12:00:00Z', ...from);
  assert.match(quiet.stdout, /did not fire: no row of the key passed WHERE in this window/);
  const json = await ask(context, 'guess', '--at', 'b', ...from, '--format', 'json');
  const { outcome, funnel, nearest, window } = JSON.parse(json.stdout);
  assert.deepEqual([outcome, funnel.length, nearest.conditions[0].left], ['not_true', 3, 2]);
  assert.deepEqual(window, { kind: 'sliding', from_ms: start_ms - 18_000, to_ms: start_ms + 42_000 });
  const line = await ask(context, 'guess', '--at', 'b', ...from, '--format', 'ndjson');
  assert.deepEqual(JSON.parse(line.stdout), JSON.parse(json.stdout));
});

test('a rule test: its expectation says the key and the time, from the start of the test', async (context) => {
  const { stdout } = await ask(context, 'guess', '--test', 'two fire');
  assert.match(stdout, /guess, plan [0-9a-f]{16}: a, the 1 minute up to 10s\n[\s\S]*2 \/ 3 {3}← one short of 3/);
  const named = await ask(context, 'guess', '--test', 'three…', '--at', 'a@20s');
  assert.match(named.stdout, /fired at 20s: detection/);
});

test('what does not exist: the nearest name, the keys that there are', async (context) => {
  const cases: [string[], RegExp][] = [
    [['gues', '--at', 'a', ...from], /there is no rule or view gues\n {2}hint: did you mean guess\?/],
    [['guess', '--at', 'zzz', ...from], /no event that guess reads has the id or the key zzz\n {2}hint: keys: a \| b/],
    [['guess', '--at', 'a'], /needs events: --from FILE, --from log, or --test NAME/],
    [['guess', ...from], /needs a key or an event: --at KEY/],
    [['guess', '--at', 'a', '--from', '-'], /stdin cannot be/],
    [['guess', '--at', 'a', '--from', 'none'], /none does not exist/],
    [['guess', '--at', 'a', '--from', 'log'], /there is no log in/],
    [
      ['guess', '--test', 'two fires'],
      /there is no test with guess named two fires\n {2}hint: did you mean two fire\?/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, stderr, stdout } = await ask(context, ...args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});

test('--at: a mail address is a key; a time of day is the one nearest to an event', () => {
  const split = (text: string) => splitAt(text, parseTime);
  assert.deepEqual(split('bob@example.com'), { subject: 'bob@example.com', time: null });
  assert.deepEqual(split('bob@example.com@09:13'), {
    subject: 'bob@example.com',
    time: { kind: 'clock', to_ms: 9 * 3_600_000 + 14 * 60_000 - 1, span_ms: 59_999 },
  });
  assert.throws(() => split('a@25:00'), { message: '25:00 is no time of day' });
  assert.throws(() => split('a@2026-13-45'), { message: '2026-13-45 is no time' });
  assert.deepEqual(split('a@2026-03-30').time, { kind: 'at', time_ms: Date.UTC(2026, 2, 30), span_ms: 0 });
  const second = { kind: 'at', time_ms: Date.UTC(2026, 2, 30, 9, 13, 7, 999), span_ms: 999 };
  assert.deepEqual(split('a@2026-03-30T09:13:07Z').time, second);
  const near = momentOf({ kind: 'clock', to_ms: 1, span_ms: 0 }, 'utc');
  assert.equal(near?.([Date.UTC(2026, 2, 30, 23, 59), Date.UTC(2026, 2, 28, 12)]), Date.UTC(2026, 2, 31) + 1);
});

test('a rule with one group for all events is asked about by a time alone, and says so to who names a key', async (context) => {
  const named = await ask(context, 'everyone', '--at', 'a', ...from);
  assert.equal(named.code, 2);
  assert.match(
    named.stderr,
    /everyone has one group for all events, .* has the id a\n {2}hint: ask with a time alone, --at @09:13/,
  );
  const timed = await ask(context, 'everyone', '--at', '@09:13', ...from);
  assert.match(timed.stdout, /^everyone, plan \w+: all events, the 1 hour up to 30 Mar 09:13:42\n {4}events +7\n/);
});
