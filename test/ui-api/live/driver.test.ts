import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MemoryCheckpoints } from '../../../connectors/index.ts';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { limits, lookupContent, type Program } from '../../../engine/index.ts';

import { line, newWorld, programOf, start_ms, startDriver, text, type World, written } from './driver-world.ts';

test('an answer comes only after the log has the lines on disk', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  let open = (): void => undefined;
  world.log.gate = new Promise((resolve) => {
    open = resolve;
  });
  let answered = false;
  const answer = driver.submit('p', [line('e1', 0)])?.then((results) => {
    answered = true;
    return results;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(answered, false);
  assert.equal(engine.counters.read, 0, 'nothing takes effect before it is logged');
  open();
  assert.deepEqual(await answer, [{ status: 'accepted' }]);
});

test('a log that cannot be written refuses the lines and all later ones, and ends the loop', async (context) => {
  const world = newWorld(context);
  const { driver } = await startDriver(context, world);
  world.log.failure = new Error('no space left on device');
  await assert.rejects(Promise.resolve(driver.submit('p', [line('e1', 0)])), /no space left/);
  await assert.rejects(driver.finished, /no space left/);
  assert.equal(driver.state, 'failed');
  await assert.rejects(Promise.resolve(driver.submit('p', [line('e2', 0)])), /Weir stopped: no space left/);
  assert.equal(world.log.end_position, 0);
});

test('a full queue takes nothing; a line over the limit is logged cut, and rejected as too large', async (context) => {
  const world = newWorld(context);
  const { driver } = await startDriver(context, world, 2);
  const first = driver.submit('p', [line('e1', 0), Buffer.alloc(limits.record_bytes * 3, 32)]);
  assert.equal(driver.submit('p', [line('e2', 0)]), null);
  const results = await first;
  assert.equal(results?.[1].reason, 'too_large');
  await driver.stop();
  assert.equal(world.letters.letters[0].bytes.length, limits.record_bytes + 1);
});

/** Sends a line of each a tenth of a second of the clock, for so many seconds; where W is in the end, from the start on. */
async function sendBoth(
  context: Parameters<typeof newWorld>[0],
  seconds: number,
  second: (i: number) => Uint8Array,
): Promise<number> {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  for (let i = 0; i < seconds * 10; i++) {
    await driver.submit('first', [line(`e${i}`, i * 100)]);
    await driver.submit('second', [second(i)]);
    world.clock.advance(100);
  }
  await driver.stop();
  return (engine.watermark_ms as number) - start_ms;
}

test('S3 a source that sends only duplicates or late records holds W for IDLE at most, and not for ever', async (context) => {
  const [lateness, idle] = [1000, 1000];
  const least = 20_000 - lateness - idle - 500;
  const again = await sendBoth(context, 20, () => line('e0', 0));
  assert.ok(again > least, `one event again and again: ${again}`);
  const twin = await sendBoth(context, 20, (i) => line(`e${i}`, i * 100));
  assert.ok(twin > least, `a second sender of the same events: ${twin}`);
  const late = await sendBoth(context, 20, (i) => line(`l${i}`, i === 0 ? 0 : -60_000));
  assert.ok(late > least, `events of one past time: ${late}`);
});

test('S3 a source that catches up is waited for, late as its records are until it has', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  await driver.submit('first', [line('e', 60_000)]);
  world.clock.advance(60_000);
  const statuses: (string | undefined)[] = [];
  for (let i = 0; i <= 70; i++) {
    await driver.submit('first', [line(`e${i}`, 60_000 + i * 500)]);
    const results = await driver.submit('second', [line(`s${i}`, i * 1000)]);
    statuses.push(results?.[0]?.status);
    world.clock.advance(500);
  }
  assert.deepEqual([...new Set(statuses)], ['late', 'accepted']);
  assert.equal(statuses.indexOf('accepted'), 59, 'W stood where it was when the source appeared');
  assert.equal((engine.watermark_ms as number) - start_ms, 69_000);
  await driver.stop();
});

