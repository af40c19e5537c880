import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildProgram, compile } from '../../dsl/index.ts';
import { limits, type Program } from '../../engine/index.ts';
import { addIngestCommand } from '../../ui-api/cli/ingest.ts';
import { dataPaths } from '../../ui-api/config.ts';
import { runCli } from '../ui-api/cli/run-cli.ts';
import { failures, workFolder } from '../ui-api/cli/spawn-weir.ts';
import { readLog } from './log-backtest.ts';
import { TestWeir } from './test-weir.ts';

const start_ms = Date.UTC(2026, 2, 1, 10);
/** 307,316 bytes: what a person measures of it is what every way in has to say. */
const tooLong = `{"filler":"${'x'.repeat(300 * 1024 + 103)}"}`;
const files = {
  'long.ndjson': `${failures('mara', 2, start_ms)}${tooLong}\n${failures('ivo', 1, start_ms, 'i')}`,
  'broken.ndjson': `${failures('mara', 1, start_ms)}{"a":\n[1]\n\n`,
  'not-sshd.log': 'x\ny\nz\n',
  'events.ndjson': failures('mara', 3, start_ms),
  // Nothing listens there: where no other address is named, no Weir runs.
  'weir.json': '{"port": 1}',
};

function compiled(): Program {
  const text = `CREATE STREAM events LATENESS 5 SECONDS IDLE 1 SECONDS;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures FROM events
WHERE event_type = 'login' AND result = 'fail' GROUP BY account_id WINDOW SLIDING 2 MINUTES HAVING failures >= 3;`;
  const { plan } = compile([{ path: 'own.rule.sql', text }]);
  assert.ok(plan);
  return buildProgram(plan);
}

const lettersIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Runs what is asked of a Weir that lives for it; the dead letters that it left are read behind its end. */
async function besideWeir(folder: string, work: (live: TestWeir) => Promise<void>) {
  const live = new TestWeir(compiled(), folder, start_ms + 86_400_000);
  await live.start();
  try {
    await work(live);
  } finally {
    await live.stop();
  }
  return lettersIn(dataPaths(live.data).dead_letters);
}

test('weir ingest into a running Weir tells the true length of a line over the limit, as the dead letter does', async (t) => {
  assert.equal(tooLong.length, 307_316);
  const folder = workFolder(t, files);
  const letters = await besideWeir(folder, async (live) => {
    const flags = ['--url', live.weir.url, '--token-file', join(live.data, 'token'), '--format', 'json'];
    const { code, stdout, stderr } = await runCli(addIngestCommand, folder, 'ingest', 'long.ndjson', ...flags);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /long\.ndjson:3: rejected: the record is 307316 bytes long, more than the 262144 a record may/,
    );
    const { read, accepted, rejected } = JSON.parse(stdout);
    assert.deepEqual([read, accepted, rejected], [4, 3, 1]);
  });
  assert.equal(letters.length, 1);
  const [{ reason, message, length, bytes }] = letters;
  assert.equal(reason, 'too_large', 'as a backtest says of the same line');
  assert.match(message, /307316 bytes long/);
  assert.equal(length, 307_316);
  const kept = Buffer.from(bytes, 'base64').toString();
  assert.ok(kept.length > 100_000 && tooLong.startsWith(kept), 'its beginning is kept, as it came');
});

test('weir ingest without a Weir keeps the true length for the next one, and ends with 1', async (t) => {
  const folder = workFolder(t, files);
  const stored = await runCli(addIngestCommand, folder, 'ingest', 'long.ndjson', '--data', 'live');
  assert.equal(stored.code, 1, stored.stderr);
  assert.match(stored.stdout, /stored 3 events of 4 lines/);
  assert.match(stored.stderr, /1 record cannot be read as json: stored too, and rejected by the next/);
  const { records } = await readLog(dataPaths(join(folder, 'live')).log);
  const long = records.find(({ record }) => record.position === 3)?.record;
  assert.deepEqual([long?.length, long?.bytes.length], [307_316, limits.record_bytes + 1]);
});

for (const [name, format, records, events] of [
  ['not-sshd.log', 'sshd', 3, 0],
  ['broken.ndjson', 'json', 2, 1],
] as const) {
  test(`weir ingest of what cannot be read ends with 1, whether a Weir runs or not: ${name}`, async (t) => {
    const folder = workFolder(t, files);
    const stored = await runCli(addIngestCommand, folder, 'ingest', name, '--as', format, '--data', 'else');
    assert.equal(stored.code, 1, stored.stderr);
    assert.match(stored.stdout, new RegExp(`^stored ${events} events? of`));
    assert.match(stored.stderr, new RegExp(`${records} records cannot be read as ${format}: stored too`));
    const letters = await besideWeir(folder, async (live) => {
      const flags = ['--as', format, '--url', live.weir.url, '--token-file', join(live.data, 'token')];
      const { code } = await runCli(addIngestCommand, folder, 'ingest', name, ...flags);
      assert.equal(code, 1);
    });
    assert.equal(letters.length, records);
  });
}

test('weir ingest of events alone ends with 0, and --help says what its exit codes are', async (t) => {
  const folder = workFolder(t, files);
  const { code, stderr } = await runCli(addIngestCommand, folder, 'ingest', 'events.ndjson');
  assert.equal(code, 0, stderr);
  const help = (await runCli(addIngestCommand, folder, 'ingest', '--help')).stdout.replaceAll(/\s+/g, ' ');
  assert.match(help, /Exit code 0: all were taken .* 1: records cannot be read, or the Weir that runs rejected some/);
});
