import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('a map of few ids is small however large they are, and one of many costs four bytes an id', () => {
  const few = new IdMap();
  for (let i = 0; i < 100; i++) few.set(i * 40_000, i + 1);
  assert.ok(few.allocated_bytes < 800_000, `${few.allocated_bytes} bytes for 100 ids below 4 million`);
  const many = new IdMap();
  for (let id = 1; id <= 1_000_000; id++) many.set(id, id);
  assert.ok(many.allocated_bytes < 4_500_000, `${many.allocated_bytes} bytes for a million ids`);
  for (let id = 1; id <= 1_000_000; id += 997) assert.equal(many.get(id), id);
});

test('pages go with the last of their ids: ids that come and go leave a map as small as those that are there', () => {
  const map = new IdMap();
  for (let id = 1; id <= 1_000_000; id++) {
    map.set(id, id);
    if (id > 4_096) map.set(id - 4_096, 0);
  }
  assert.ok(map.allocated_bytes < 150_000, `${map.allocated_bytes} bytes for 4,096 ids of a million`);
  for (let id = 1; id <= 1_000_000; id += 13) assert.equal(map.get(id), id > 1_000_000 - 4_096 ? id : 0);
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
