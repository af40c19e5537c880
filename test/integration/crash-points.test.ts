import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { atEnd } from '../at-end.ts';
import {
  type Fault,
  type FaultPlan,
  FaultyFiles,
  seededRandom,
  temporaryDirectory,
} from '../connectors/files/faulty-files.ts';
import { checkFolder, type Results } from './crash-check.ts';
import { History } from './crash-life.ts';
import { type CrashWorld, plain, whole } from './crash-worlds.ts';

/**
 * Weir with its API, log, checkpoints and sinks, on files that fail: at every file call of a short run a crash (kill -9
 * or power loss, before or after the call took effect), a short write, a full disk, a failed fsync. Then it starts again
 * on what is left and goes on. Some of the points by default; WEIRTEST_CRASH_ALL=1 takes all of them.
 */
const all = process.env.WEIRTEST_CRASH_ALL === '1';
const seed = Number(process.env.WEIRTEST_CRASH_SEED ?? 20261124);

interface Call {
  readonly call: string;
  readonly path: string;
}

interface Point {
  readonly name: string;
  readonly at: number;
  readonly kind: 'kill' | 'power' | Fault;
  readonly crash?: 'before' | 'after';
}

/** The faults that a call can meet besides a crash. */
const faultsOf: Readonly<Record<string, readonly Fault[]>> = {
  write: ['short', 'ENOSPC', 'EIO'],
  sync: ['EIO', 'ENOSPC'],
  open: ['ENOSPC'],
  truncate: ['EIO'],
  rename: ['ENOSPC'],
  remove: ['EIO'],
  syncDirectory: ['EIO'],
};

/** The file calls of one life without a fault, which ends on disk; it follows a life that crashed at `earlier`. */
async function recordCalls(history: History, root: string, earlier: Point | null): Promise<Call[]> {
  const calls: Call[] = [];
  const fault = (call: string, path: string): undefined => {
    calls.push({ call, path: path.slice(root.length + 1) });
  };
  const random = seededRandom(seed);
  let files = new FaultyFiles(root, earlier === null ? { fault, random } : planOf(earlier, random));
  if (earlier !== null) {
    await history.live(files);
    files = await restarted(files, earlier, { fault, random });
  }
  assert.equal(await history.live(files), null);
  await files.crash();
  return calls;
}

function pointsOf(calls: readonly Call[]): Point[] {
  return calls.flatMap(({ call, path }, at): Point[] => {
    const name = `${at} ${call} ${path}`;
    const crashes = (['kill', 'power'] as const).flatMap((kind) =>
      (['before', 'after'] as const).map((crash) => ({ name: `${kind} ${crash} ${name}`, at, kind, crash })),
    );
    const faults = (faultsOf[call] ?? []).map((kind) => ({ name: `${kind} at ${name}`, at, kind }));
    return [...crashes, ...faults];
  });
}

function planOf(point: Point, random: () => number): FaultPlan {
  if (point.crash !== undefined) return { crash_at_call: point.at, crash: point.crash, random };
  let calls = 0;
  return { fault: () => (calls++ === point.at ? (point.kind as Fault) : undefined), random };
}

/** Files as the next life finds them. */
async function restarted(files: FaultyFiles, point: Point, plan: FaultPlan): Promise<FaultyFiles> {
  if (point.kind !== 'power') return files.restart(plan);
  await files.crash();
  return new FaultyFiles(files.root, plan);
}

/**
 * One fault in the first life, or in the one after a crash at `earlier`; after the last one the power fails, and what is
 * on disk is held against the log.
 */
async function runPoint(
  t: TestContext,
  world: CrashWorld,
  earlier: Point | null,
  point: Point,
  expected: Results,
): Promise<void> {
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const random = seededRandom(seed + point.at);
  const history = new History(world);
  // The earlier life is the same for all points, what a power loss leaves of it too.
  let first = new FaultyFiles(root, earlier === null ? planOf(point, random) : planOf(earlier, seededRandom(seed)));
  if (earlier !== null) {
    await history.live(first);
    first = await restarted(first, earlier, planOf(point, random));
  }
  const failure = await history.live(first);
  if (point.kind === 'short') assert.equal(failure, null, 'a short write is gone on with');
  else if (point.crash === undefined) checkMessage(failure, root);
  // Nothing but what is on disk outlives the last one.
  const second = await restarted(first, point, { random: () => 0 });
  assert.equal(await history.live(second), null, 'the next start goes on');
  await second.crash();
  const { finals, early, rows } = await checkFolder(root, world, history.acknowledged);
  assert.deepEqual(finals, expected.finals, 'the detections differ from those of a run without a crash');
  assert.deepEqual(early, expected.early, 'what is said early differs from a run without a crash');
  assert.deepEqual(rows, expected.rows, 'the rows of tables differ from those of a run without a crash');
}

