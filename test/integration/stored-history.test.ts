import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildProgram, compile, loadRuleFiles } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord } from '../../engine/index.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { TestWeir } from './test-weir.ts';

const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
const start_ms = Date.parse('2026-01-05T10:00:00Z');

const rules = {
  'events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;',
  'three.rule.sql': `CREATE RULE three AS SELECT account_id, count(*) AS n FROM events
    GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING n >= 3;`,
  'hour.rule.sql': `CREATE RULE hour AS SELECT account_id, count(*) AS n FROM events
    GROUP BY account_id WINDOW TUMBLING 1 HOUR HAVING n >= 2 EMIT AT END;`,
};

function line(event_id: string, account_id: string, timestamp: number): string {
  return JSON.stringify({ event_id, account_id, timestamp, platform: 'inhouse', event_type: 'login' });
}

/** Rule, key, time after the start in milliseconds, evidence. */
function brief({ rule, key, decided_at, evidence }: DetectionRecord): string {
  return `${rule} ${Object.values(key)} ${Date.parse(decided_at) - start_ms} ${evidence.ids}`;
}

const recordsIn = (ndjson: string): DetectionRecord[] =>
  ndjson
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as DetectionRecord);

describe('a stored history, backtested', () => {
  let folder: string;
  let data: string;
  let live: DetectionRecord[];
  let back_ms: number;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-history-'));
    mkdirSync(join(folder, 'rules'));
    for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, 'rules', name), text);
    const { plan } = compile(loadRuleFiles(diskReader(folder), ['rules']).rules);
    assert.ok(plan);
    const weir = new TestWeir(buildProgram(plan), folder, start_ms + 60_000);
    await weir.start();
    await weir.post([line('a1', 'ann', start_ms), line('a2', 'ann', start_ms + 1000)], 'p0');
    await weir.post([line('o', 'other', start_ms + 10_000), line('a3', 'ann', start_ms + 2000)], 'p0');
    // Silence: the partition steps aside, the clock closes the hour; then the partition comes back.
    await weir.quiet();
    back_ms = weir.now_ms;
    await weir.post([line('late', 'bob', start_ms + 3_600_000), line('z', 'bob', back_ms)], 'p0');
    await weir.crash();
    await weir.post([line('y', 'bob', back_ms), line('x', 'bob', back_ms)], 'p0');
    await weir.quiet();
    await weir.stop();
    data = weir.data;
    live = weir.published();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function backtest(...args: string[]) {
    const summary = join(folder, 'summary.json');
    const all = [entry, 'backtest', 'rules', '--from', 'log', '--data', data, '--summary', summary, ...args];
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, all, { cwd: folder }, (error, text) =>
        error === null ? resolve(text) : reject(error),
      );
    });
    const { read, accepted, duplicate, late, rejected } = JSON.parse(readFileSync(summary, 'utf8'));
    return { records: recordsIn(stdout), counters: { read, accepted, duplicate, late, rejected } };
  }
  const counters = { read: 8, accepted: 6, duplicate: 0, late: 2, rejected: 0 };

  test('S2 the seq that a record got at first ingest is stored: order within a millisecond survives a crash', () => {
    const three = live.find(({ rule }) => rule === 'three');
    assert.deepEqual(three?.evidence.ids, ['z', 'y', 'x'], 'as they came, not by id');
  });

  test('S3 a partition that went idle and came back: the clock closed windows, and what came before W is late', () => {
    assert.deepEqual(live.map(brief), [
      'hour ann 3599999 a1,a2',
      `three bob ${back_ms - start_ms} z,y,x`,
      `hour bob ${Math.ceil((back_ms + 1) / 3_600_000) * 3_600_000 - 1 - start_ms} z,y,x`,
    ]);
  });

  test('S4 a late event in a stored history: the backtest uses the verdict that it got live, and finds the same', async () => {
    const again = await backtest();
    assert.deepEqual(again.records.map(coreOf), live.map(coreOf));
    assert.deepEqual(again.counters, counters);
  });

  test('S3 what stepped aside, came back and ticked is in the log, and --as-arrived replays it', async () => {
    const again = await backtest('--as-arrived');
    assert.deepEqual(again.records.map(coreOf), live.map(coreOf));
    assert.deepEqual(again.counters, counters);
  });

  test('S4 --late include judges the late event as if it had been in time', async () => {
    const { records, counters: included } = await backtest('--late', 'include');
    assert.deepEqual(records.map(brief).slice(0, 2), ['three ann 2000 a1,a2,a3', 'hour ann 3599999 a1,a2,a3']);
    assert.deepEqual(included, { ...counters, accepted: 8, late: 0 });
  });
});
