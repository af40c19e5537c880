import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import type { DetectionRecord, Program } from '../../../engine/index.ts';
import { line, newWorld, startDriver, type World } from './driver-world.ts';

/** A start with other rules than the run before it had: what was told stands, and is not told again. */

const pairs = (more = ''): string => `CREATE RULE pairs AS SELECT account_id, count(*) AS n FROM events
WHERE event_type = 'login' GROUP BY account_id WINDOW SLIDING 3 SECONDS HAVING n >= 2 ${more} EMIT EARLY;\n`;
const singles = `CREATE RULE singles AS SELECT account_id FROM events WHERE result = 'fail' EMIT EARLY;\n`;
const minutes = (least: number): string => `CREATE RULE minutes AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 10 SECONDS HAVING n >= ${least} EMIT AT END;\n`;

function programOf(text: string, times = 'LATENESS 10 SECONDS IDLE 1 DAYS'): Program {
  const stream = `CREATE STREAM events ${times};\n`;
  const { plan, diagnostics } = compile([{ path: 'rules.sql', text: stream + text }]);
  assert.ok(plan !== null, JSON.stringify(diagnostics));
  return buildProgram(plan);
}

function records(world: World): DetectionRecord[] {
  const lines = readFileSync(world.path, 'utf8').split('\n').filter(Boolean);
  return lines.map((text) => JSON.parse(text) as DetectionRecord);
}

const said = (world: World): string[] =>
  records(world).map(
    ({ rule, timing, status, revision, evidence }) =>
      `${rule} ${timing} ${status} ${revision} ${evidence.ids.join(' ')}`,
  );

const quick = 'LATENESS 1 SECONDS IDLE 1 SECONDS';
const busy = 'LATENESS 1 SECONDS IDLE 1 DAYS';

type Driver = Awaited<ReturnType<typeof startDriver>>['driver'];

/** The lines one by one; then an orderly end, or, with the last of them behind a checkpoint, none. */
async function live(context: TestContext, world: World, program: Program, sent: [string, number][], ends: boolean) {
  const { driver } = await startDriver(context, world, 1e9, program);
  for (const [i, [id, at_ms]] of sent.entries()) {
    if (!ends && i === sent.length - 1) await checkpointed(world, driver);
    await driver.submit('p', [line(id, at_ms)]);
  }
  // What was answered is not all of the turn: an end of the turn is.
  if (ends) await driver.stop();
  else await driver.pause(async () => null);
}

async function checkpointed(world: World, driver: Driver): Promise<void> {
  world.clock.advance(31_000);
  await driver.pause(async () => null);
  while (driver.last_checkpoint_ms === null) await new Promise((resolve) => setTimeout(resolve, 10));
}

for (const ends of [true, false]) {
  const how = ends ? 'after an orderly end' : 'after a crash, early records behind the checkpoint too';

  test(`law 4: EMIT EARLY, other rules start (${how}): told once; withdrawn when its rule is gone; of a new rule told then`, async (context) => {
    const sent: [string, number][] = [
      ['e1', 0],
      ['e2', 1000],
      ['e3', 5000],
      ['e4', 6000],
    ];
    const early = ['pairs early open 1 e1 e2', 'pairs early open 1 e3 e4'];
    const others = {
      same: [pairs() + minutes(9), []],
      gone: [minutes(9), ['pairs final withdrawn 2 e1 e2', 'pairs final withdrawn 2 e3 e4']],
      new: [pairs() + singles, ['e1', 'e2', 'e3', 'e4'].map((id) => `singles early open 1 ${id}`)],
    } as const;
    for (const [what, [rules, more]] of Object.entries(others)) {
      const world = newWorld(context);
      await live(context, world, programOf(pairs()), sent, ends);
      assert.deepEqual(said(world), early);
      for (let starts = 0; starts < 2; starts++) {
        const { driver, recovery } = await startDriver(context, world, 1e9, programOf(rules));
        assert.equal(recovery.kind, starts === 0 ? 'rebuilt' : 'resumed');
        await driver.stop();
        assert.deepEqual(said(world), [...early, ...more], what);
      }
      const { driver } = await startDriver(context, world, 1e9, programOf(rules));
      await driver.submit('p', [line('e9', 60_000)]);
      await driver.stop();
      const final = said(world).filter((one) => one.startsWith('pairs final open'));
      assert.deepEqual(final, what === 'gone' ? [] : ['pairs final open 1 e1 e2', 'pairs final open 1 e3 e4'], what);
    }
  });
}

