import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IntakeQueue } from '../../../ui-api/live/intake-queue.ts';

const lines = (count: number, size = 1): Uint8Array[] => Array.from({ length: count }, () => new Uint8Array(size));

test('what does not fit is refused at once, and fits again when something was taken', () => {
  const queue = new IntakeQueue(10);
  assert.notEqual(queue.offer('a', lines(6)), null);
  assert.equal(queue.offer('a', lines(5)), null);
  assert.notEqual(queue.offer('a', lines(4)), null);
  assert.equal(queue.events, 10);
  assert.equal(queue.take(1).length, 1);
  assert.equal(queue.events, 4);
  assert.notEqual(queue.offer('b', lines(5)), null);
});

test('a submission larger than the queue is taken when nothing waits, so that it is not refused for ever', () => {
  const queue = new IntakeQueue(10);
  assert.notEqual(queue.offer('a', lines(50)), null);
  assert.equal(queue.offer('a', lines(1)), null);
});

test('bytes are bounded too', () => {
  const queue = new IntakeQueue(1000);
  assert.notEqual(queue.offer('a', lines(1, 40_000_000)), null);
  assert.equal(queue.offer('a', lines(1, 40_000_000)), null);
  queue.take(1);
  assert.notEqual(queue.offer('a', lines(1, 40_000_000)), null);
});

test('submissions leave in the order they came, whole', () => {
  const queue = new IntakeQueue(100);
  for (const name of ['a', 'b', 'c']) queue.offer(name, lines(3));
  assert.deepEqual(
    queue.take(4).map(({ partition }) => partition),
    ['a', 'b'],
  );
  assert.deepEqual(
    queue.take(4).map(({ partition }) => partition),
    ['c'],
  );
});

test('a closed queue refuses; what waits is kept for the last turn, or refused too', async () => {
  const queue = new IntakeQueue(100);
  const waiting = queue.offer('a', lines(1));
  queue.close('stopping', false);
  await assert.rejects(Promise.resolve(queue.offer('a', lines(1))), /stopping/);
  assert.equal(queue.events, 1);
  queue.close('the log failed', true);
  await assert.rejects(Promise.resolve(waiting), /stopping/);
  assert.equal(queue.events, 0);
});

test('waited() resolves when something comes', async () => {
  const queue = new IntakeQueue(100);
  const waited = queue.waited();
  queue.offer('a', lines(1));
  await waited;
  await queue.waited();
});

test('who wakes it while nobody waits is heard, once', async () => {
  const queue = new IntakeQueue(100);
  queue.wake();
  await queue.waited();
  let resolved = false;
  const waited = queue.waited().then(() => {
    resolved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(resolved, false);
  queue.wake();
  await waited;
});
