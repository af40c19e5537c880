import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../engine/index.ts';
import { sortMemory } from '../../../ui-api/cli/sort-memory.ts';

const gib = 2 ** 30;

test('a backtest keeps a sixteenth of the memory, between what the engine keeps by itself and four gigabytes', () => {
  const own = { bytes: limits.sorted_bytes, rows: limits.sorted_rows };
  assert.deepEqual(sortMemory(1 * gib), own);
  assert.deepEqual(sortMemory(8 * gib), own);
  assert.deepEqual(sortMemory(24 * gib), { bytes: 1.5 * gib, rows: 3 * limits.sorted_rows });
  assert.deepEqual(sortMemory(512 * gib), { bytes: 4 * gib, rows: 8 * limits.sorted_rows });
  const { bytes, rows } = sortMemory();
  assert.ok(bytes >= own.bytes && bytes <= 4 * gib && rows >= own.rows, `${bytes} bytes, ${rows} rows`);
});
