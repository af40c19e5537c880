import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { type Detection, type DetectionRecord, type Program, SortedRun, toRecord } from '../../../engine/index.ts';
import { CannotGoLive, goLive } from '../../../ui-api/live/go-live.ts';
import { newWorld, start_ms, startDriver, type World } from './driver-world.ts';

const stream = 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n';
const tries = (least: number, more = ''): string => `CREATE RULE tries AS SELECT account_id, count(*) AS n FROM events
WHERE event_type = 'login' GROUP BY account_id WINDOW SLIDING 30 SECONDS HAVING n >= ${least} ${more};\n`;
const ends = `CREATE RULE ends AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
WINDOW TUMBLING 10 SECONDS HAVING n >= 1 EMIT AT END;\n`;

function programOf(text: string): Program {
  const { plan, diagnostics } = compile([{ path: 'rules.sql', text: stream + text }]);
  assert.ok(plan !== null, JSON.stringify(diagnostics));
  return buildProgram(plan);
}

interface Sent {
  readonly at_ms: number;
  readonly account: string;
}

const lineOf = ({ at_ms, account }: Sent, n: number): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      ...{ event_id: `e${n}`, timestamp: start_ms + at_ms, platform: 'x', event_type: 'login', account_id: account },
    }),
  );

const recordsOf = (world: World): DetectionRecord[] =>
  readFileSync(world.path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DetectionRecord);

const core = ({ id, rule, plan_hash, key, window, decided_at, values, evidence }: DetectionRecord): string =>
  JSON.stringify({ id, rule, plan_hash, key, window, decided_at, values, evidence });

/** What a backtest of a program says of all that was sent, before the watermark. */
function backtest(program: Program, sent: readonly Sent[], until_ms: number): DetectionRecord[] {
  const run = new SortedRun(program, { until_ms });
  sent.forEach((one, position) => {
    run.add({ partition: 'p', position, received_at: start_ms + 600_000, bytes: lineOf(one, position) });
  });
  const found: Detection[] = [];
  for (const detections of run.finish()) found.push(...detections);
  return found.map((detection) => JSON.parse(JSON.stringify(toRecord(program, detection, { mode: 'backtest' }))));
}

/** Sends one by one; before the event of a number the next program takes over, or begins to where nobody waits for it. */
async function play(
  context: TestContext,
  sent: readonly Sent[],
  before: Program,
  after: Program,
  at: number,
  waits = true,
) {
  const world = newWorld(context);
  world.clock.advance(500_000);
  const started = await startDriver(context, world, 10_000, before);
  const { driver } = started;
  const submit = async (lines: readonly Uint8Array[]): Promise<void> => {
    const taken = driver.submit('p', lines);
    assert.ok(taken !== null);
    await taken;
  };
  let taking_over: ReturnType<typeof goLive> | null = null;
  for (const [n, one] of sent.entries()) {
    if (n === at)
      taking_over = goLive({ driver, log: world.log, keeps_tables: false, is_stopping: () => false }, after, () => []);
    if (waits) await taking_over;
    await submit([lineOf(one, n)]);
  }
  const went = await taking_over;
  await driver.stop();
  assert.ok(went !== null);
  return { world, went, engine: driver.running.engine, started };
}

const events = fc.array(
  fc.record({ step_ms: fc.integer({ min: -900, max: 9000 }), account: fc.constantFrom('a', 'b') }),
  { minLength: 4, maxLength: 40 },
);

