import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, listOf, nearest } from '../../../dsl/diagnostics/suggest.ts';

test('edit distance counts insertions, deletions, replacements and swaps', () => {
  assert.equal(editDistance('acount_id', 'account_id', 3), 1);
  assert.equal(editDistance('reslut', 'result', 3), 1);
  assert.equal(editDistance('abc', 'xyz', 3), 3);
  assert.equal(editDistance('abc', 'xyz', 1), 2);
});

test('edit distance is a symmetric distance', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b, 20);
      assert.equal(distance, editDistance(b, a, 20));
      assert.equal(distance === 0, a === b);
      assert.ok(distance <= Math.max(a.length, b.length));
    }),
  );
});

test('the nearest name, also by its last part or its beginning; none when all are far', () => {
  const names = ['account_id', 'actor.ip', 'auth.result', 'geo.country'];
  assert.equal(nearest('acount_id', names), 'account_id');
  assert.equal(nearest('ip', names), 'actor.ip');
  assert.equal(nearest('COUNTRY', names), 'geo.country');
  assert.equal(nearest('account', names), 'account_id');
  assert.equal(nearest('timezone', names), null);
  assert.equal(nearest('x'.repeat(100_000), names), null);
});

test('long lists are cut and counted', () => {
  assert.equal(listOf(['a', 'b']), 'a, b');
  assert.equal(listOf(['a', 'b', 'c', 'd'], 2), 'a, b, … (2 more)');
});
