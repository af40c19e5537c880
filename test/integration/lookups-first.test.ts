import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SegmentLog } from '../../connectors/index.ts';
import { lookupContent } from '../../engine/index.ts';
import { recordFirst } from '../../ui-api/live/first-lookups.ts';
import { ruleFolder } from '../ui-api/cli/rule-folder.ts';
import { detectionsOf, WeirProcess } from './weir-process.ts';

const rules = `CREATE LOOKUP trusted (account_id string PRIMARY KEY) WITH (source = 'trusted.csv');
CREATE RULE trusted_reset AS SELECT account_id FROM events WHERE event_type = 'password_reset' AND account_id IN LOOKUP trusted;
CREATE RULE other_reset AS SELECT account_id FROM events WHERE event_type = 'password_reset' AND account_id NOT IN LOOKUP trusted;`;
const now_ms = Date.UTC(2026, 0, 5, 10);
const reset = (account_id: string, minutes: number) => {
  const timestamp = new Date(now_ms - minutes * 60_000).toISOString();
  return JSON.stringify({ timestamp, platform: 'x', event_type: 'password_reset', account_id, event_id: account_id });
};
/** More than a start delivers at once, so that the first are released long before the log's end is read. */
const others = Array.from({ length: 5000 }, (_, i) => {
  return reset(`e${i}`, 58 - i / 100).replace('password_reset', 'page_view');
});
const events = [reset('zed', 60), reset('old', 59), ...others, reset('amy', 2), reset('last', 1)].join('\n');

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;

/** What the command says on stdout. */
function weir(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** A folder whose log has the events, as `weir ingest` writes them where no Weir runs. */
function ingested(t: TestContext): { folder: string; data: string } {
  const files = { 'rules/a.rule.sql': rules, 'rules/trusted.csv': 'account_id\nzed\n', 'old.ndjson': `${events}\n` };
  const folder = ruleFolder(t, files);
  const data = join(folder, 'var');
  weir(folder, 'ingest', 'old.ndjson', '--data', data);
  return { folder, data };
}

/** What a start finds in the history, by rule and account. */
async function liveOf({ folder, data }: { folder: string; data: string }): Promise<string[]> {
  const running = await WeirProcess.start([join(folder, 'rules')], data);
  assert.equal(await running.end('SIGINT'), 0, running.stderr);
  return detectionsOf(data).map(({ rule, key, values }) => `${rule} ${JSON.stringify([key, values])}`);
}

function backtest(folder: string, ...args: string[]): string[] {
  const records = weir(folder, 'backtest', 'rules', ...args)
    .split('\n')
    .filter(Boolean);
  return records
    .map((line) => JSON.parse(line))
    .map(({ rule, key, values }) => `${rule} ${JSON.stringify([key, values])}`);
}

test('S13 what was taken in before the first start is judged with the rows that the lookups have then', async (t) => {
  const world = ingested(t);
  const ofFile = backtest(world.folder, '--from', 'old.ndjson');
  assert.equal(ofFile.length, 4);
  // W has not passed the last event yet.
  const live = await liveOf(world);
  assert.ok(live.length >= 3, String(live));
  assert.deepEqual(live, ofFile.slice(0, live.length));
  const log = ['--from', 'log', '--data', world.data];
  assert.deepEqual(backtest(world.folder, ...log), live);
  assert.deepEqual(backtest(world.folder, ...log, '--as-arrived'), live);
  rmSync(join(world.data, 'checkpoints'), { recursive: true });
  assert.deepEqual(
    (await liveOf(world)).slice(0, live.length),
    live,
    'a start that reads the log again finds the same',
  );
});

test('S13 the same where the first start ended before it judged anything', async (t) => {
  const world = ingested(t);
  const content = lookupContent('trusted', [{ name: 'account_id', type: 'string' }], [['zed']]);
  const log = await SegmentLog.open({ directory: join(world.data, 'log') });
  const files = { stamp: () => '', read: () => ({ contents: [content], problems: [] }) };
  await recordFirst(log, files);
  const { end_position } = log;
  await recordFirst(log, files);
  assert.equal(log.end_position, end_position, 'once');
  await log.close();
  const ofFile = backtest(world.folder, '--from', 'old.ndjson');
  const live = await liveOf(world);
  assert.ok(live.length >= 3, String(live));
  assert.deepEqual(live, ofFile.slice(0, live.length));
  assert.match(readFileSync(join(world.data, 'detections.ndjson'), 'utf8'), /"rule":"trusted_reset"/);
});

test('S13 a file of a lookup that is gone or broken keeps no Weir from starting: the rows of the log stay, and it is told', async (t) => {
  const world = ingested(t);
  await liveOf(world);
  const file = join(world.folder, 'rules', 'trusted.csv');
  for (const spoil of [() => rmSync(file), () => writeFileSync(file, 'name\nzed\n')]) {
    spoil();
    const running = await WeirProcess.start([join(world.folder, 'rules')], world.data);
    assert.equal(await running.end('SIGINT'), 0, running.stderr);
    assert.match(running.stderr, /warning: .*trusted.*: trusted keeps the rows that the log recorded last/);
  }
  const other = join(world.folder, 'other');
  await assert.rejects(
    WeirProcess.start([join(world.folder, 'rules')], other),
    /1 error in the lookups, nothing was run[\s\S]*the log recorded no rows of trusted either/,
  );
});
