import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildProgram, compile } from '../../dsl/index.ts';
import {
  coreOf,
  type DetectionRecord,
  Engine,
  limits,
  ManualClock,
  type Program,
  SortedRun,
  type SourceRecord,
} from '../../engine/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { dataPaths, readConfig } from '../../ui-api/config.ts';
import type { Weir } from '../../ui-api/live/weir.ts';
import { seeded } from '../simulation/random.ts';
import { weir, workFolder } from '../ui-api/cli/spawn-weir.ts';
import { garbage, garbageKinds, goodTraffic, received_ms, type Sent, start_ms, strewn } from './garbage.ts';
import { readLog } from './log-backtest.ts';

const rulesText = `CREATE STREAM events LATENESS 2 SECONDS IDLE 1 SECONDS;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures, min(session_id) AS least FROM events
WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 2 MINUTES HAVING failures >= 3;
CREATE RULE minutes AS SELECT account_id, count(*) AS logins FROM events
GROUP BY account_id WINDOW TUMBLING 1 MINUTES HAVING logins >= 4 EMIT AT END;
`;
const rulesPath = 'rules/accounting.rule.sql';
const seed = Number(process.env.WEIRTEST_ACCOUNTING_SEED ?? 20261124);
const good = goodTraffic(3000, seeded(seed));
const mixed = strewn(good, seeded(seed + 1));

function compiled(): Program {
  const { plan, diagnostics } = compile([{ path: rulesPath, text: rulesText }]);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildProgram(plan);
}

const program = compiled();

function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const bodyOf = (lines: readonly Sent[]): Buffer =>
  Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]));

