import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEGMENT_MASK } from '../../../engine/state/records.ts';
import { RowIds } from '../../../engine/state/row-ids.ts';

const encoder = new TextEncoder();

/** Stores an id behind other bytes, so that it does not begin where a word does. */
function store(ids: RowIds, row: number, id: string): void {
  const bytes = encoder.encode(id);
  const source = new Uint8Array(bytes.length + 1);
  source.set(bytes, 1);
  ids.bind(source);
  ids.set(row, 1, bytes.length);
}

function read(ids: RowIds, row: number): string {
  const bytes = new Uint8Array(ids.lengthOf(row));
  ids.copyTo(bytes, 0, row, bytes.length);
  return new TextDecoder().decode(bytes);
}

test('an id is read as it was stored, whatever ids stand beside it and come after it', () => {
  const id = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ minLength: 30, maxLength: 80 }),
    fc.constant('a'.repeat(512)),
  );
  const step = fc.record({ row: fc.nat({ max: 60 }), id, free: fc.boolean(), copy: fc.nat({ max: 20 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let ids = new RowIds();
      const model = new Map<number, string>();
      for (const { row, id, free, copy } of steps) {
        if (model.has(row)) ids.free(row);
        model.delete(row);
        if (!free) {
          store(ids, row, id);
          model.set(row, id);
        }
        for (const [known, text] of model) assert.equal(read(ids, known), text);
        if (copy > 0) continue;
        // The one goes on from what the other said, and neither changes it for the other.
        const saved = ids.snapshot();
        const restored = new RowIds();
        restored.restore(saved);
        const before = structuredClone(saved);
        for (let other = 0; other < 60; other++) store(ids, other, 'someone else');
        assert.deepEqual(saved, before);
        ids = restored;
      }
      const rest = [...model.values()].reduce((sum, text) => sum + Math.max(0, encoder.encode(text).length - 36), 0);
      assert.equal(ids.rest_bytes, rest);
    }),
    { numRuns: 100 },
  );
});

test('a row takes the words that the ids of its segment need: short ones few, one of a UUID ten in its segment alone', () => {
  const ids = new RowIds();
  const segment = SEGMENT_MASK + 1;
  for (let row = 0; row < 4 * segment; row++) store(ids, row, `e${row.toString().padStart(8, '0')}`);
  assert.equal(ids.allocated_bytes, 4 * segment * 12);
  const uuid = '0190a6f4-52cb-7c3e-9d0b-3d6f0a3b7e11';
  store(ids, segment + 5, uuid);
  assert.equal(ids.allocated_bytes, segment * (3 * 12 + RowIds.most_bytes_a_row));
  assert.equal(RowIds.most_bytes_a_row, 40);
  assert.equal(ids.bytes_a_row, (3 * 12 + 40) / 4);
  assert.deepEqual(
    [segment + 4, segment + 5, segment + 6].map((row) => read(ids, row)),
    ['e00008196', uuid, 'e00008198'],
  );
});
