import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SegmentLog } from '../../../connectors/index.ts';
import { lookupContent } from '../../../engine/index.ts';
import { addBacktestCommand } from '../../../ui-api/cli/backtest.ts';
import { addWhyCommand } from '../../../ui-api/cli/why.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const file = 'rules/friends.csv';
const files = {
  'rules/friends.lookup.sql': "CREATE LOOKUP friends (name string PRIMARY KEY) WITH (source = 'friends.csv');\n",
  'rules/stranger.rule.sql':
    'CREATE RULE stranger SEVERITY low AS SELECT account_id FROM events WHERE account_id NOT IN LOOKUP friends;\n',
  [file]: 'name\nmara\nivo\n',
};
const start_ms = Date.UTC(2026, 2, 1);
const names = [{ name: 'name', type: 'string' }] as const;

/** A log in which mara is a friend at first and ivo from the tenth second on; both are seen before and after. */
async function recorded(context: TestContext, versions: boolean): Promise<string> {
  const folder = ruleFolder(context, files);
  const log = await SegmentLog.open({ directory: join(folder, 'var/log') });
  const rows = (name: string, from_ms: number) => {
    const { version, bytes } = lookupContent('friends', names, [[name]]);
    return { kind: 'lookup' as const, name: 'friends', from_ms, version, bytes };
  };
  const record = (account_id: string, second: number) => {
    const timestamp = start_ms + second * 1000;
    const event = { timestamp, event_id: `${account_id}${second}`, platform: 'p', event_type: 'login', account_id };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    return {
      kind: 'record' as const,
      record: { partition: 'p', position: second * 10 + account_id.length, received_at: timestamp, bytes },
    };
  };
  const seen = (second: number) => [record('mara', second), record('ivo', second)];
  const entries = [
    ...(versions ? [rows('mara', Number.NEGATIVE_INFINITY)] : []),
    ...seen(1),
    ...(versions ? [rows('ivo', start_ms + 10_000)] : []),
    ...seen(11),
    { kind: 'end' as const },
  ];
  await log.append(entries);
  await log.close();
  return folder;
}

const backtest = (folder: string, ...more: string[]) =>
  runCli(addBacktestCommand, folder, 'backtest', 'rules', '--from', 'log', ...more);
const accountsIn = (text: string) => [...text.matchAll(/"account_id":"(\w+)"/g)].map(([, account]) => account);

test('S13 a backtest of the log takes the recorded rows of a lookup whose file is gone or broken, and says so', async (context) => {
  const folder = await recorded(context, true);
  const whole = await backtest(folder);
  assert.equal(whole.code, 0, whole.stderr);
  assert.deepEqual(accountsIn(whole.stdout), ['ivo', 'mara']);
  assert.doesNotMatch(whole.stderr, /recorded/);
  rmSync(join(folder, file));
  const gone =
    /note: the lookup friends has no file friends\.csv: the rows of friends are those that the log recorded \(2 versions\), as live/;
  for (const more of [[], ['--as-arrived']]) {
    const without = await backtest(folder, ...more);
    assert.equal(without.code, 0, without.stderr);
    assert.equal(without.stdout, whole.stdout);
    assert.match(without.stderr, gone);
    assert.doesNotMatch(without.stderr, /error/);
  }
  writeFileSync(join(folder, file), 'nome\nmara\n');
  const broken = await backtest(folder);
  assert.equal(broken.stdout, whole.stdout);
  assert.match(broken.stderr, /note: .*name.*: the rows of friends are those that the log recorded \(2 versions\)/);
  const asked = await runCli(addWhyCommand, folder, 'why', 'stranger', '--from', 'log', '--at', 'mara11');
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(asked.stderr, /the rows of friends are those that the log recorded/);
});

test('S13 where the log recorded no rows of such a lookup, or today’s are asked for, it is refused', async (context) => {
  const folder = await recorded(context, false);
  assert.equal((await backtest(folder)).code, 0);
  rmSync(join(folder, file));
  const without = await backtest(folder);
  assert.equal(without.code, 1);
  assert.equal(without.stdout, '');
  assert.match(without.stderr, /the lookup friends has no file friends\.csv/);
  assert.match(without.stderr, /the log recorded no rows of friends either: mend the file/);
  const known = await recorded(context, true);
  rmSync(join(known, file));
  const latest = await backtest(known, '--lookups', 'latest');
  assert.equal(latest.code, 1);
  assert.match(latest.stderr, /the lookup friends has no file friends\.csv/);
});
