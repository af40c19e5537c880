import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Records } from '../../benchmarks/records.ts';
import { runTiny } from './tiny.ts';

test('without the batch SQL of the comparison it is said what is missing', () => {
  assert.match(runTiny('history').said, /history: not run: --shared was not given\n.*say --shared FOLDER/);
});

test('records are the bytes of objects, or of texts that are JSON already', () => {
  const records = new Records([{ a: 'ü' }, '{"b":2}'], 2);
  const texts = [0, 1].map((n) => Buffer.from(records.bytesOf(n)).toString());
  assert.deepEqual(texts, ['{"a":"ü"}', '{"b":2}']);
  assert.equal(records.byte_count, Buffer.byteLength(texts.join('')));
  assert.throws(() => new Records(['{}'], 2), /1 events came where 2 were said/);
});