/** The error of a fault names the file, and what is wrong with it, in words. */
function checkMessage(failure: Error | null, root: string): void {
  assert.ok(failure !== null, 'a fault was passed over in silence');
  assert.ok(failure.message.includes(root), `no file is named: ${failure.message}`);
  assert.match(failure.message, /disk is full|no space left|i\/o error/);
}

/** Every point, or by default one of a few: another part of them in each group, so that all kinds come. */
function chosen(points: readonly Point[], stride: number): Point[] {
  return all ? [...points] : points.filter((_, i) => (i + seed) % stride === 0);
}

async function runAll(t: TestContext, points: readonly Point[], run: (point: Point) => Promise<void>): Promise<void> {
  const failed: string[] = [];
  for (const point of points) {
    try {
      await run(point);
    } catch (error) {
      failed.push(`${point.name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  t.diagnostic(`${points.length} points: ${points.map(({ name }) => name).join('; ')}`);
  assert.ok(
    failed.length === 0,
    `${failed.length} of ${points.length} points failed:\n${failed.slice(0, 10).join('\n')}`,
  );
}

/** The calls of a run without a fault, and the results that every other run must have in the end. */
async function soundRun(t: TestContext, world: CrashWorld, earlier: Point | null) {
  const history = new History(world);
  const root = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const calls = await recordCalls(history, root, earlier);
  const expected = await checkFolder(root, world, history.acknowledged);
  const { finals, early, rows } = expected;
  const found = {
    finals: finals.length,
    early: early.filter((record) => record.startsWith('early')).length,
    withdrawn: early.filter((record) => record.startsWith('final')).length,
    rows: rows.length,
    revisions: finals.filter((record) => /^\["(updated|closed)"/.test(record)).length,
  };
  for (const [what, least] of Object.entries(world.least)) {
    const number = found[what as keyof typeof found];
    assert.ok(number >= least, `only ${number} ${what}: the test would show nothing`);
  }
  return { calls, expected, found };
}

function mockWaker(t: TestContext): void {
  mock.timers.enable({ apis: ['setInterval'] });
  atEnd(t, () => mock.timers.reset());
}

for (const world of [plain, whole]) {
  test(`law 4: a crash or a fault at any file call loses no acknowledged event and doubles no detection (${world.name})`, async (t) => {
    mockWaker(t);
    const { calls, expected, found } = await soundRun(t, world, null);
    t.diagnostic(JSON.stringify(found));
    const points = pointsOf(calls);
    assert.ok(calls.filter(({ call }) => call === 'sync').length > 15 && points.length > 300, 'the run is too short');
    await runAll(t, chosen(points, world === plain ? 8 : 16), (point) => runPoint(t, world, null, point, expected));
  });

  test(`law 4: the same in a run that begins after a crash: its recovery may crash too (${world.name})`, async (t) => {
    mockWaker(t);
    const { calls, expected } = await soundRun(t, world, null);
    // Records behind a checkpoint that are written, and not yet on disk; the power stays, or fails.
    for (const [kind, path] of world.dies) {
      const fsyncs = calls.flatMap(({ call, path: at_path }, at) => (call === 'sync' && at_path === path ? [at] : []));
      const at = fsyncs[Math.floor(fsyncs.length / 2)];
      const earlier: Point = { name: `${kind} before ${at}`, at, kind, crash: 'before' };
      const points = pointsOf((await soundRun(t, world, earlier)).calls);
      await runAll(t, chosen(points, world === plain ? 24 : 48), (point) =>
        runPoint(t, world, earlier, point, expected),
      );
    }
  });
}
