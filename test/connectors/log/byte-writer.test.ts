import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from '../../../connectors/log/byte-writer.ts';

test('every byte survives, wherever the buffer has to grow', () => {
  for (let capacity = 1; capacity < 40; capacity++) {
    const writer = new ByteWriter(new Uint8Array(capacity), 0);
    const expected: number[] = [];
    for (let i = 0; i < 60; i++) {
      writer.byte(i + 1);
      writer.variable(300 + i);
      writer.bytes(Uint8Array.of(7, 8, 9));
      expected.push(i + 1, ((300 + i) % 128) | 128, Math.floor((300 + i) / 128), 7, 8, 9);
    }
    assert.deepEqual([...writer.written()], expected, `capacity ${capacity}`);
  }
});