test('law 4: what left early and was withdrawn before other rules start is not told again', async (context) => {
  const world = newWorld(context);
  // e1 comes behind e2 and stands beside it on arrival (at 9 s); at 15 s W has passed its own time and not that one.
  const sent: [string, number][] = [
    ['e2', 9000],
    ['e1', 1000],
    ['e5', 15_000],
  ];
  await live(context, world, programOf(pairs()), sent, true);
  const before = ['pairs early open 1 e2 e1', 'pairs final withdrawn 2 e2 e1'];
  assert.deepEqual(said(world), before);
  await live(context, world, programOf(pairs() + minutes(9)), [], true);
  assert.deepEqual(said(world), before);
});

test('law 4: a restart remembers what is open early: rules that take over later withdraw it', async (context) => {
  const world = newWorld(context);
  const sent: [string, number][] = [
    ['e1', 0],
    ['e2', 1000],
  ];
  await live(context, world, programOf(pairs()), sent, true);
  await live(context, world, programOf(pairs()), [['e3', 1500]], true);
  await live(context, world, programOf(minutes(9)), [], true);
  const withdrawn = said(world).filter((one) => one.includes('withdrawn'));
  assert.deepEqual(withdrawn, ['pairs final withdrawn 2 e1 e2']);
});

test('law 4: a quiet night is in the checkpoint of an orderly end: a rule that changes does not tell it again', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world, 1e9, programOf(minutes(1), quick));
  await driver.submit('p', [line('e1', 0)]);
  await checkpointed(world, driver);
  for (let wait = 0; wait < 500 && (engine.watermark_ms ?? 0) < world.clock.now_ms() - 60_000; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (wait % 30 === 0) world.clock.advance(5000);
  }
  await driver.stop();
  assert.deepEqual(said(world), ['minutes final open 1 e1']);
  const changed = minutes(1).replace('AT END', 'AT END EVIDENCE 5');
  await live(context, world, programOf(changed, quick), [['e2', 200_000]], true);
  assert.deepEqual(said(world), ['minutes final open 1 e1']);
});

test('law 4: what a crashed run had told is not told again by a rule that changed since, and nothing behind it is lost', async (context) => {
  const single = (more: string): string =>
    `CREATE RULE single AS SELECT account_id FROM events WHERE event_type = 'login'${more};\n`;
  const world = newWorld(context);
  const sent: [string, number][] = Array.from({ length: 8 }, (_, i) => [`e${i}`, i * 1000]);
  const { driver } = await startDriver(context, world, 1e9, programOf(single(''), busy));
  for (const [i, [id, at_ms]] of sent.entries()) {
    if (i === 3) await checkpointed(world, driver);
    await driver.submit('p', [line(id, at_ms)]);
  }
  await driver.pause(async () => null);
  const old = said(world);
  assert.deepEqual(
    old,
    [0, 1, 2, 3, 4, 5].map((i) => `single final open 1 e${i}`),
  );
  const changed = single(" AND account_id <> 'nobody'");
  await live(context, world, programOf(changed + minutes(9), busy), [['e9', 60_000]], true);
  const after = said(world);
  assert.deepEqual(after, [...old, 'single final open 1 e6', 'single final open 1 e7']);
  const hashes = records(world).map(({ plan_hash }) => plan_hash);
  assert.equal(new Set(hashes.slice(-2)).size, 1);
  assert.notEqual(hashes[0], hashes[7], 'the rule changed');
});
