import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findCodec } from '../../connectors/index.ts';
import { buildProgram, compile, loadRuleFiles } from '../../dsl/index.ts';
import {
  coreOf,
  type DetectionRecord,
  type LogEntry,
  type Program,
  SortedRun,
  type SourceRecord,
  toRecord,
} from '../../engine/index.ts';
import { LineIds } from '../../ui-api/cli/line-ids.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';
import { inArrivalOrder, packTraffic, rulesThatFire } from '../simulation/pack-traffic.ts';
import { coreText, runLive, runSorted } from '../simulation/parity.ts';
import { seeded } from '../simulation/random.ts';
import { TestWeir } from './test-weir.ts';

const root = new URL('../..', import.meta.url).pathname;
const until_ms = Date.UTC(2026, 5, 1);
/** Later than all events: nothing is too far ahead, and the clock of a live run begins here. */
const received_at = until_ms + 3_600_000;
const seed = Number(process.env.WEIRTEST_PARITY_SEED ?? 20261124);
const utf8 = new TextEncoder();

/** The rules of a folder, compiled, and their tests. */
function loadPack(name: string) {
  const loaded = loadRuleFiles(diskReader(root), [`rules/${name}`]);
  const { plan } = compile(loaded.rules);
  assert.ok(plan, `rules/${name} compiles`);
  return { plan, program: buildProgram(plan), tests: loaded.tests };
}

function recordsOf(lines: readonly string[], partition: string): SourceRecord[] {
  return lines.map((text, i) => ({ partition, position: i + 1, received_at, bytes: utf8.encode(text) }));
}

function coresOf(program: Program, records: readonly SourceRecord[]): string[] {
  return runSorted(program, records).map((detection) => coreOf(toRecord(program, detection, { mode: 'backtest' })));
}

const coresIn = (ndjson: string): string[] =>
  ndjson
    .split('\n')
    .filter(Boolean)
    .map((line) => coreOf(JSON.parse(line) as DetectionRecord));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `weir` as a user calls it, blind to a Weir that runs on this machine: nothing listens on port 1. */
