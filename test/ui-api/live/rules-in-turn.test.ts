import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecoveryReport } from '../../../ui-api/live/recovery.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../../connectors/files/faulty-files.ts';
import { readLog } from '../../integration/log-backtest.ts';
import { type Given, given, type Life, LivesFolder, start_ms } from './lives-world.ts';
import { backtest, cores, lineOf, programs, streams, toldIn, watermarkOf } from './turns.ts';

/** Other rules and settings run in turn on one data folder: whoever reads its log again finds what was told. */

const [[narrow], [wide], [patient]] = programs;

function newFolder(context: TestContext): LivesFolder {
  const folder = new LivesFolder(temporaryDirectory((cleanUp) => atEnd(context, cleanUp)));
  atEnd(context, () => folder.abandon());
  return folder;
}

/** What is answered at once. One that is accepted waits for W, which nothing moves here: undefined. */
async function statusOf(folder: LivesFolder, life: Life, line: Uint8Array): Promise<string | undefined> {
  const submitted = life.driver.submit('p', [line]);
  const answer = await Promise.race([submitted, folder.settled(life).then(() => null)]);
  return answer?.[0].status;
}

async function send(folder: LivesFolder, life: Life, ...at_s: number[]): Promise<void> {
  for (const second of at_s) {
    folder.clock.advance(Math.max(0, start_ms + second * 1000 - folder.clock.now_ms()));
    await life.driver.submit('p', [lineOf(`e${second}`, start_ms + second * 1000, 'a')]);
  }
}

/** Rules with a wide LATENESS have logged and judged what a narrow one would not have taken, behind a checkpoint of that. */
async function wideInTurn(context: TestContext): Promise<LivesFolder> {
  const folder = newFolder(context);
  const first = await folder.start(narrow);
  await send(folder, first, 0, 1, 10, 11);
  await folder.end(first, 'stop');
  const second = await folder.start(wide);
  assert.equal(second.recovery.kind, 'rebuilt');
  await send(folder, second, 20, 21, 27, 24, 32, 33);
  await folder.settled(second);
  await folder.end(second, 'kill');
  return folder;
}

/** The narrow ones start again; what was told in all is what a backtest of the log says. */
async function narrowAgain(folder: LivesFolder): Promise<RecoveryReport> {
  const third = await folder.start(narrow);
  await send(folder, third, 100, 200);
  await folder.settled(third);
  const until_ms = watermarkOf(third);
  await folder.end(third, 'stop');
  const found = await backtest(narrow.program, await readLog(folder.log_directory), until_ms);
  assert.deepEqual(cores(toldIn(folder)), cores(found));
  assert.ok(found.some(({ evidence }) => evidence.ids.includes('e24')));
  return third.recovery;
}

test('law 1: rules that another start ran meanwhile, killed before their next checkpoint, leave a log that is read as they judged it', async (context) => {
  const folder = await wideInTurn(context);
  assert.equal((await narrowAgain(folder)).reason, 'the rules changed');
});

test('law 1: the same where the disk damaged the newest checkpoint, and where it damaged all of them', async (context) => {
  for (const damaged of [1, 2]) {
    const folder = await wideInTurn(context);
    folder.damageCheckpoints(damaged);
    assert.equal((await narrowAgain(folder)).kind, 'rebuilt');
  }
});

test('law 1: the same where a deployment ran other rules meanwhile: no state of those before is taken up', async (context) => {
  const folder = newFolder(context);
  const [[before, after]] = programs;
  const first = await folder.start(before);
  await send(folder, first, 0, 1);
  await folder.checkpointed(first);
  await folder.deploy(first, after);
  await send(folder, first, 40, 41);
  await folder.end(first, 'kill');
  folder.damageCheckpoints(1);
  const second = await folder.start(before);
  assert.equal(second.recovery.reason, 'the rules changed');
  await folder.end(second, 'stop');
});

test('law 4: a start that cannot write that it takes over logs nothing, and the next one goes on from what is there', async (context) => {
  for (const writes of [0, 1]) {
    const folder = newFolder(context);
    const first = await folder.start(narrow);
    await send(folder, first, 0, 1, 10, 11);
    await folder.end(first, 'stop');
    const { entries } = await readLog(folder.log_directory);
    let renames = 0;
    folder.fault = (call, path) =>
      call === 'rename' && path.endsWith('.checkpoint') && renames++ === writes ? 'ENOSPC' : undefined;
    const second = await folder.start(wide);
    await assert.rejects(second.driver.stop(), /no space left/);
    await assert.rejects(send(folder, second, 20), /Weir stopped: ENOSPC/);
    await folder.end(second, 'kill');
    folder.fault = () => undefined;
    assert.deepEqual((await readLog(folder.log_directory)).entries, entries);
    const third = await folder.start(narrow);
    assert.equal(third.recovery.kind, writes === 0 ? 'resumed' : 'rebuilt');
    await folder.end(third, 'stop');
  }
});

