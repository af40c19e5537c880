import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entropyBits, frequencies, mostFrequent } from '../../../engine/aggregates/frequencies.ts';

const of = (...values: readonly number[]) => frequencies(Float64Array.from(values), values.length);
const text = (raw: number) => `v${raw}`;

test('the most frequent values, equally frequent ones by value, not by place', () => {
  assert.deepEqual(mostFrequent(of(3, 1, 2, 3, 1, 4), 3, text), [
    ['v1', 2],
    ['v3', 2],
    ['v2', 1],
  ]);
  assert.deepEqual(mostFrequent(of(3, 1, 2, 3, 1, 4), 1, text), [['v1', 2]]);
  assert.deepEqual(mostFrequent(of(), 3, text), []);
});

test('only values that may be shown are read', () => {
  const read: number[] = [];
  mostFrequent(of(1, 1, 2, 2, 3, 4, 5), 2, (raw) => read.push(raw));
  assert.deepEqual(read.length, 2);
});

test('entropy in bits depends on the counts alone', () => {
  assert.equal(entropyBits(of(), 0), null);
  assert.equal(entropyBits(of(7, 7, 7), 3), 0);
  for (const bits of [1, 2, 5, 8]) {
    const values = Array.from({ length: 2 ** bits }, (_, i) => i);
    assert.equal(entropyBits(of(...values, ...values), 2 ** (bits + 1)), bits);
  }
  assert.equal(entropyBits(of(1, 2, 2, 3, 3, 3), 6), entropyBits(of(9, 9, 9, 8, 8, 7), 6));
});
