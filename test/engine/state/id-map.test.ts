import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdMap } from '../../../engine/state/id-map.ts';

test('a number is found by its id, 0 where there is none, within and beyond what was set', () => {
  const map = new IdMap();
  assert.equal(map.get(5), 0);
  const ids = [1, 63, 64, 65, 4095, 4096, 1_000_000];
  ids.forEach((id, i) => {
    map.set(id, i + 1);
  });
  assert.deepEqual(
    ids.map((id) => map.get(id)),
    [1, 2, 3, 4, 5, 6, 7],
  );
  for (const id of [0, 2, 66, 4094, 4097, 999_999, 1_000_001, 50_000_000]) assert.equal(map.get(id), 0, `id ${id}`);
  map.set(64, 0);
  assert.deepEqual([map.get(63), map.get(64), map.get(65)], [2, 0, 4]);
});

test('ids that get numbers, others, and none again are those of a Map', () => {
  const step = fc.record({ id: fc.integer({ min: 1, max: 90 }), number: fc.nat({ max: 3 }), jump: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
      const map = new IdMap();
      const model = new Map<number, number>();
      for (const { id: low, number, jump } of steps) {
        const id = jump ? low * 1_000_003 : low;
        if (number > 0) map.set(id, number);
        else if (model.has(id)) map.set(id, 0);
        if (number > 0) model.set(id, number);
        else model.delete(id);
      }
      for (let id = 0; id <= 90; id++) {
        for (const one of [id, id * 1_000_003]) assert.equal(map.get(one), model.get(one) ?? 0, `id ${one}`);
      }
    }),
  );
});

test('a map takes at most 16 bytes for each id that has a number, however many they are and however far apart', () => {
  for (const step of [1, 40, 4_097]) {
    const map = new IdMap();
    for (let n = 1; n <= 300_000; n++) {
      map.set(n * step, n);
      if (n < 20_000 || n % 10_000 > 0) continue;
      assert.ok(map.allocated_bytes < 16 * n, `${map.allocated_bytes} bytes for ${n} ids, each the next but ${step}`);
    }
    for (let n = 1; n <= 300_000; n += 97) assert.equal(map.get(n * step), n);
  }
});

test('ids that come and go leave a map as small as those that are there', () => {
  const map = new IdMap();
  for (let id = 1; id <= 1_000_000; id++) {
    map.set(id, id);
    if (id > 4_096) map.set(id - 4_096, 0);
  }
  assert.ok(map.allocated_bytes < 100_000, `${map.allocated_bytes} bytes for 4,096 ids of a million`);
  for (let id = 1; id <= 1_000_000; id += 13) assert.equal(map.get(id), id > 1_000_000 - 4_096 ? id : 0);
  for (let id = 1; id <= 100_000; id++) map.set(id, id);
  for (let id = 1; id <= 100_000; id++) map.set(id, 0);
  assert.ok(map.allocated_bytes < 150_000, `${map.allocated_bytes} bytes when 100,000 others have gone`);
  map.set(7, 1);
  map.set(7, 2);
  map.set(7, 0);
  assert.deepEqual([map.get(6), map.get(7), map.get(8)], [0, 0, 0]);
});

test('a snapshot stands while the map goes on, and is taken up by a new one', () => {
  const map = new IdMap();
  for (let id = 1; id < 1_000; id++) map.set(id, id * 2);
  const snapshot = map.snapshot();
  map.set(10, 7);
  map.set(70_000, 8);
  const restored = new IdMap();
  restored.restore(snapshot);
  assert.deepEqual([restored.get(10), restored.get(999), restored.get(70_000)], [20, 1_998, 0]);
  restored.set(70_000, 9);
  for (let id = 1; id < 1_000; id++) restored.set(id, 0);
  assert.deepEqual([restored.get(10), restored.get(70_000)], [0, 9]);
  assert.equal(map.get(70_000), 8);
});