/** What must be counted. `in_order`: through the live door, where what is early comes too late. */
function expectedCounters(lines: readonly Sent[], in_order: boolean): Record<string, number> {
  const counters = { read: 0, accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  for (const { fate } of lines) {
    if (fate === 'blank') continue;
    counters.read++;
    if (fate === 'early') counters[in_order ? 'late' : 'accepted']++;
    else counters[fate]++;
  }
  return counters;
}

function countersOf(from: Record<string, unknown>): Record<string, unknown> {
  const { read, accepted, duplicate, late, rejected } = from;
  return { read, accepted, duplicate, late, rejected };
}

/** Each rejected line stands in the letters, in order, with reason, message, place, bytes and true length. */
function checkLetters(letters: readonly Record<string, unknown>[], expected: ReadonlyMap<number, Sent>): void {
  assert.deepEqual(
    letters.map(({ position }) => position),
    [...expected.keys()],
  );
  for (const letter of letters) {
    const sent = expected.get(letter.position as number) as Sent;
    assert.equal(letter.reason, sent.reason, sent.name);
    assert.ok(String(letter.message).length > 15 && String(letter.message).length < 400, String(letter.message));
    assert.equal(letter.length, sent.bytes.length, sent.name);
    // Of a line over the limit its beginning is kept.
    const kept = Buffer.from(sent.bytes.subarray(0, limits.record_bytes + 1));
    assert.ok(kept.equals(Buffer.from(letter.bytes as string, 'base64')), `other bytes: ${sent.name}`);
    if (sent.bytes.length > limits.record_bytes)
      assert.match(String(letter.message), new RegExp(`${sent.bytes.length}`));
  }
}

test('law 3: the traffic of this test has garbage of every kind', () => {
  const names = new Set(mixed.filter(({ fate }) => fate !== 'accepted').map(({ name }) => name));
  assert.equal(names.size, garbageKinds + 2, [...names].join(', '));
});

async function backtest(t: TestContext, lines: readonly Sent[], ...flags: string[]) {
  const folder = workFolder(t);
  const rules = join(folder, 'own.rule.sql');
  writeFileSync(rules, rulesText);
  writeFileSync(join(folder, 'events.ndjson'), bodyOf(lines));
  const args = ['backtest', rules, '--from', 'events.ndjson', '--as-of', new Date(received_ms).toISOString()];
  const { code, stdout, stderr } = await weir(t, folder, [
    ...[...args, '--summary', 'summary.json', '--dead-letters', 'dead.ndjson'],
    ...flags,
  ]);
  assert.equal(code, 0, stderr);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const cores = linesOf(stdout).map((record) => coreOf(record as unknown as DetectionRecord));
  return { cores, stderr, summary: JSON.parse(read('summary.json')), letters: linesOf(read('dead.ndjson')) };
}

for (const flags of [[], ['--as-arrived']]) {
  test(`law 3: garbage in a file is counted, kept and harmless: weir backtest ${flags.join(' ')}`, async (t) => {
    const clean = await backtest(t, good, ...flags);
    assert.ok(clean.cores.length > 50, `only ${clean.cores.length} detections: the test would show nothing`);
    const { cores, summary, letters, stderr } = await backtest(t, mixed, ...flags);
    assert.deepEqual(cores, clean.cores);
    assert.deepEqual(countersOf(clean.summary), expectedCounters(good, flags.length > 0));
    assert.deepEqual(countersOf(summary), expectedCounters(mixed, flags.length > 0));
    assert.equal(summary.skipped, mixed.filter(({ fate }) => fate === 'blank').length);
    assert.match(stderr, /rejected events\.ndjson:\d+: /);
    const rejected = mixed.flatMap((sent, i) => (sent.fate === 'rejected' ? [[i + 1, sent] as const] : []));
    checkLetters(letters, new Map(rejected));
  });
}

/** Posts lines and holds each line's answer against its fate. */
async function post(running: Weir, token: string, lines: readonly Sent[]): Promise<void> {
  const response = await fetch(`${running.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new Uint8Array(bodyOf(lines)),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const answer = JSON.parse(text) as { lines: { line: number; status: string; reason?: string; message?: string }[] };
  const sent = lines.flatMap((line, i) => (line.fate === 'blank' ? [] : [{ ...line, line: i + 1 }]));
  assert.equal(answer.lines.length, sent.length);
  answer.lines.forEach((got, i) => {
    const { fate, reason, name, line } = sent[i];
    assert.equal(got.line, line);
    assert.equal(got.status, fate === 'early' ? 'late' : fate, name);
    if (fate !== 'accepted') assert.ok((got.message ?? '').length > 15, `${name}: ${got.message}`);
    if (fate === 'rejected') assert.equal(got.reason, reason, name);
  });
}

/** Time passes, the partition steps aside, and the watermark follows the clock past every window's end. */
async function quiet(running: Weir, clock: ManualClock): Promise<void> {
  clock.advance(86_400_000);
  for (let turns = 0; turns < 12_000; turns++) {
    const { watermark } = running.status();
    if (watermark !== null && Date.parse(watermark) > received_ms) return;
    clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the watermark did not follow the clock');
}

/** All lines through HTTP, in requests of random size; a restart in the middle. Gives the data folder at rest. */
async function runLive(t: TestContext, lines: readonly Sent[]): Promise<string> {
  const folder = workFolder(t);
  const token = 'the-token-of-this-test';
  const clock = new ManualClock(received_ms);
  const config = readConfig({ flags: { data: 'var', port: 0, token }, environment: {}, folder });
  const options = { config, program, version: '0.0.0', clock, report: () => undefined, replaying: () => undefined };
  const random = seeded(seed + 2);
  let { weir: running } = await compose(options);
  try {
    let restarts = 0;
    for (let at = 0; at < lines.length; ) {
      const batch = lines.slice(at, at + 1 + Math.floor(random() * 300));
      at += batch.length;
      // The API refuses a request without any event.
      if (batch.some(({ fate }) => fate !== 'blank')) await post(running, token, batch);
      if (at < lines.length / 2 || restarts > 0) continue;
      restarts++;
      await running.stop();
      running = (await compose(options)).weir;
    }
    await quiet(running, clock);
    assert.deepEqual(countersOf(running.status().counters), expectedCounters(lines, true));
  } finally {
    await running.stop();
  }
  return config.data;
}

test('law 3: garbage over HTTP is answered line by line, counted, kept and harmless', async (t) => {
  const data = await runLive(t, mixed);
  const paths = dataPaths(data);
  const published = linesOf(readFileSync(paths.detections, 'utf8')) as unknown as DetectionRecord[];
  const clean = await backtest(t, good);
  assert.deepEqual(published.map(coreOf), clean.cores);
  const sent = mixed.filter(({ fate }) => fate !== 'blank');
  const { records } = await readLog(paths.log);
  assert.equal(records.length, sent.length);
  const rejected = records.flatMap(({ position }, i) =>
    sent[i].fate === 'rejected' ? [[position, sent[i]] as const] : [],
  );
  checkLetters(linesOf(readFileSync(paths.dead_letters, 'utf8')), new Map(rejected));
});

const recordOf = ({ bytes }: Sent, position: number): SourceRecord => {
  return { partition: 'p', position, received_at: received_ms, bytes };
};

/** What an engine with this decoder makes of the lines: a text for each verdict, dead letter and detection. */
function toldBy(decoder: 'scanning' | 'plain', lines: readonly Sent[]): string[] {
  const engine = new Engine(program, { decoder });
  const told: string[] = [];
  const advance = () => {
    const { verdicts, detections, dead_letters } = engine.advance();
    for (const { position, verdict } of verdicts) told.push(`${position} ${verdict}`);
    for (const { position, reason, message } of dead_letters) told.push(`${position} ${reason}: ${message}`);
    for (const { id, values, evidence } of detections) told.push(JSON.stringify([id, values, evidence]));
  };
  lines.forEach((sent, position) => {
    engine.apply(position, { kind: 'record', record: recordOf(sent, position) });
    if (position % 100 === 0) advance();
  });
  engine.apply(lines.length, { kind: 'end' });
  advance();
  const { read, accepted, duplicate, late, rejected } = engine.counters;
  assert.equal(accepted + duplicate + late + rejected, read, decoder);
  return told;
}

test('law 3: both decoders tell the same of every line of garbage: verdict, reason, message, detections', () => {
  const more = [
    ...[
      '{"__proto__":{"account_id":"x"}}',
      '{"constructor":{"prototype":1}}',
      '{"__proto__":null,"x":9007199254740993}',
    ],
    ...['{"x":-0}', '{"x":1e308}', '{"\\u005f_proto__":1,"__proto__":2}', '{"toString":1}', '{"hasOwnProperty":[]}'],
  ];
  const hostile = more.map((details, i): Sent => {
    const event = { event_id: `more-${i}`, timestamp: start_ms + i, platform: 'inhouse', event_type: 'login' };
    const text = `${JSON.stringify({ ...event, account_id: 'more' }).slice(0, -1)},"details":${details}}`;
    return { name: 'more', bytes: Buffer.from(text), fate: 'accepted', reason: null };
  });
  const lines = [...hostile, ...mixed, ...Array.from({ length: 500 }, (_, i) => garbage(i))];
  const told = toldBy('scanning', lines);
  assert.deepEqual(told, toldBy('plain', lines));
  assert.ok(told.length > lines.length - 50);
  const rejected = told.filter((text) => text.endsWith(' rejected') && Number(text.split(' ')[0]) < more.length);
  assert.deepEqual(rejected, ['5 rejected'], 'of the names of prototypes only one that stands twice');
  assert.equal(({} as Record<string, unknown>).account_id, undefined);
});

test('law 3: 20,000 lines of garbage leave nothing in the live engine', () => {
  const engine = new Engine(program);
  good.forEach((sent, position) => void engine.apply(position, { kind: 'record', record: recordOf(sent, position) }));
  // Each turn looks at a part of the keys for what has expired; from here on nothing has.
  for (let i = 0; i < 1000; i++) engine.advance();
  const before = engine.stats();
  const { pending } = engine;
  let letters = 0;
  for (let i = 0; i < 20_000; i++) {
    const position = good.length + i;
    engine.apply(position, { kind: 'record', record: recordOf(garbage(i), position) });
    if (i % 256 === 255) letters += engine.advance().dead_letters.length;
  }
  letters += engine.advance().dead_letters.length;
  const { dictionary_size, ...after } = engine.stats();
  // The first of those in 1970 brings the name of its account; it is late, and the next ones bring nothing new.
  assert.equal(dictionary_size, before.dictionary_size + 1);
  assert.deepEqual(sizes(after), sizes(before));
  assert.equal(engine.pending, pending);
  const { read, accepted, duplicate, late, rejected } = engine.counters;
  assert.equal(letters, rejected);
  assert.equal(accepted + duplicate + late + rejected + pending, read);
  assert.ok(rejected > 19_000 && late > 900);
});

/** Without the dictionary and what the decoder remembers of it: its size is looked at above. */
function sizes({ keys, rows, parts }: { keys: number; rows: number; parts: Readonly<Record<string, number>> }) {
  const { texts, 'ids by the bytes of texts': _, ...others } = parts;
  assert.ok(texts > 0);
  return { keys, rows, others };
}

test('law 3: 20,000 lines of garbage leave nothing in a backtest', () => {
  const stats = [0, 20_000].map((count) => {
    let letters = 0;
    const run = new SortedRun(program, { on_letter: () => letters++ });
    good.forEach((sent, position) => void run.add(recordOf(sent, position)));
    for (let i = 0; i < count; i++) {
      const sent = garbage(i);
      if (sent.fate === 'rejected') run.add(recordOf(sent, good.length + i));
    }
    let detections = 0;
    for (const found of run.finish()) detections += found.length;
    const { dictionary_size, ...rest } = run.stats();
    assert.equal(letters, run.counters.rejected);
    return { dictionary_size, detections, ...sizes(rest) };
  });
  assert.deepEqual(stats[1], stats[0]);
});
