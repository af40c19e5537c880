import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cursorsOf } from '../../connectors/index.ts';
import { buildProgram, compile, loadRuleFiles } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord, type LogEntry } from '../../engine/index.ts';
import { LogHistory } from '../../ui-api/cli/log-history.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { TestWeir } from './test-weir.ts';

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
const start_ms = Date.parse('2026-01-05T10:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'weir-growing-'));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'rules'));
writeFileSync(
  join(folder, 'rules', 'few.rule.sql'),
  `CREATE RULE few AS SELECT account_id, count(*) AS n FROM events
   GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING n < 3;`,
);
const { plan } = compile(loadRuleFiles(diskReader(folder), ['rules']).rules);
assert.ok(plan);
const program = buildProgram(plan);

const line = (event_id: string, timestamp: number) =>
  JSON.stringify({ event_id, account_id: 'ann', timestamp, platform: 'inhouse', event_type: 'login' });

async function backtest(data: string, ...args: string[]) {
  const summary = join(folder, 'summary.json');
  const all = [entry, 'backtest', 'rules', '--from', 'log', '--data', data, '--summary', summary, ...args];
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    execFile(process.execPath, all, { cwd: folder }, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(error),
    );
  });
  const records = stdout.split('\n').filter(Boolean);
  const cores = records.map((text) => coreOf(JSON.parse(text) as DetectionRecord));
  return { cores, stderr, summary: JSON.parse(readFileSync(summary, 'utf8')) };
}

test('S5 S14 a log is not a file that ended: its backtest says what W has decided and counts the rest', async () => {
  const weir = new TestWeir(program, folder, start_ms + 60_000);
  await weir.start();
  await weir.post([line('1', start_ms), line('2', start_ms + 20_000)], 'p');
  for (const way of [[], ['--as-arrived']]) {
    const { cores, stderr, summary } = await backtest(weir.data, ...way);
    assert.deepEqual(cores, [], 'the hour is not over, and its count may still grow');
    assert.equal(summary.undecided, 1);
    const times = [start_ms, start_ms + 20_000].map((ms) => new Date(ms).toISOString());
    assert.deepEqual([summary.first_event, summary.last_event], times);
    assert.equal(summary.watermark, new Date(start_ms + 15_000).toISOString());
    // W is at 15 s, and the second event at 20 s: no rule has judged it, and the summary says so as its text does.
    assert.deepEqual([summary.after_until, summary.after_watermark], [0, 1]);
    assert.match(stderr, /\n {2}1 event not judged yet, 1 detection undecided: the log goes on, and is decided up to /);
    const beyond = await backtest(weir.data, ...way, '--until', '2026-02-01');
    assert.equal(beyond.summary.undecided, 1, 'W has not come to --until');
    assert.deepEqual([beyond.summary.after_until, beyond.summary.after_watermark], [0, 1]);
    const within = await backtest(weir.data, ...way, '--until', new Date(start_ms + 10_000).toISOString());
    assert.deepEqual([within.summary.after_until, within.summary.after_watermark], [1, 0]);
  }
  const later = await backtest(weir.data, '--until', '2026-02-01');
  assert.deepEqual(later.cores, [], '--until does not reach beyond W');
  await weir.post([line('3', start_ms + 30_000)], 'p');
  await weir.quiet();
  await weir.post([line('4', weir.now_ms)], 'p');
  await weir.quiet();
  await weir.stop();
  const live = weir.published().map(coreOf);
  assert.equal(live.length, 1, 'the first hour has three events, the last one event');
  for (const way of [[], ['--as-arrived']]) {
    const { cores, summary } = await backtest(weir.data, ...way);
    assert.deepEqual(cores, live);
    assert.equal(summary.undecided, 0);
  }
});

test('S14 an end entry closes the log; a record without a stored verdict gets the one that a restart gives it', async () => {
  const record = (position: number, timestamp: number): LogEntry => {
    const bytes = Buffer.from(line(`e${position}`, timestamp));
    return { kind: 'record', record: { partition: 'p', position, received_at: start_ms + 60_000, bytes } };
  };
  async function* log(entries: readonly LogEntry[]) {
    for (let position = 0; position < entries.length; position++) yield { position, entry: entries[position] };
  }
  const records = [record(0, start_ms), record(1, start_ms + 20_000), record(2, start_ms)];
  const open = await LogHistory.read(() => cursorsOf(log(records)), program);
  assert.equal(open.watermark_ms, start_ms + 15_000);
  assert.deepEqual(
    [0, 1, 2].map((position) => open.of(position)),
    ['accepted', undefined, 'late'],
  );
  assert.equal(open.end_position, 3);
  const stored: LogEntry = { kind: 'verdict', position: 2, verdict: 'duplicate', detail: '' };
  const ended = await LogHistory.read(() => cursorsOf(log([...records, stored, { kind: 'end' }])), program);
  assert.equal(ended.watermark_ms, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    [0, 1, 2].map((position) => ended.of(position)),
    ['accepted', 'accepted', 'duplicate'],
  );
  const empty = await LogHistory.read(() => cursorsOf(log([])), program);
  assert.equal(empty.watermark_ms, Number.NEGATIVE_INFINITY);
});
