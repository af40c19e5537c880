import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryScratch } from '../../../engine/index.ts';

test('every append is read back whole, whatever its size, and after clear() anew', () => {
  const scratch = new MemoryScratch();
  for (let round = 0; round < 2; round++) {
    const sizes = [0, 1, 3_000_000, 2_000_000, 9_000_000, 5, 4 * 1024 * 1024, 7];
    const offsets = sizes.map((size, i) => scratch.append(new Uint8Array(size).fill(i + round)));
    sizes.forEach((size, i) => {
      const bytes = scratch.read(offsets[i], size);
      assert.equal(bytes.length, size);
      assert.ok(bytes.every((byte) => byte === i + round));
    });
    assert.equal(
      scratch.size,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    scratch.clear();
    assert.equal(scratch.size, 0);
  }
});