test('a crash between a take-over and the checkpoint of its state: the log is read again, said why, and nothing is told twice', async (context) => {
  const folder = newFolder(context);
  const first = await folder.start(narrow);
  await send(folder, first, 0, 1, 10, 11, 20);
  await folder.end(first, 'stop');
  let renames = 0;
  folder.fault = (call, path) =>
    call === 'rename' && path.endsWith('.checkpoint') && renames++ === 2 ? 'ENOSPC' : undefined;
  const second = await folder.start(wide);
  await assert.rejects(second.driver.stop(), /no space left/);
  await folder.end(second, 'kill');
  folder.fault = () => undefined;
  const third = await folder.start(wide);
  assert.equal(third.recovery.reason, 'these rules took over, and Weir ended before a checkpoint had their state');
  await folder.end(third, 'stop');
  const fourth = await folder.start(wide);
  assert.equal(fourth.recovery.kind, 'resumed');
  await folder.end(fourth, 'stop');
  const told = toldIn(folder);
  assert.ok(told.length > 2);
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
});

test('S3 law 4: W does not fall behind what was told before a crash, whatever LATENESS and IDLE are now', async (context) => {
  const folder = newFolder(context);
  const first = await folder.start(narrow);
  await send(folder, first, 1);
  for (let quiet = 0; quiet < 4; quiet++) {
    folder.clock.advance(5000);
    await folder.settled(first);
  }
  assert.deepEqual(
    toldIn(folder).map(({ rule }) => rule),
    ['ends'],
    'the clock ended its window',
  );
  await folder.end(first, 'kill');
  const second = await folder.start(patient);
  assert.equal(await statusOf(folder, second, lineOf('e5', start_ms + 5000, 'a')), 'late');
  await send(folder, second, 60, 61);
  await folder.settled(second);
  const until_ms = watermarkOf(second);
  await folder.end(second, 'stop');
  const found = await backtest(patient.program, await readLog(folder.log_directory), until_ms);
  assert.deepEqual(cores(toldIn(folder)), cores(found));
});

/** Killed when detections are on disk, and the verdicts of their events wait for the log's next append. */
async function killedBetween(folder: LivesFolder): Promise<void> {
  const life = await folder.start(narrow);
  await life.driver.submit(
    'p',
    [0, 1, 2, 3, 15, 16].map((second) => lineOf(`e${second}`, start_ms + second * 1000, 'a')),
  );
  while (statSync(folder.detections).size === 0) await sleep(1);
  await folder.end(life, 'kill');
  const { entries } = await readLog(folder.log_directory);
  assert.ok(
    entries.every(({ entry }) => entry.kind !== 'verdict'),
    'the loop went on too early',
  );
}

async function goesOn(folder: LivesFolder, rules: Given): Promise<void> {
  const life = await folder.start(rules);
  assert.equal(life.recovery.kind, 'rebuilt');
  assert.equal(life.driver.running.engine.counters.late, 0);
  await send(folder, life, 100);
  await folder.settled(life);
  const until_ms = watermarkOf(life);
  await folder.end(life, 'stop');
  const found = await backtest(rules.program, await readLog(folder.log_directory), until_ms);
  assert.ok(found.some(({ evidence }) => evidence.ids.includes('e0')));
  assert.deepEqual(cores(toldIn(folder)), cores(found));
}

test('law 4: what was accepted and told stays accepted, where Weir was killed before the log had the verdicts', async (context) => {
  for (const rules of [narrow, wide]) {
    const folder = newFolder(context);
    await killedBetween(folder);
    await goesOn(folder, rules);
  }
});

test('law 4: the same where the start after that wrote that it takes over, and ended before its first entry', async (context) => {
  for (const writes of [1, 2]) {
    const folder = newFolder(context);
    await killedBetween(folder);
    let renames = 0;
    folder.fault = (call, path) =>
      call === 'rename' && path.endsWith('.checkpoint') && renames++ === writes ? 'ENOSPC' : undefined;
    const second = await folder.start(narrow);
    await assert.rejects(second.driver.stop(), /no space left/);
    await folder.end(second, 'kill');
    folder.fault = () => undefined;
    await goesOn(folder, narrow);
  }
});

test('S3 law 4: nor behind the rows of tables that were told', async (context) => {
  const folder = newFolder(context);
  const table = (stream: string): Given =>
    given(`CREATE STREAM events ${stream};
CREATE TABLE per_account AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 10 SECONDS;`);
  const first = await folder.start(table(streams[0]));
  await send(folder, first, 1);
  for (let quiet = 0; quiet < 4; quiet++) {
    folder.clock.advance(5000);
    await folder.settled(first);
  }
  await folder.end(first, 'kill');
  const told = readFileSync(folder.tables, 'utf8');
  assert.equal(told.trim().split('\n').length, 1, 'the clock ended its window');
  const second = await folder.start(table(streams[2]));
  assert.equal(await statusOf(folder, second, lineOf('e5', start_ms + 5000, 'a')), 'late');
  await folder.end(second, 'stop');
  assert.equal(readFileSync(folder.tables, 'utf8'), told);
});