test('S1 S13 rules that take over in the middle: live equals what a backtest of the old ones says up to W, and of the new ones from W on', async (context) => {
  const property = fc.asyncProperty(
    events,
    fc.nat(),
    fc.boolean(),
    fc.boolean(),
    async (steps, cut, suppresses, waits) => {
      let [at_ms, latest_ms] = [0, 0];
      const sent = steps.map(({ step_ms, account }) => {
        // Within LATENESS: a file that is sorted whole has no late events.
        at_ms = Math.max(0, latest_ms - 900, at_ms + step_ms);
        latest_ms = Math.max(latest_ms, at_ms);
        return { at_ms, account };
      });
      const before = programOf(tries(3) + ends);
      const after = programOf(tries(2, suppresses ? 'SUPPRESS BY account_id FOR 20 SECONDS' : '') + ends);
      const { world, went, engine } = await play(context, sent, before, after, cut % sent.length, waits);
      const until_ms = engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
      const from_ms = went.from_ms ?? Number.NEGATIVE_INFINITY;
      const isOld = ({ decided_at }: DetectionRecord): boolean => Date.parse(decided_at) < from_ms;
      const old = backtest(before, sent, until_ms).filter(isOld);
      const all = backtest(after, sent, until_ms);
      const fresh = all.filter((record) => !isOld(record));
      // An opener of the past that suppresses something now is published beside it: nobody got it before.
      const needed = new Set(fresh.flatMap(({ suppressed_by }) => suppressed_by ?? []));
      const openers = all.filter((record) => isOld(record) && record.rule === 'tries' && needed.has(record.id));
      const expected = [...old, ...fresh, ...openers].map(core).sort();
      assert.deepEqual(recordsOf(world).map(core).sort(), expected);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

test('a checkpoint is written with it: the next start resumes with the new rules, and reads nothing again', async (context) => {
  const sent = [0, 1000, 2000, 3000].map((at_ms) => ({ at_ms, account: 'a' }));
  const after = programOf(tries(2));
  const { world } = await play(context, sent, programOf(tries(3)), after, 2);
  const { recovery } = await startDriver(context, world, 100, after);
  assert.equal(recovery.kind, 'resumed');
  assert.equal(recovery.replayed_entries, 0);
});

test('what new rules see back to is said as a start says it: warm, or where the log begins', async (context) => {
  const sent = Array.from({ length: 120 }, (_, n) => ({ at_ms: n * 1000, account: 'a' }));
  const cold = await play(context, sent, programOf(ends), programOf(tries(3) + ends), 5);
  assert.deepEqual(
    cold.went.new_rules.map(({ rule, coverage, horizon_ms }) => [rule, coverage, horizon_ms]),
    [['tries', 'partial', 60_000]],
  );
  const warm = await play(context, sent, programOf(ends), programOf(tries(3) + ends), 110);
  assert.deepEqual(
    warm.went.new_rules.map(({ rule, coverage }) => [rule, coverage]),
    [['tries', 'warm']],
  );
});

test('EMIT EARLY: what was told early is told once, of a rule that is gone it is withdrawn, of a new one it is told then', async (context) => {
  const sent = [0, 100, 200].map((at_ms) => ({ at_ms, account: 'a' }));
  const early = (least: number) => programOf(tries(least, 'EMIT EARLY'));
  const rows = (world: World) =>
    recordsOf(world).map(({ timing, status, revision, values }) => [timing, status, revision, values.n]);
  const same = await play(context, sent, early(2), programOf(tries(2, 'EMIT EARLY') + ends), 2);
  assert.deepEqual(rows(same.world), [['early', 'open', 1, 2]]);
  const other = await play(context, sent, early(2), programOf(ends), 2);
  assert.deepEqual(rows(other.world), [
    ['early', 'open', 1, 2],
    ['final', 'withdrawn', 2, 2],
  ]);
  const late = await play(context, sent, programOf(ends), early(2), 2);
  assert.deepEqual(rows(late.world), [['early', 'open', 1, 2]]);
});

test('while it is read again events are taken and the old rules go on; what is wrong leaves them in place', async (context) => {
  const world = newWorld(context);
  const before = programOf(tries(2));
  const { driver, engine } = await startDriver(context, world, 100, before);
  const parts = { driver, log: world.log, keeps_tables: false, is_stopping: () => false };
  const other = compile([{ path: 'rules.sql', text: stream.replace('LATENESS 1', 'LATENESS 2') + tries(2) }]).plan;
  assert.ok(other);
  await assert.rejects(
    goLive(parts, buildProgram(other), () => []),
    CannotGoLive,
  );
  const table = programOf(
    'CREATE TABLE t AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 MINUTE;',
  );
  await assert.rejects(
    goLive(parts, table, () => []),
    CannotGoLive,
  );
  const broken = goLive(parts, programOf(tries(3)), () => {
    throw new Error('the file of a lookup is gone');
  });
  await assert.rejects(broken, /the file of a lookup is gone/);
  assert.equal(driver.running.engine, engine);
  assert.equal((await driver.submit('p', [lineOf({ at_ms: 0, account: 'a' }, 0)]))?.[0].status, 'accepted');
  const gone = goLive(parts, programOf(tries(3)), () => []);
  const taken = driver.submit('p', [lineOf({ at_ms: 1000, account: 'a' }, 1)]);
  assert.equal((await taken)?.[0].status, 'accepted');
  await gone;
  assert.notEqual(driver.running.engine, engine);
  assert.equal(driver.running.engine.counters.read, 2);
  await assert.rejects(
    goLive({ ...parts, is_stopping: () => true }, before, () => []),
    /Weir is stopping/,
  );
  await driver.stop();
  await assert.rejects(
    goLive(parts, before, () => []),
    /stopping/,
  );
});

test('law 4: a crash between the change and its checkpoint: the next start has the new rules, loses nothing and doubles nothing', async (context) => {
  const world = newWorld(context);
  world.clock.advance(500_000);
  const [before, after] = [programOf(tries(3)), programOf(tries(2))];
  const sent = [0, 1000, 2000, 40_000, 41_000, 80_000].map((at_ms) => ({ at_ms, account: 'a' }));
  const send = async (driver: Awaited<ReturnType<typeof startDriver>>['driver'], from: number, to: number) => {
    for (let n = from; n < to; n++) await driver.submit('p', [lineOf(sent[n], n)]);
  };
  const first = await startDriver(context, world, 100, before);
  await send(first.driver, 0, 4);
  const write = world.checkpoints.write.bind(world.checkpoints);
  world.checkpoints.write = async () => {
    throw new Error('the disk is full');
  };
  const parts = { driver: first.driver, log: world.log, keeps_tables: false, is_stopping: () => false };
  await assert.rejects(
    goLive(parts, after, () => []),
    /the disk is full/,
  );
  await assert.rejects(first.driver.finished, /the disk is full/);
  world.checkpoints.write = write;
  const second = await startDriver(context, world, 100, after);
  assert.equal(second.recovery.kind, 'rebuilt');
  await send(second.driver, 4, sent.length);
  await second.driver.stop();
  const stored = recordsOf(world);
  assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length);
  const until_ms = second.driver.running.engine.watermark_ms ?? 0;
  const found = new Set(stored.map(core));
  for (const record of backtest(after, sent, until_ms)) assert.ok(found.has(core(record)), record.decided_at);
  assert.equal(stored.filter(({ plan_hash }) => plan_hash === before.operators[0].plan_hash).length, 1);
});
