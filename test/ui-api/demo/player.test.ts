import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DemoPlayer } from '../../../ui-api/demo/player.ts';

const start_ms = 1_000_000;

/** An event every second from the beginning of a play on. */
function* everySecond(from_ms: number): Generator<{ time_ms: number; event: object }> {
  for (let n = 0; ; n++) yield { time_ms: from_ms + n * 1000, event: { at: from_ms + n * 1000 } };
}

/** A player under a clock of the test's. */
function world(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: number[] = [];
  const clock = { now_ms: start_ms };
  const failures: string[] = [];
  const send = { fails: false };
  const player = new DemoPlayer({
    traffic: everySecond,
    send: async (lines) => {
      if (send.fails) throw new Error('it is full');
      sent.push(...lines.map((line) => (JSON.parse(Buffer.from(line).toString()) as { at: number }).at));
    },
    now_ms: () => clock.now_ms,
    passed_over: () => failures.push('passed over'),
    failed: (why) => failures.push(why),
  });
  /** Lets time pass, and everything that waits for it run. */
  const pass = async (ms: number): Promise<void> => {
    clock.now_ms += ms;
    for (let i = 0; i < 10; i++) await Promise.resolve();
    context.mock.timers.tick(ms);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { player, sent, failures, send, pass };
}

test('what is past comes at once, the rest at its own time, and nothing after stop()', async (context) => {
  const { player, sent, pass } = world(context);
  const played = player.play(start_ms - 3000);
  await pass(0);
  assert.deepEqual(
    sent,
    [-3000, -2000, -1000, 0].map((at) => start_ms + at),
  );
  await pass(500);
  assert.equal(sent.length, 4);
  await pass(500);
  assert.equal(sent.at(-1), start_ms + 1000);
  player.stop();
  await pass(10_000);
  await played;
  assert.equal(sent.length, 5);
});

test('a machine that slept goes on from now: nothing is sent that would come late', async (context) => {
  const { player, sent, pass } = world(context);
  const played = player.play(start_ms);
  await pass(1000);
  assert.deepEqual(sent, [start_ms, start_ms + 1000]);
  await pass(3_600_000);
  await pass(1000);
  const after = sent.slice(2);
  assert.ok(after.length > 0 && after.every((at) => at >= start_ms + 3_601_000), String(after));
  player.stop();
  await played;
});

test('a play that falls behind passes over what would come late, and goes on with the next events of the same play', async (context) => {
  const { player, sent, failures, pass } = world(context);
  const played = player.play(start_ms);
  await pass(1000);
  await pass(6000);
  assert.equal(sent.length, 8, 'what is a little late is sent');
  await pass(20_500);
  await pass(1000);
  assert.deepEqual(sent.slice(8), [start_ms + 28_000], 'twenty events are passed over');
  await pass(20_500);
  assert.deepEqual(failures, ['passed over'], 'it is told once');
  player.stop();
  await played;
});

test('an intake that takes no more ends the play, with a word', async (context) => {
  const { player, send, failures, pass } = world(context);
  send.fails = true;
  const played = player.play(start_ms - 1000);
  await pass(0);
  await played;
  assert.deepEqual(failures, ['it is full']);
});
