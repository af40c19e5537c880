import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HyperLogLog } from '../../../engine/aggregates/hyper-log-log.ts';
import { numberHash } from '../../../engine/aggregates/value-hash.ts';
import { contentHash } from '../../../engine/decode/text-hash.ts';

const texts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => contentHash(`198.51.${(from + i) >> 8}.${(from + i) & 255}`));
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => numberHash(from + i));

function sketchOf(hashes: readonly number[]): HyperLogLog {
  const sketch = new HyperLogLog();
  for (const hash of hashes) sketch.add(hash);
  return sketch;
}

test('exact up to 512 different values', () => {
  for (const n of [0, 1, 2, 100, 511, 512]) {
    assert.equal(sketchOf(texts(0, n)).count(), n);
    assert.equal(sketchOf(numbers(0, n)).count(), n);
  }
});

test('beyond that the error is that of HyperLogLog: about 1.6 %, without bias where the sparse form ends', () => {
  for (const n of [513, 600, 1000, 3000, 5000, 10_000, 20_000, 50_000, 200_000]) {
    const errors = Array.from(
      { length: 20 },
      (_, i) => sketchOf(numbers(i * 1_000_000, i * 1_000_000 + n)).count() / n - 1,
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    assert.ok(Math.abs(mean) < 0.012, `mean error ${mean} at ${n}`);
    for (const error of errors) assert.ok(Math.abs(error) < 4 * 0.01625, `error ${error} at ${n}`);
    assert.ok(Math.abs(sketchOf(texts(0, n)).count() / n - 1) < 4 * 0.01625, `texts at ${n}`);
  }
});

test('order, repetition and how sketches were merged cannot show', () => {
  for (const [from, to] of [
    [0, 300],
    [0, 700],
    [0, 9000],
  ] as const) {
    const hashes = texts(from, to);
    const whole = sketchOf(hashes).count();
    assert.equal(sketchOf([...hashes].reverse()).count(), whole);
    assert.equal(sketchOf([...hashes, ...hashes]).count(), whole);
    for (const parts of [2, 10]) {
      const merged = new HyperLogLog();
      for (let part = 0; part < parts; part++) merged.merge(sketchOf(hashes.filter((_, i) => i % parts === part)));
      assert.equal(merged.count(), whole, `${parts} parts of ${to}`);
    }
  }
});

test('hashes are of the content, and pinned', () => {
  assert.equal(numberHash(-0), numberHash(0));
  assert.deepEqual(
    [0, 1, 1.5, -1, 2 ** 53 - 1].map(numberHash),
    [1669671676, -142385009, -260406309, -494280847, -1015383431],
  );
});
