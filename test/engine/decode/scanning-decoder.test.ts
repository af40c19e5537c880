import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BothDecoders, firstDifference } from './mutated-records.ts';

test('S4 the scanning decoder says what the plain one says, of mutated records too', () => {
  const both = new BothDecoders();
  const seed = Date.now() % 1_000_000_007;
  const difference = firstDifference(seed, 60_000, both);
  assert.equal(difference, null, `seed ${seed}: ${difference}`);
  assert.ok(both.accepted > 10_000 && both.rejected > 10_000, `${both.accepted} accepted, ${both.rejected} rejected`);
});
