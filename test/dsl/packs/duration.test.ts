import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatOffset, parseDuration } from '../../../dsl/packs/duration.ts';

test('durations of every unit, and several units together', () => {
  assert.equal(parseDuration('500ms'), 500);
  assert.equal(parseDuration('60s'), 60_000);
  assert.equal(parseDuration('15m'), 900_000);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('2d'), 172_800_000);
  assert.equal(parseDuration('1.5s'), 1_500);
  assert.equal(parseDuration('-5m'), -300_000);
  assert.equal(parseDuration(0), 0);
});

test('what is no duration is null', () => {
  for (const value of ['', '5', 5, 'm', '5 m', '5x', '1m-1s', '0.5ms', null, true, '99999999999d']) {
    assert.equal(parseDuration(value), null, String(value));
  }
});

test('every whole number of milliseconds is written so that it reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (duration_ms) => {
      assert.equal(parseDuration(formatOffset(duration_ms)), duration_ms);
    }),
  );
  assert.equal(formatOffset(540_000), '9m');
  assert.equal(formatOffset(299_999), '4m59s999ms');
});