test('S3 what steps aside and what the clock says is logged before it takes effect', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  await driver.submit('p', [line('e1', 0)]);
  world.clock.advance(5000);
  while (engine.watermark_ms !== start_ms + 3000) await new Promise((resolve) => setTimeout(resolve, 20));
  await driver.submit('p', [line('e2', 4500)]);
  await driver.stop();
  const kinds: string[] = [];
  for await (const { entry } of world.log.read(0)) kinds.push(entry.kind);
  assert.deepEqual(
    kinds.filter((kind) => kind !== 'verdict'),
    ['record', 'idle', 'tick', 'back', 'record'],
  );
  assert.deepEqual(written(world), ['e1']);
});

test('S3 a partition steps aside only when nothing of it is left to read, however long the disk takes', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  await driver.submit('p', [line('e1', 0)]);
  let open = (): void => undefined;
  world.log.gate = new Promise((resolve) => {
    open = resolve;
  });
  const slow = [driver.submit('p', [line('e2', 100)]), driver.submit('p', [line('e3', 200)])];
  world.clock.advance(60_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  open();
  assert.deepEqual(await Promise.all(slow), [[{ status: 'accepted' }], [{ status: 'accepted' }]]);
  assert.equal(engine.watermark_ms, start_ms + 200 - 1000, 'the clock has not moved it');
  const kinds: string[] = [];
  for await (const { entry } of world.log.read(0)) kinds.push(entry.kind);
  assert.deepEqual(
    kinds.filter((kind) => kind !== 'verdict'),
    ['record', 'record', 'record'],
  );
});

test('law 4: a restart from any state of the log and the checkpoint writes each detection once', async (context) => {
  const lines = Array.from({ length: 12 }, (_, i) => line(`e${i}`, i * 700));
  for (let cut = 1; cut < lines.length; cut++) {
    const world = newWorld(context);
    const before = await startDriver(context, world);
    for (const each of lines.slice(0, cut)) await before.driver.submit('p', [each]);
    // Odd ones are stopped in order and write a checkpoint; the others are left as a crash leaves them.
    if (cut % 2 === 1) await before.driver.stop();
    const after = await startDriver(context, world);
    assert.equal(after.recovery.kind, cut % 2 === 1 ? 'resumed' : 'rebuilt');
    for (const each of lines.slice(cut - 1)) await after.driver.submit('p', [each]);
    await after.driver.stop();
    assert.deepEqual(written(world), ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9'], `cut ${cut}`);
    assert.equal(after.engine.counters.duplicate, 1);
  }
});

test('S4 a stored verdict stands when LATENESS changes: the rebuild accepts what was accepted', async (context) => {
  for (const [first, second] of [
    ['60 SECONDS', '1 SECONDS'],
    ['1 SECONDS', '60 SECONDS'],
  ]) {
    const world = newWorld(context);
    const before = await startDriver(context, world, 100, programOf(first));
    for (const at_ms of [100_000, 50_000, 200_000, 150_000, 141_000, 139_000, 300_000]) {
      await before.driver.submit('p', [line(`e${at_ms}`, at_ms), Buffer.from('{')]);
    }
    await before.driver.stop();
    const { counters } = before.engine;
    const letters = world.letters.letters.length;
    assert.equal(letters, 7);
    const after = await startDriver(context, world, 100, programOf(second));
    assert.equal(after.recovery.kind, 'rebuilt');
    // What waited for the watermark without a verdict is judged now, and is accepted too.
    const { accepted, ...others } = after.engine.counters;
    assert.ok(accepted >= counters.accepted, `${first} -> ${second}`);
    assert.deepEqual({ ...others, accepted: 0 }, { ...counters, accepted: 0 });
    assert.equal(world.letters.letters.length, letters, 'no letter is written again');
    assert.ok((after.engine.watermark_ms ?? 0) >= (before.engine.watermark_ms ?? 0), 'W never falls');
    await after.driver.stop();
  }
});

async function kindsOf(world: World): Promise<string[]> {
  const kinds: string[] = [];
  for await (const { entry } of world.log.read(0)) {
    if (entry.kind !== 'verdict') kinds.push('partition' in entry ? `${entry.kind} ${entry.partition}` : entry.kind);
  }
  return kinds;
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 600));

