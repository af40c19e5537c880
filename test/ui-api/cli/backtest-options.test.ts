import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addBacktestCommand } from '../../../ui-api/cli/backtest.ts';
import { calm, worldOf } from '../../integration/column-folder-world.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const rule = "CREATE RULE logins AS SELECT account_id FROM events WHERE event_type = 'login';";
const event =
  '{"timestamp":"2026-03-01T10:00:00Z","platform":"x","event_type":"login","account_id":"a","event_id":"e"}\n';

const refused: Record<string, [readonly string[], RegExp]> = {
  'late events in time, and in the order of arrival': [
    ['--from', 'log', '--late', 'include', '--as-arrived'],
    /--as-arrived takes events as they came, and --late include as if they had been in time.*leave one of them away/s,
  ],
  'threads for a file': [['--from', 'e.ndjson', '--threads', '2'], /--threads says something about --from log only/],
  'progress of a file': [['--from', 'e.ndjson', '--progress'], /--progress says something about --from log only/],
  'no threads': [['--from', 'log', '--threads', '0'], /--threads/],
};

for (const [what, [flags, message]] of Object.entries(refused)) {
  test(`what cannot be meant is refused: ${what}`, async (t) => {
    const folder = ruleFolder(t, { 'rules/a.rule.sql': rule, 'e.ndjson': event });
    const { code, stderr } = await runCli(addBacktestCommand, folder, 'backtest', ...flags);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  });
}

test('what no live engine would have said is not called so', async (t) => {
  const { folder } = await worldOf(t, 5, 60, calm);
  const said = async (...flags: string[]) => {
    const args = ['backtest', 'rules', '--from', 'log', '--data', join(folder, 'var'), ...flags];
    const { code, stderr } = await runCli(addBacktestCommand, folder, ...args);
    assert.equal(code, 0, stderr);
    return stderr;
  };
  assert.match(await said(), /this is what the live engine would have said/);
  for (const flags of [
    ['--lookups', 'latest'],
    ['--late', 'include'],
  ]) {
    const hindsight = await said(...flags);
    assert.match(hindsight, /with what was not known then: no live engine would have said this/);
    assert.doesNotMatch(hindsight, /this is what the live engine/);
  }
});

test('--since behind the last event is told', async (t) => {
  const { folder } = await worldOf(t, 5, 60, calm);
  const args = ['backtest', 'rules', '--from', 'log', '--data', join(folder, 'var')];
  const far = ['--since', '2030-01-01', '--summary', 'summary.json'];
  const { stderr } = await runCli(addBacktestCommand, folder, ...args, ...far);
  assert.match(stderr, /note: --since 2030-01-01T00:00:00.000Z is behind the last event, which is of 2026-/);
  const { notes } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as { notes: string[] };
  const told = [...stderr.matchAll(/^ {2}note: (.*)$/gm)].map(([, note]) => note);
  assert.deepEqual(notes, told, 'the summary keeps what is told before it');
  const { stderr: before } = await runCli(addBacktestCommand, folder, ...args, '--since', '2026-01-05T10:00:10Z');
  assert.doesNotMatch(before, /is behind the last event/);
});

test('what is read, what Weir keeps, and one file twice are not written to', async (t) => {
  const folder = ruleFolder(t, { 'rules/a.rule.sql': rule, 'events.ndjson': event });
  mkdirSync(join(folder, 'var', 'runs', 'r1'), { recursive: true });
  writeFileSync(join(folder, 'var', 'detections.ndjson'), 'kept');
  symlinkSync('events.ndjson', join(folder, 'link'));
  const said = async (...args: string[]) => {
    const { code, stderr } = await runCli(
      addBacktestCommand,
      folder,
      'backtest',
      'rules',
      '--from',
      'events.ndjson',
      ...args,
    );
    return `${code} ${stderr}`;
  };
  for (const flag of ['--out', '--tables', '--summary', '--dead-letters']) {
    for (const path of ['events.ndjson', 'link', './rules/../events.ndjson']) {
      assert.match(
        await said(flag, path),
        new RegExp(`^2 error: ${flag} .* is the file that --from reads.*another file`, 's'),
      );
    }
    assert.match(
      await said(flag, 'var/detections.ndjson'),
      /^2 error: .* is a file that Weir keeps in its data folder/,
    );
    assert.match(await said(flag, 'var/log/x'), /^2 error: .* is a file that Weir keeps in its data folder/);
  }
  assert.match(await said('--out', 'o', '--summary', './o'), /^2 error: --out and --summary name one file/);
  assert.match(await said('--out', '/dev/null', '--summary', '/dev/null'), /^0 /);
  assert.match(await said('--out', 'var/runs/r1/detections.ndjson', '--summary', 'var/runs/r1/summary.json'), /^0 /);
  assert.equal(readFileSync(join(folder, 'events.ndjson'), 'utf8'), event);
  assert.equal(readFileSync(join(folder, 'var', 'detections.ndjson'), 'utf8'), 'kept');
});

test('what the end of a file closes is counted, and what would have been late live is said beside the promise', async (t) => {
  const at = (minute: number, id: string, type: string) =>
    `{"timestamp":"2026-03-01T10:${String(minute).padStart(2, '0')}:00Z","platform":"x","event_type":"${type}","account_id":"a${id}","event_id":"e${id}"}`;
  const gone = `CREATE RULE gone AS SELECT e.account_id FROM events AS e WHERE e.event_type = 'reset'
AND NOT EXISTS (SELECT 1 FROM events AS b WHERE b.account_id = e.account_id AND b.event_type = 'login' WITHIN (AFTER 15 MINUTES));`;
  const lines = [at(0, '1', 'reset'), at(20, '2', 'login'), at(25, '3', 'reset'), at(26, '4', 'login')];
  const folder = ruleFolder(t, { 'rules/a.rule.sql': gone, 'in-order.ndjson': `${lines.join('\n')}\n` });
  writeFileSync(join(folder, 'late.ndjson'), `${[...lines, at(3, '5', 'login')].join('\n')}\n`);
  const said = async (...args: string[]) => {
    const all = ['backtest', 'rules', '--as-of', '2026-03-02', '--summary', 'summary.json', '--utc', ...args];
    const { code, stderr } = await runCli(addBacktestCommand, folder, ...all);
    assert.equal(code, 0, stderr);
    return { stderr, summary: JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) };
  };
  const whole = await said('--from', 'in-order.ndjson');
  assert.equal(whole.summary.rules.gone.detections, 2);
  assert.equal(whole.summary.behind_end, 1, 'the second reset waits until 10:40, and the file ends at 10:26');
  assert.match(
    whole.stderr,
    /1 detection of the time behind the last event \(.*\): the end of a file closes what is open/,
  );
  assert.match(whole.stderr, /this is what the live engine would have said\n/);
  const part = await said('--from', 'in-order.ndjson', '--until', '2026-03-01T10:26:30Z');
  assert.deepEqual([part.summary.behind_end, part.summary.undecided], [0, 1]);
  assert.doesNotMatch(part.stderr, /behind the last event/);
  const late = await said('--from', 'late.ndjson');
  assert.match(late.stderr, /this is what the live engine would have said, had nothing been late\n/);
  const arrived = await said('--from', 'late.ndjson', '--as-arrived');
  assert.match(arrived.stderr, /this is what the live engine would have said\n/);
  assert.equal(arrived.summary.behind_end, 1);
});
