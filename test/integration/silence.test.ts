import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildProgram, compile, loadRuleFiles } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord } from '../../engine/index.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { atEnd } from '../at-end.ts';
import { TestWeir } from './test-weir.ts';

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
const start_ms = Date.parse('2026-01-05T10:00:00Z');

const rules = {
  'events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;',
  'silent.rule.sql': `CREATE RULE silent AS SELECT account_id, count(*) AS n FROM events
    GROUP BY account_id WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 4 HOURS HAVING n = 0;`,
};

const lines = ['10:10', '10:20'].map((time, i) =>
  JSON.stringify({
    ...{ event_id: `e${i}`, account_id: 'sensor', platform: 'inhouse', event_type: 'login' },
    timestamp: Date.parse(`2026-01-05T${time}:00Z`),
  }),
);

test('S8 the silence after the last event: live by the clock, the same from the log either way; a file says that it knows none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-silence-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'rules'));
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, 'rules', name), text);
  writeFileSync(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`);
  const { plan } = compile(loadRuleFiles(diskReader(folder), ['rules']).rules);
  assert.ok(plan);
  const weir = new TestWeir(buildProgram(plan), folder, start_ms + 1_300_000);
  await weir.start();
  await weir.post(lines, 'p0');
  await weir.quiet();
  await weir.stop();
  const live = weir.published();
  assert.deepEqual(
    live.map(({ window }) => window?.start),
    ['11:00', '12:00', '13:00'].map((time) => `2026-01-05T${time}:00.000Z`),
  );

  const summary = join(folder, 'summary.json');
  const backtest = async (...args: string[]) => {
    const all = [entry, 'backtest', 'rules', '--summary', summary, ...args];
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
      execFile(process.execPath, all, { cwd: folder }, (error, stdout, stderr) =>
        error ? reject(new Error(stderr)) : resolve({ stdout, stderr }),
      );
    });
    const records = stdout.split('\n').filter(Boolean);
    const { unknown_silence } = JSON.parse(readFileSync(summary, 'utf8')) as { unknown_silence: string[] };
    return { cores: records.map((text) => coreOf(JSON.parse(text) as DetectionRecord)), unknown_silence, stderr };
  };
  const known = { cores: live.map(coreOf), unknown_silence: [] as string[] };
  for (const args of [[], ['--as-arrived']]) {
    const { stderr: _, ...found } = await backtest('--from', 'log', '--data', weir.data, ...args);
    assert.deepEqual(found, known, args.join());
  }
  const file = await backtest('--from', 'events.ndjson');
  assert.deepEqual(file.cores, []);
  assert.deepEqual(file.unknown_silence, ['silent']);
  assert.match(
    file.stderr,
    /silent: the end of a file \(last event .*\) closes the windows that are open, and says nothing of the time after them/,
  );
  const until = await backtest('--from', 'events.ndjson', '--until', '2026-01-05T14:00:00Z');
  assert.deepEqual(until.cores, known.cores);
  assert.deepEqual(until.unknown_silence, []);
});