function weir(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, WEIR_PORT: '1' } };
    execFile(process.execPath, [join(root, 'ui-api', 'weir.mjs'), ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** How the same arrival is cut up, which must not show. */
const variants = [1, 7, 256, 4096].flatMap((batch_rows, i) =>
  [1, 2, 5].map((shards, j) => ({ batch_rows, shards, partitions: (i + j) % 2 === 0 ? 1 : 4 })),
);

for (const { name } of loadRuleFiles(diskReader(root), ['rules']).packs) {
  describe(`pack ${name}`, () => {
    const { plan, program, tests } = loadPack(name);
    const { lateness_ms } = program.settings;
    const random = seeded(seed);
    const traffic = packTraffic({ tests, plan, until_ms, noise: 400, random });
    const lines = inArrivalOrder(traffic, lateness_ms, random);
    const records = recordsOf(lines, 'file:events.ndjson');
    const expected = coresOf(program, records);
    let folder: string;
    let file: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'weir-pack-'));
      file = join(folder, 'events.ndjson');
      writeFileSync(file, `${lines.join('\n')}\n`);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    test('the traffic makes every rule of the pack fire, and the door say each of its words', () => {
      const fired = new Set(expected.map((core) => (JSON.parse(core) as DetectionRecord).rule));
      const rules = rulesThatFire(plan);
      assert.ok(rules.length > 0);
      assert.deepEqual([...fired].sort(), rules.sort());
      const run = new SortedRun(program);
      for (const record of records) run.add(record);
      for (const _ of run.finish());
      const { accepted, duplicate, conflict, rejected, would_be_late } = run.counters;
      assert.ok(accepted > 400 && duplicate > conflict && conflict > 0 && rejected > 0, JSON.stringify(run.counters));
      assert.equal(would_be_late, 0, 'arrival stays within LATENESS');
    });

    test('S1 law 1: batch sizes, shards, partitions, arrival within LATENESS and restarts do not show', () => {
      const detections = runSorted(program, records).map(coreText);
      // A line without id and seq is there once, so its place in the file is known by its text.
      const line_of = new Map(lines.map((text, i) => [text, i + 1]));
      for (const { batch_rows, shards, partitions } of variants) {
        const entries = inArrivalOrder(traffic, lateness_ms, random).map((text): LogEntry => {
          const partition = `p${Math.floor(random() * partitions)}`;
          const position = line_of.get(text) ?? 0;
          return { kind: 'record', record: { partition, position, received_at, bytes: utf8.encode(text) } };
        });
        const restarts = new Set(Array.from({ length: 4 }, () => Math.floor(random() * entries.length)));
        const options = { batch_rows, shards, arrival_batch: batch_rows, restarts };
        const live = runLive(program, entries, options).map(coreText);
        assert.deepEqual(live, detections, JSON.stringify({ batch_rows, shards, partitions, restarts: [...restarts] }));
      }
    });

    test('S1 law 4: weir backtest --from FILE', async () => {
      const { code, stdout, stderr } = await weir('backtest', `rules/${name}`, '--from', file, '--format', 'ndjson');
      assert.equal(code, 0, stderr);
      assert.deepEqual(coresIn(stdout), expected);
    });

    test('S1 law 4: weir ingest FILE into a log of its own, then live', async () => {
      const live = new TestWeir(program, folder, Date.now());
      const { code, stderr } = await weir('ingest', file, '--data', live.data);
      assert.equal(code, 1, `lines that are no events are findings: ${stderr}`);
      await live.start();
      await live.quiet();
      await live.stop();
      assert.deepEqual(live.published().map(coreOf), expected);
    });

    test('S1 law 4: weir ingest FILE into a running Weir, through HTTP', async () => {
      const live = new TestWeir(program, join(folder, 'running'), received_at);
      await live.start();
      const { code, stderr } = await weir('ingest', file, '--data', live.data, '--url', live.weir.url);
      assert.equal(code, 1, `lines that are no events are findings: ${stderr}`);
      await live.quiet();
      await live.stop();
      assert.deepEqual(live.published().map(coreOf), expected);
    });

    test('S1 law 4: through HTTP in batches of 1, 7, 256 and 4096, from 4 partitions, with crashes', async () => {
      const live = new TestWeir(program, join(folder, 'http'), received_at);
      const ids = new LineIds();
      const complete = lines
        .map((text, i) => new TextDecoder().decode(ids.complete(utf8.encode(text), i + 1)))
        .filter((text) => text !== '');
      try {
        await live.start();
        // Every partition appears before one of them runs ahead: what is behind from then on holds the watermark back.
        const first = 20;
        for (let i = 0; i < first; i++) await live.post(complete.slice(i, i + 1), `p${i % 4}`);
        for (let at = first; at < complete.length; ) {
          const batch = complete.slice(at, at + ([1, 7, 256, 256, 4096][Math.floor(random() * 5)] ?? 1));
          at += batch.length;
          for (const partition of [0, 1, 2, 3]) {
            const part = batch.filter((_, i) => i % 4 === partition);
            if (part.length > 0) await live.post(part, `p${partition}`);
          }
          if (random() < 0.1) await live.crash();
        }
        await live.quiet();
      } finally {
        await live.stop();
      }
      assert.deepEqual(live.published().map(coreOf), expected);
    });
  });
}

/** 24 days of one real host; it stands beside the repository and is not part of it. */
const log = join(root, '../shared/data/auth.log');
const missing = !existsSync(log) && '../shared/data/auth.log is not here';

describe('pack auth on a real sshd log', { skip: missing }, () => {
  const { program } = loadPack('auth');
  const format = ['--from', log, '--as', 'sshd', '--year', '2017', '--format', 'ndjson'];

  /** What the codec makes of the log: the records that the command line makes of it. */
  function records(): SourceRecord[] {
    const codec = findCodec('sshd')?.create({ year: 2017, time_zone: 'UTC' });
    assert.ok(codec);
    return readFileSync(log, 'latin1')
      .split('\n')
      .flatMap((line, i) => {
        const result = codec.decode(Buffer.from(line, 'latin1'));
        const events = result.kind === 'events' ? result.events : [];
        const about = { partition: 'file:auth.log', position: i + 1, received_at };
        return events.map((event) => ({ ...about, bytes: utf8.encode(JSON.stringify(event)) }));
      });
  }

  test('S1 law 4: the sorted backtest against the live engine', () => {
    const all = records();
    const sorted = runSorted(program, all).map(coreText);
    assert.ok(sorted.length > 25);
    const entries = all.map((record): LogEntry => ({ kind: 'record', record }));
    for (const arrival_batch of [1, 4096]) {
      const restarts = new Set([1, 700, 2000]);
      const live = runLive(program, entries, { shards: 2, batch_rows: 256, arrival_batch, restarts });
      assert.deepEqual(live.map(coreText), sorted);
    }
  });

  test('S4 a log in its order has nothing late: sorted and --as-arrived find the same', async () => {
    const expected = coresOf(program, records());
    const sorted = await weir('backtest', 'rules/auth', ...format);
    const arrived = await weir('backtest', 'rules/auth', ...format, '--as-arrived');
    assert.deepEqual(coresIn(sorted.stdout), expected, sorted.stderr);
    assert.deepEqual(coresIn(arrived.stdout), expected, arrived.stderr);
  });
});
