import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryCheckpoints, MemoryDeadLetters } from '../../../connectors/memory/sinks.ts';

test('dead letters are kept as copies', async () => {
  const letters = new MemoryDeadLetters();
  const bytes = new Uint8Array([1, 2]);
  await letters.write([{ reason: 'not_json', message: 'm', partition: 'p', position: 1, received_at: 2, bytes }]);
  bytes.fill(0);
  assert.deepEqual(letters.letters[0].bytes, new Uint8Array([1, 2]));
});

test('a checkpoint is a copy on both ways', async () => {
  const store = new MemoryCheckpoints();
  assert.equal(await store.read(), null);
  const rows = new Int32Array([1, 2]);
  await store.write({ rows });
  rows.fill(0);
  const read = (await store.read()) as { rows: Int32Array };
  assert.deepEqual(read.rows, new Int32Array([1, 2]));
  read.rows.fill(0);
  assert.deepEqual(await store.read(), { rows: new Int32Array([1, 2]) });
});
