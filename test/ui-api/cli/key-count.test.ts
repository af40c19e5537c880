import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyCount } from '../../../ui-api/cli/key-count.ts';

test('different keys are counted up to a bound, and then it is said that there were more', () => {
  const keys = new KeyCount(3);
  for (const key of ['a', 'b', 'a', 'c']) keys.add(key);
  assert.deepEqual([keys.size, keys.is_more], [3, false]);
  keys.add('b');
  assert.equal(keys.is_more, false, 'it is known');
  keys.add('d');
  assert.deepEqual([keys.size, keys.is_more], [3, true]);
});
