import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { eventRows } from '../../../engine/route/stream-rows.ts';
import { ASLEEP, BLOCK_BITS, BLOCK_MASK, HotBlocks, RING_SIZE } from '../../../engine/state/hot-blocks.ts';
import { KeyTable, MISSING, NULL_KEY } from '../../../engine/state/key-table.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../../../engine/state/records.ts';
import { STATE_TRUE, StateTable } from '../../../engine/state/state-table.ts';

function rowsOf(tenants: number[], ids: number[], numbers: number[]) {
  const count = ids.length;
  return eventRows({
    ...{ count, time: new Float64Array(count), seq: new Float64Array(count), tenant: Int32Array.from(tenants) },
    ...{ idStart: new Int32Array(count + 1), idBytes: new Uint8Array(0), partition: new Int32Array(count) },
    ...{ position: new Float64Array(count), columns: [Int32Array.from(ids), Float64Array.from(numbers)] },
  });
}

for (const [name, columns, isId] of [
  ['one id', [0], [true]],
  ['one number', [1], [false]],
  ['an id and a number', [0, 1], [true, false]],
] as const) {
  test(`S14 KeyTable of ${name} agrees with a Map under finding, creating and freeing`, () => {
    const step = fc.record({
      tenant: fc.integer({ min: 1, max: 2 }),
      id: fc.integer({ min: 0, max: 30 }),
      number: fc.constantFrom(0, -0, 1.5, 7, 1e300, Number.NaN),
      free: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const symbols = new Dictionary();
        for (let i = 0; i < 40; i++) symbols.idOf(`text ${i}`);
        const keys = new KeyTable(columns, isId, 1, { shard: 0, shards: 1, groups: 4 }, symbols);
        const model = new Map<string, number>();
        for (const { tenant, id, number, free } of steps) {
          const rows = rowsOf([tenant], [id], [number]);
          keys.bind(rows);
          const found = keys.find(0);
          const parts = columns.map((column) => (column === 0 ? id : number + 0));
          if ((columns.includes(0 as never) && id === 0) || parts.some(Number.isNaN)) {
            assert.equal(found, NULL_KEY);
            continue;
          }
          const content = JSON.stringify([tenant, parts]);
          assert.equal(found, model.get(content) ?? MISSING, content);
          if (found === MISSING) model.set(content, keys.create());
          else if (free) {
            keys.free(found);
            model.delete(content);
          }
        }
        assert.equal(new Set(model.values()).size, model.size);
        assert.equal(keys.records.live, model.size);
      }),
      { numRuns: 200 },
    );
  });
}

test('HotBlocks: an operator sleeps until its time has passed, and the wake time is the least of the sleepers', () => {
  const step = fc.record({ operator: fc.integer({ min: 0, max: 4 }), for_ms: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const blocks = new HotBlocks(5);
      const other = blocks.create(Int32Array.of(9, 9, 9, 9, 9), 1);
      const block = blocks.create(Int32Array.of(1, 2, 3, 4, 5), 1);
      const model = [1, 2, 3, 4, 5].map((left) => ({ left, until: Number.NEGATIVE_INFINITY }));
      steps.forEach(({ operator, for_ms }, time) => {
        blocks.wake(block, time);
        for (const one of model) if (one.left === ASLEEP && one.until < time) one.left = 1;
        blocks.sleep(block, operator, time + for_ms);
        model[operator] = { left: ASLEEP, until: time + for_ms };
        const sleepers = model.filter(({ left }) => left === ASLEEP).map(({ until }) => until);
        const at = (block & BLOCK_MASK) * blocks.records.stride;
        assert.ok(blocks.records.doubles[block >> BLOCK_BITS][at] <= Math.min(...sleepers), 'woken in time');
        model.forEach((one, k) => {
          assert.deepEqual({ left: blocks.getLeft(block, k), until: blocks.getUntil(block, k) }, one);
          assert.equal(blocks.getLeft(other, k), 9);
        });
      });
      blocks.free(block);
      assert.equal(blocks.records.live, 2);
    }),
    { numRuns: 200 },
  );
});

test('HotBlocks: a ring holds the newest rows, and its size follows the rows that the key has, up and down', () => {
  const step = fc.record({ come: fc.integer({ min: 1, max: 300 }), stay: fc.integer({ min: 0, max: 99 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const blocks = new HotBlocks(1);
      const block = blocks.create(Int32Array.of(1), 1);
      const ints = blocks.records.ints[0];
      const at = block * blocks.records.stride * 2;
      let newest = 0;
      let live = 0;
      for (const { come, stay } of steps) {
        for (let k = 0; k < come; k++) blocks.addRecent(block, ++newest, newest, 7, ++live);
        const [size, ring, count, next] = ints.slice(at + RING_SIZE, at + RING_SIZE + 4);
        const capacity = blocks.recent.capacityOf(size);
        assert.ok(capacity <= Math.max(32, 8 * live), `${capacity} places for ${live} rows`);
        assert.ok(count >= Math.min(live, capacity / 2), 'what it has room for is read from it');
        for (let k = 0; k < count; k++) {
          assert.equal(blocks.recent.rowAt(size, ring, (next - 1 - k) & (capacity - 1)), newest - k);
        }
        live = Math.ceil((live * stay) / 100);
      }
    }),
    { numRuns: 200 },
  );
});

test('StateTable gives freed states again, and a new state remembers nothing', () => {
  const states = new StateTable([2, 0]);
  const first = states.create(0);
  states.setInt(0, first, STATE_TRUE, 1);
  states.free(0, first);
  const second = states.create(0);
  assert.equal(second, first);
  assert.equal(states.getInt(0, second, STATE_TRUE), 0);
  assert.equal(states.getTime(0, second), Number.NEGATIVE_INFINITY);
  assert.notEqual(states.create(0), second);
});

test('Records give freed numbers again, keep their content while they grow, and share a snapshot until written', () => {
  const records = new Records(2);
  const write = (record: number, value: number) => {
    records.own(record >> SEGMENT_BITS);
    records.ints[record >> SEGMENT_BITS][(record & SEGMENT_MASK) * 4 + 3] = value;
  };
  const read = (record: number) => records.ints[record >> SEGMENT_BITS][(record & SEGMENT_MASK) * 4 + 3];
  const count = (1 << SEGMENT_BITS) + 50;
  for (let i = 0; i < count; i++) write(records.allocate(), i);
  for (let i = 0; i < count; i++) assert.equal(read(i), i);
  const snapshot = records.shareSnapshot();
  const kept = structuredClone(snapshot);
  write(7, -1);
  records.free(count - 1);
  assert.equal(records.allocate(), count - 1);
  assert.deepEqual(snapshot, kept);
  const other = new Records(2);
  other.restore(snapshot);
  assert.equal(other.ints[0][7 * 4 + 3], 7);
  assert.equal(other.live, count);
});
