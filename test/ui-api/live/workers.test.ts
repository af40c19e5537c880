import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { buildProgram, compile, type ProgramPlan } from '../../../dsl/index.ts';
import type { DetectionRecord, PartMessage, Program, WorkerParts } from '../../../engine/index.ts';
import { goLive } from '../../../ui-api/live/go-live.ts';
import { divideWorkers } from '../../../ui-api/live/worker-parts.ts';
import { newWorld, start_ms, startDriver, type World } from './driver-world.ts';

const stream = 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n';
const rules = (least: number): string => `${stream}
CREATE RULE accounts AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
WINDOW SLIDING 30 SECONDS HAVING n >= ${least};
CREATE RULE addresses AS SELECT actor.ip AS ip, count(DISTINCT account_id) AS n FROM events GROUP BY actor.ip
WINDOW TUMBLING 10 SECONDS HAVING n >= 2;
CREATE RULE every AS SELECT account_id FROM events WHERE event_type = 'reset';`;

function planOf(text: string): { readonly plan: ProgramPlan; readonly program: Program } {
  const { plan, diagnostics } = compile([{ path: 'rules.sql', text }]);
  assert.ok(plan !== null, JSON.stringify(diagnostics));
  return { plan, program: buildProgram(plan) };
}

const lineOf = (n: number): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      ...{ event_id: `e${n}`, timestamp: start_ms + n * 700, platform: 'x', account_id: `a${n % 3}` },
      ...{ event_type: n % 5 === 0 ? 'reset' : 'login', actor: { ip: `10.0.0.${n % 2}` } },
    }),
  );

const recordsOf = (world: World): DetectionRecord[] =>
  readFileSync(world.path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DetectionRecord);

const told = (world: World): string[] =>
  recordsOf(world).map(({ detected_at: _, ...record }) => JSON.stringify(record));

/** Threads as `weir run --workers` has them. */
const threads = (workers: number, { plan, program }: ReturnType<typeof planOf>, { log }: World) =>
  ((saved) => divideWorkers({ workers, program, plan, log, saved })) satisfies Parameters<typeof startDriver>[5];

async function send(driver: Awaited<ReturnType<typeof startDriver>>['driver'], from: number, to: number) {
  for (let n = from; n < to; n += 4) {
    const taken = driver.submit(
      'p',
      Array.from({ length: Math.min(4, to - n) }, (_, i) => lineOf(n + i)),
    );
    assert.ok(taken !== null);
    await taken;
  }
}

interface SavedCheckpoint {
  readonly engine: { readonly workers: { readonly states: { fold: { shards: number } }[] } };
}

/** 60 events with a stop and a start after 30, with so many threads before and behind it. */
async function twoRuns(context: TestContext, before: number, after: number) {
  const world = newWorld(context);
  world.clock.advance(600_000);
  const given = planOf(rules(3));
  const first = await startDriver(context, world, 100, given.program, undefined, threads(before, given, world));
  assert.equal(first.engine.threads, before);
  await send(first.driver, 0, 30);
  await first.driver.stop();
  const second = await startDriver(context, world, 100, given.program, undefined, threads(after, given, world));
  await send(second.driver, 30, 60);
  await second.driver.stop();
  return { told: told(world), recovery: second.recovery, rules: new Set(recordsOf(world).map(({ rule }) => rule)) };
}

test('workers: a run with threads writes what a run without them does, in the same order, over a restart', async (context) => {
  const alone = await twoRuns(context, 1, 1);
  assert.ok(alone.told.length > 20 && alone.rules.size === 3, `${alone.told.length} of ${alone.rules.size} rules`);
  for (const workers of [2, 3]) {
    const together = await twoRuns(context, workers, workers);
    assert.deepEqual(together.told, alone.told);
    assert.deepEqual([together.recovery.kind, together.recovery.reason], ['resumed', null]);
  }
});

test('workers: another number of threads reads the log again, says why, and tells nothing twice', async (context) => {
  const alone = await twoRuns(context, 1, 1);
  for (const [before, after] of [
    [3, 1],
    [1, 2],
    [2, 3],
  ]) {
    const { recovery, told: records } = await twoRuns(context, before, after);
    assert.equal(recovery.kind, 'rebuilt');
    assert.match(recovery.reason ?? '', new RegExp(`made with workers ${before}, and now they are ${after}`));
    assert.deepEqual(records, alone.told);
  }
});

