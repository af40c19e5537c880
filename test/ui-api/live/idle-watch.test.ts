import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '../../../engine/index.ts';
import { IdleWatch } from '../../../ui-api/live/idle-watch.ts';

const idle_ms = 5000;

function record(partition: string): LogEntry {
  return { kind: 'record', record: { partition, position: 1, received_at: 0, bytes: new Uint8Array() } };
}

/** Lets what is due take effect, as the driver does once the log has it. */
function step(watch: IdleWatch, now_ms: number): LogEntry[] {
  const entries = watch.due(now_ms);
  for (const entry of entries) watch.observe(entry, now_ms);
  return entries;
}

test('S3 nothing ticks before the first record', () => {
  assert.deepEqual(new IdleWatch(idle_ms).due(1_000_000), []);
});

test('S3 a partition steps aside only after IDLE of silence, and a record resets that', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  assert.deepEqual(step(watch, 4999), []);
  watch.observe(record('a'), 4999);
  assert.deepEqual(step(watch, 9998), []);
  assert.deepEqual(step(watch, 9999)[0], { kind: 'idle', partition: 'a' });
});

test('S3 a rejected record moves nothing: a partition that sends nothing else is silent, and holds nobody back', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  for (let now_ms = 1000; now_ms < 5000; now_ms += 1000) {
    watch.observe(record('a'), now_ms, 'rejected');
    watch.observe(record('garbage'), now_ms, 'rejected');
    assert.deepEqual(step(watch, now_ms), []);
  }
  assert.deepEqual(step(watch, 5000), [
    { kind: 'idle', partition: 'a' },
    { kind: 'tick', now_ms: 5000 },
  ]);
  watch.observe(record('garbage'), 5500, 'rejected');
  assert.deepEqual(step(watch, 6000), [{ kind: 'tick', now_ms: 6000 }]);
  assert.equal(watch.partitions, 2);
  // What is late or a duplicate came from somebody who is there.
  watch.observe(record('a'), 6100, 'late');
  assert.equal(watch.is_aside('a'), false);
});

test('S3 a late record or a duplicate that brings its partition no nearer makes it appear, and keeps it no longer', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0, 'late', false);
  watch.observe(record('b'), 0, 'accepted', true);
  for (let now_ms = 1000; now_ms < 5000; now_ms += 1000) {
    watch.observe(record('a'), now_ms, 'duplicate', false);
    watch.observe(record('b'), now_ms, 'late', true);
    assert.deepEqual(step(watch, now_ms), []);
  }
  assert.deepEqual(step(watch, 5000), [{ kind: 'idle', partition: 'a' }]);
  // It is back with any record, as it is for the engine, until it was silent again.
  watch.observe(record('a'), 6000, 'duplicate', false);
  watch.observe(record('b'), 6500, 'accepted', true);
  assert.equal(watch.is_aside('a'), false);
  watch.observe(record('a'), 10_999, 'duplicate', false);
  assert.deepEqual(step(watch, 11_000)[0], { kind: 'idle', partition: 'a' });
});

test('S3 while one partition is active no tick comes; when all are aside one comes each second', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  watch.observe(record('b'), 3000);
  assert.deepEqual(step(watch, 6000), [{ kind: 'idle', partition: 'a' }]);
  assert.deepEqual(step(watch, 7000), []);
  assert.deepEqual(step(watch, 8000), [
    { kind: 'idle', partition: 'b' },
    { kind: 'tick', now_ms: 8000 },
  ]);
  assert.deepEqual(step(watch, 8500), []);
  assert.deepEqual(step(watch, 9000), [{ kind: 'tick', now_ms: 9000 }]);
});

test('S3 a partition that is back stops the ticks', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  step(watch, 5000);
  assert.equal(watch.is_aside('a'), true);
  watch.observe({ kind: 'back', partition: 'a' }, 6000);
  assert.equal(watch.is_aside('a'), false);
  assert.deepEqual(step(watch, 7000), []);
});

test('after an hour of silence the ticks come once a minute; a clock that steps back does not silence them', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  step(watch, 5000);
  const late_ms = 2 * 3_600_000;
  assert.equal(step(watch, late_ms).length, 1);
  assert.equal(step(watch, late_ms + 1000).length, 0);
  assert.equal(step(watch, late_ms + 60_000).length, 1);
  assert.equal(step(watch, 10_000).length, 1);
});

test('a restored watch knows the same partitions', () => {
  const watch = new IdleWatch(idle_ms);
  watch.observe(record('a'), 0);
  step(watch, 5000);
  watch.observe(record('b'), 6000);
  const restored = new IdleWatch(idle_ms);
  restored.restore(watch.snapshot(), 100_000);
  assert.equal(restored.is_aside('a'), true);
  assert.deepEqual(step(restored, 104_999), []);
  assert.deepEqual(step(restored, 105_000)[0], { kind: 'idle', partition: 'b' });
});
