import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { eventRows } from '../../../engine/route/stream-rows.ts';
import { KeyTable, MISSING, NULL_KEY } from '../../../engine/state/key-table.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from '../../../engine/state/records.ts';
import { StateTable } from '../../../engine/state/state-table.ts';

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
          const found = keys.find(rows, 0);
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

test('StateTable agrees with a Map under finding, creating and sweeping', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 9 }),
    operator: fc.integer({ min: 0, max: 5 }),
    sweep: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const symbols = new Dictionary();
      const ids = Array.from({ length: 10 }, (_, i) => symbols.idOf(`key ${i}`));
      const keys = new KeyTable([0], [true], 0, { shard: 0, shards: 1, groups: 1 }, symbols);
      const rows = rowsOf(
        ids.map(() => 1),
        ids,
        ids,
      );
      keys.bind(rows);
      for (let i = 0; i < 10; i++) {
        keys.find(rows, i);
        assert.equal(keys.create(), i);
      }
      const states = new StateTable([0, 1, 2, 3, 4, 5], keys, 1);
      const model = new Map<string, number>();
      for (const { key, operator, sweep } of steps) {
        const name = `${key} ${operator}`;
        const found = states.find(key, operator, 0);
        assert.equal(found, model.get(name) ?? -1);
        if (found < 0) model.set(name, states.create(key, operator, 0));
        if (sweep > 0) continue;
        states.sweep(key, 0, (one) => one % 2 === 0);
        for (const odd of [1, 3, 5]) model.delete(`${key} ${odd}`);
      }
      assert.equal(
        states.records.reduce((sum, records) => sum + records.live, 0),
        model.size,
      );
    }),
    { numRuns: 200 },
  );
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