test('workers: a state that one thread cannot take up is of no use, and the log is read again', async (context) => {
  const world = newWorld(context);
  world.clock.advance(600_000);
  const given = planOf(rules(3));
  const start = () => startDriver(context, world, 100, given.program, undefined, threads(3, given, world));
  const first = await start();
  await send(first.driver, 0, 60);
  await first.driver.stop();
  const before = told(world);
  const checkpoint = (await world.checkpoints.read()) as unknown as SavedCheckpoint;
  checkpoint.engine.workers.states[1].fold.shards = 2;
  await world.checkpoints.write(checkpoint as never);
  const { recovery, engine } = await start();
  assert.equal(recovery.kind, 'rebuilt');
  assert.match(recovery.reason ?? '', /^the checkpoint is of no use: .*was made with 2 shards/);
  assert.deepEqual(told(world), before);
  // As they are now, and not as they were when the threads began.
  assert.deepEqual(
    engine.stats().operators.map(({ name, events }) => [name, events > 0]),
    [
      ['accounts', true],
      ['addresses', true],
      ['every', true],
    ],
  );
});

test('workers: what leaves on arrival waits for no other thread', async (context) => {
  const world = newWorld(context);
  world.clock.advance(600_000);
  const given = planOf(rules(3).replace("event_type = 'reset';", "event_type = 'reset' EMIT EARLY;"));
  let answer = (): void => undefined;
  const held = async (): Promise<WorkerParts> => {
    const parts = await threads(2, given, world)(null);
    assert.ok(parts !== null);
    assert.ok(parts.own.part.names.has('every'));
    const start: WorkerParts['start'] = (k, listener) => {
      const waiting: (() => void)[] = [];
      answer = () => {
        for (const one of waiting.splice(0)) one();
      };
      const thread = parts.start(k, { ...listener, answer: (news) => void waiting.push(() => listener.answer(news)) });
      return thread;
    };
    return { ...parts, start };
  };
  const answering = setInterval(() => answer(), 5);
  const { driver, engine } = await startDriver(context, world, 100, given.program, undefined, held);
  await send(driver, 1, 5);
  while (engine.behind > 0) await setTimeout(5);
  clearInterval(answering);
  await send(driver, 5, 6);
  assert.ok(engine.behind > 0);
  while (recordsOf(world).every(({ timing }) => timing !== 'early')) await setTimeout(5);
  assert.deepEqual(
    recordsOf(world).map(({ rule, timing }) => [rule, timing]),
    [['every', 'early']],
  );
  const rest = setInterval(() => answer(), 5);
  await driver.stop();
  clearInterval(rest);
});

test('workers: rules that are deployed are divided too, and the threads of those that ran are ended', async (context) => {
  const run = async (workers: number) => {
    const world = newWorld(context);
    world.clock.advance(600_000);
    const [old, next] = [planOf(rules(3)), planOf(rules(2))];
    const started = await startDriver(context, world, 100, old.program, undefined, threads(workers, old, world));
    const { driver, engine } = started;
    await send(driver, 0, 30);
    const parts = await threads(workers, next, world)(null);
    const place = { driver, log: world.log, keeps_tables: false, is_stopping: () => false };
    await goLive(place, next.program, () => [], parts);
    assert.equal(driver.running.engine.threads, workers);
    if (workers > 1)
      await assert.rejects(
        engine.settle(() => undefined),
        /were ended/,
      );
    await send(driver, 30, 60);
    await driver.stop();
    return told(world);
  };
  assert.deepEqual(await run(3), await run(1));
});

test('workers: a thread that fails ends the run with its message; nothing hangs', async (context) => {
  const world = newWorld(context);
  world.clock.advance(600_000);
  const given = planOf(rules(3));
  const broken = async (): Promise<WorkerParts> => {
    const parts = await threads(2, given, world)(null);
    assert.ok(parts !== null);
    const start: WorkerParts['start'] = (k, listener) => {
      const thread = parts.start(k, listener);
      // Rows that are none: the thread throws when it reads them.
      const damaged = ({ parcel, ...message }: Extract<PartMessage, { kind: 'rows' }>): PartMessage => ({
        ...message,
        parcel: { ...parcel, rows: parcel.rows * 1_000_000 },
      });
      return { ...thread, post: (message) => thread.post(message.kind === 'rows' ? damaged(message) : message) };
    };
    return { ...parts, start };
  };
  const { driver } = await startDriver(context, world, 100, given.program, undefined, broken);
  await assert.rejects(
    Promise.all([send(driver, 0, 30), driver.finished]),
    /thread that judges rules \(workers\) failed/,
  );
  await assert.rejects(driver.finished, /thread that judges rules \(workers\) failed/);
});