test('S3 a silent partition steps aside while another one keeps Weir busy', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  await driver.submit('quiet', [line('q', 0)]);
  for (let i = 0; i < 4; i++) {
    world.clock.advance(400);
    await driver.submit('busy', [line(`b${i}`, 10_000 + i)]);
  }
  assert.ok((await kindsOf(world)).includes('idle quiet'));
  assert.equal(engine.watermark_ms, start_ms + 9003);
});

test('S3 a partition whose records are all rejected holds back nobody', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world);
  await driver.submit('broken', [line('q', 0)]);
  for (let i = 0; i < 4; i++) {
    world.clock.advance(400);
    const results = await driver.submit('broken', [new TextEncoder().encode('{"no event":1}')]);
    assert.equal(results?.[0].status, 'rejected');
    await driver.submit('busy', [line(`b${i}`, 10_000 + i)]);
  }
  assert.ok((await kindsOf(world)).includes('idle broken'));
  assert.ok((engine.watermark_ms ?? 0) >= start_ms + 9000);
});

test('S3 after an outage nobody is aside, and the clock does not move W before IDLE has passed', async (context) => {
  const world = newWorld(context);
  const before = await startDriver(context, world);
  await before.driver.submit('a', [line('a1', 0)]);
  world.clock.advance(2000);
  while (!(await kindsOf(world)).includes('tick')) await turns();
  await before.driver.stop();
  const entries = world.log.end_position;
  world.clock.advance(3_600_000);
  const after = await startDriver(context, world);
  await turns();
  assert.deepEqual((await kindsOf(world)).slice(-1), ['back a'], `${entries} entries before`);
  // What queued up at the sender during the outage.
  const results = await after.driver.submit('a', [line('a2', 1000)]);
  assert.deepEqual(results, [{ status: 'accepted' }]);
});

test('at the bound on waiting events the partition that holds W back is let in; a refused one is not silent', async (context) => {
  const world = newWorld(context);
  const { driver, engine } = await startDriver(context, world, 100, programOf(), 8);
  await driver.submit('slow', [line('s0', 0)]);
  await driver.submit(
    'fast',
    Array.from({ length: 7 }, (_, i) => line(`f${i}`, 5000 + i)),
  );
  assert.equal(engine.held_back_by, 'slow');
  world.clock.advance(900);
  assert.equal(driver.submit('fast', [line('f9', 5009)]), null);
  const taken = driver.submit('slow', [line('s1', 20_000)]);
  assert.notEqual(taken, null);
  await taken;
  world.clock.advance(200);
  await turns();
  assert.ok(!(await kindsOf(world)).includes('idle fast'));
});

test('what a changed rule wrote before is not waited for after the start', async (context) => {
  const world = newWorld(context);
  writeFileSync(world.path, '{"id":"of-a-rule-that-is-gone","evidence":{"ids":["x"]}}\n');
  const { detections } = await startDriver(context, world);
  assert.equal(detections.written_before, 0);
});

test('a checkpoint of another version is told apart from none: history is not published again', async (context) => {
  const world = newWorld(context);
  const before = await startDriver(context, world);
  for (let i = 0; i < 5; i++) await before.driver.submit('p', [line(`e${i}`, i * 700)]);
  await before.driver.stop();
  const known = written(world);
  assert.ok(known.length > 0);
  await world.checkpoints.write({ ...((await world.checkpoints.read()) as object), version: 1 });
  const after = await startDriver(context, world);
  assert.match(after.recovery.reason ?? '', /another version of Weir/);
  await after.driver.stop();
  assert.deepEqual(written(world), known);
});

test('S13 a changed rule is not silenced by a detection that nobody got', async (context) => {
  const world = newWorld(context);
  const changed = (rule: string): Program => {
    const { plan } = compile([{ path: 'test.rule.sql', text: rule }]);
    assert.ok(plan !== null);
    return buildProgram(plan);
  };
  const suppressing = text.replace("= 'fail';", "= 'fail' SUPPRESS BY account_id FOR 1 HOUR;");
  const before = await startDriver(context, world, 100, changed(suppressing.replace("'login'", "'logout'")));
  for (let i = 0; i < 4; i++) await before.driver.submit('p', [line(`e${i}`, i * 2000)]);
  await before.driver.stop();
  assert.deepEqual(written(world), [], 'the rule asked for another event');
  for (const i of [4, 5]) {
    const after = await startDriver(context, world, 100, changed(suppressing));
    assert.equal(after.recovery.kind, i === 4 ? 'rebuilt' : 'resumed');
    if (i === 5) await after.driver.submit('p', [line('e5', 10_000), line('e6', 14_000), line('e7', 18_000)]);
    await after.driver.stop();
  }
  const ids = written(world);
  assert.equal(ids[0], 'e0', 'the opener of the interval comes along');
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes('e5'));
});

