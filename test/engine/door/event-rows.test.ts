import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventRows } from '../../../engine/door/event-rows.ts';
import { doorProgram } from './harness.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const event = {
  timestamp: 5,
  seq: 1,
  id: utf8.encode(''),
  tenant: 3,
  contentHash: () => '',
  failed_casts: new Int32Array(0),
  values: new Float64Array(2),
};

function add(rows: EventRows, id: string, entry: number): number {
  event.values.set([entry % 7, entry]);
  return rows.add(event, utf8.encode(id), 1, { partition: 2, position: entry, entry });
}

function check(rows: EventRows, kept: ReadonlyMap<number, { id: string; entry: number }>): void {
  assert.equal(rows.count, kept.size);
  assert.deepEqual(
    [...rows.usedSlots()],
    [...kept.keys()].sort((a, b) => a - b),
  );
  for (const [slot, { id, entry }] of kept) {
    assert.equal(text.decode(rows.idOf(slot)), id);
    assert.deepEqual([rows.entry[slot], rows.columns[0][slot], rows.columns[1][slot]], [entry, entry % 7, entry]);
  }
}

test('rows keep slot, id and columns while others come and go, and through a snapshot', () => {
  const step = fc.record({ length: fc.nat(300), free: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 600 }), (steps) => {
      const rows = new EventRows(doorProgram(), { textOf: String, hashOf: Number });
      const kept = new Map<number, { id: string; entry: number }>();
      steps.forEach(({ length, free }, entry) => {
        const id = `${entry}.`.padEnd(length, 'x');
        kept.set(add(rows, id, entry), { id, entry });
        if (kept.size < 5 || free > 95) return;
        const slot = [...kept.keys()][free % kept.size];
        rows.free(slot);
        kept.delete(slot);
      });
      check(rows, kept);
      const restored = new EventRows(doorProgram(), { textOf: String, hashOf: Number });
      restored.restore(structuredClone(rows.snapshot()));
      const inOrder = [...kept].sort(([a], [b]) => a - b).map(([, row], slot) => [slot, row] as const);
      check(restored, new Map(inOrder));
      const used = new Uint8Array(10);
      rows.markUsed(used);
      const ids = [...kept.values()].map(({ entry }) => entry % 7);
      assert.deepEqual(
        [...used.keys()].filter((id) => used[id] === 1),
        [...new Set([3, ...ids])].sort((a, b) => a - b),
      );
    }),
    { numRuns: 30 },
  );
});
