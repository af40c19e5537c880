import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildProgram, compile } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord, limits, type Program } from '../../engine/index.ts';
import { addIngestCommand } from '../../ui-api/cli/ingest.ts';
import { dataPaths } from '../../ui-api/config.ts';
import { runCli } from '../ui-api/cli/run-cli.ts';
import { weir, workFolder } from '../ui-api/cli/spawn-weir.ts';
import { backtestOfLog, readLog } from './log-backtest.ts';
import { TestWeir } from './test-weir.ts';

const start_ms = Date.UTC(2026, 2, 1, 10);
const rules = `CREATE STREAM events LATENESS 5 SECONDS IDLE 1 SECONDS;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures FROM events
WHERE event_type = 'login' AND result = 'fail' GROUP BY account_id WINDOW SLIDING 2 MINUTES HAVING failures >= 3;
`;

function compiled(): Program {
  const { plan, diagnostics } = compile([{ path: 'own.rule.sql', text: rules }]);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildProgram(plan);
}

function signIn(i: number): object {
  return {
    eventVersion: '1.08',
    eventID: `e${i}`,
    eventTime: new Date(start_ms + Math.floor(i / 3) * 1000).toISOString().replace('.000Z', 'Z'),
    eventName: 'ConsoleLogin',
    userIdentity: { type: 'IAMUser', userName: `user${i % 40}` },
    responseElements: { ConsoleLogin: i % 3 === 0 ? 'Success' : 'Failure' },
    additionalEventData: { filler: 'x'.repeat(100) },
  };
}

const good = Array.from({ length: 1500 }, (_, i) => signIn(i));
const { eventTime: _, ...timeless } = signIn(7) as { eventTime: string };
const tooLong = { ...signIn(8), filler: 'x'.repeat(limits.record_bytes) };
/** The bad ones stand at 2, 4 and 1003 of the list. */
const records: readonly unknown[] = [
  good[0],
  timeless,
  good[1],
  3,
  ...good.slice(2, 1000),
  tooLong,
  ...good.slice(1000),
];

const files: Readonly<Record<string, string>> = {
  'document.json': JSON.stringify({ Records: records }),
  'pretty.json': JSON.stringify({ Records: records }, null, 2),
  'two.json': `${JSON.stringify({ Records: records.slice(0, 700) })}${JSON.stringify({ Records: records.slice(700) })}`,
  'lines.ndjson': records.map((record) => `${JSON.stringify(record)}\n`).join(''),
};

type Letter = Readonly<Record<string, unknown>>;
const linesOf = (text: string): Letter[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const coresOf = (text: string): unknown[] => linesOf(text).map((line) => coreOf(line as unknown as DetectionRecord));
const countersOf = ({ read, accepted, duplicate, late, rejected }: Letter) => [
  read,
  accepted,
  duplicate,
  late,
  rejected,
];
/** What a letter says, apart from where the log has it. */
const sayingOf = ({ reason, message, length, bytes }: Letter) => ({ reason, message, length, bytes });
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const saying = [
  { message: 'eventTime is missing (line 1, record 2)', bytes: base64(timeless) },
  { message: 'the line is no JSON object (line 1, record 4)', bytes: base64(3) },
  { message: /^\d+ bytes, more than the 262144 a record may have \(line 1, record 1003\)$/ },
];

async function backtest(t: TestContext, name: string) {
  const folder = workFolder(t);
  writeFileSync(join(folder, 'own.rule.sql'), rules);
  writeFileSync(join(folder, name), files[name] as string);
  const args = ['backtest', 'own.rule.sql', '--from', name, '--as', 'aws_cloudtrail'];
  const { code, stdout, stderr } = await weir(t, folder, [...args, '--summary', 's.json', '--dead-letters', 'dead']);
  assert.equal(code, 0, stderr);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  return { cores: coresOf(stdout), summary: JSON.parse(read('s.json')) as Letter, letters: linesOf(read('dead')) };
}

test('law 3: a document of records larger than a line: bad ones are letters with place and bytes, the rest is read', async (t) => {
  assert.ok(files['document.json'].length > limits.record_bytes);
  const { cores, summary, letters } = await backtest(t, 'document.json');
  assert.ok(cores.length > 30, `only ${cores.length} detections: the test would show nothing`);
  assert.deepEqual(countersOf(summary), [1503, 1500, 0, 0, 3]);
  letters.forEach((letter, i) => {
    const { message, bytes } = saying[i];
    assert.deepEqual([letter.reason, letter.position], [i === 2 ? 'too_large' : 'bad_line', 1]);
    if (typeof message === 'string') assert.equal(letter.message, message);
    else assert.match(String(letter.message), message);
    if (bytes !== undefined) assert.equal(letter.bytes, bytes);
  });
  assert.equal(letters[2].length, JSON.stringify(tooLong).length);
});

for (const name of ['pretty.json', 'two.json', 'lines.ndjson']) {
  test(`law 1: the same records as ${name} give the same detections and counters`, async (t) => {
    const expected = await backtest(t, 'document.json');
    const found = await backtest(t, name);
    assert.deepEqual(found.cores, expected.cores);
    assert.deepEqual(countersOf(found.summary), countersOf(expected.summary));
    const bytesOf = (letters: readonly Letter[]) => letters.map(({ length }) => length);
    if (name === 'two.json') assert.deepEqual(bytesOf(found.letters), bytesOf(expected.letters));
    assert.equal(found.letters.length, 3);
  });
}

test('S4 law 1: weir ingest of it through HTTP: the same counters, letters and detections, and again from the log', async (t) => {
  const expected = await backtest(t, 'document.json');
  const folder = workFolder(t, { 'document.json': files['document.json'] });
  const program = compiled();
  const live = new TestWeir(program, folder, start_ms + 86_400_000);
  await live.start();
  try {
    const flags = ['--as', 'aws_cloudtrail', '--url', live.weir.url, '--token-file', join(live.data, 'token')];
    const sent = await runCli(addIngestCommand, folder, 'ingest', 'document.json', ...flags, '--format', 'json');
    assert.equal(sent.code, 1, sent.stderr);
    assert.match(sent.stderr, /document\.json:1: rejected: eventTime is missing \(line 1, record 2\)/);
    assert.deepEqual(countersOf(JSON.parse(sent.stdout)), [1503, 1500, 0, 0, 3]);
    await live.quiet();
    await live.stop();
    assert.deepEqual(live.published().map(coreOf), expected.cores);
    const letters = linesOf(readFileSync(dataPaths(live.data).dead_letters, 'utf8'));
    assert.deepEqual(letters.map(sayingOf), expected.letters.map(sayingOf));
    const again = await backtestOfLog(program, await readLog(dataPaths(live.data).log));
    assert.deepEqual(again, expected.cores);
  } finally {
    await live.stop().catch(() => undefined);
  }
});