test('S5 EMIT EARLY: on disk as soon as it arrived, then confirmed or withdrawn, each once whatever is derived again', async (context) => {
  const world = newWorld(context);
  const rule = `CREATE STREAM events LATENESS 10 SECONDS IDLE 1 SECONDS;
CREATE RULE twice AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' GROUP BY account_id
WINDOW SLIDING 3 SECONDS HAVING n >= 2 EMIT EARLY;`;
  const compiled = (): Program => {
    const { plan } = compile([{ path: 'test.rule.sql', text: rule }]);
    assert.ok(plan !== null);
    return buildProgram(plan);
  };
  const news = () =>
    readFileSync(world.path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((one) => JSON.parse(one))
      .map(({ timing, status, revision, evidence }) => `${timing} ${status} ${revision} ${evidence.ids.join(' ')}`);
  const first = await startDriver(context, world, 1e9, compiled());
  // e2 comes before e1: on arrival the stream stands at 5 s, so that e1 seems to be near it.
  await first.driver.submit('p', [line('e2', 5000), line('e1', 1000), line('e8', 9000), line('e9', 10_000)]);
  await first.driver.stop();
  const early = news();
  assert.deepEqual(early, ['early open 1 e2 e1', 'early open 1 e8 e9'], 'W has not passed them, and they are on disk');
  // As after a crash before the first checkpoint: everything is derived again from the log.
  const crashed = { ...world, checkpoints: new MemoryCheckpoints() };
  const second = await startDriver(context, crashed, 1e9, compiled());
  assert.deepEqual(news(), early, 'derived again after the restart, and not written twice');
  await second.driver.submit('p', [line('e3', 40_000)]);
  await second.driver.stop();
  const all = news();
  assert.deepEqual(all.slice(2), ['final open 1 e8 e9', 'final withdrawn 2 e2 e1']);
  assert.equal(second.delivery.counters.withdrawn, 1);
});

test('S13 a lookup’s rows are logged before they act, from W as it is then, and a restart has them', async (context) => {
  const world = newWorld(context);
  const rules = `CREATE STREAM events LATENESS 1 SECONDS IDLE 1 DAYS;
CREATE LOOKUP watched (name string PRIMARY KEY) WITH (source = 'watched.csv');
CREATE RULE seen AS SELECT account_id FROM events WHERE account_id IN LOOKUP watched;`;
  const { plan } = compile([{ path: 'test.rule.sql', text: rules }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  const first = await startDriver(context, world, 100, program);
  const rows = (...names: string[]) => [
    lookupContent(
      'watched',
      [{ name: 'name', type: 'string' }],
      names.map((name) => [name]),
    ),
  ];
  assert.equal(await first.driver.activate(rows('b')), Number.NEGATIVE_INFINITY);
  await first.driver.submit('p', [line('e1', 0), line('e2', 2000)]);
  assert.equal(await first.driver.activate(rows('a')), start_ms + 1000);
  await first.driver.submit('p', [line('e3', 1500), line('e4', 5000)]);
  await first.driver.stop();
  assert.deepEqual(written(world), ['e3', 'e2']);
  const kinds: string[] = [];
  for await (const { entry } of world.log.read(0)) if (entry.kind !== 'verdict') kinds.push(entry.kind);
  assert.deepEqual(kinds, ['lookup', 'record', 'record', 'lookup', 'record', 'record']);
  const second = await startDriver(context, world, 100, program);
  assert.deepEqual(
    [...second.engine.lookup_versions.values()],
    rows('a').map(({ version }) => version),
  );
  await second.driver.submit('p', [line('e5', 7000)]);
  await second.driver.stop();
  assert.deepEqual(written(world), ['e3', 'e2', 'e4']);
  await assert.rejects(second.driver.activate(rows('c')), /stopping/);
});
