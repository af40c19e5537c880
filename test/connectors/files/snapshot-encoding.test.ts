import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSnapshot } from '../../../connectors/files/snapshot-decoding.ts';
import { encodeSnapshot, encodeSnapshotFirst } from '../../../connectors/files/snapshot-encoding.ts';
import type { Snapshot } from '../../../engine/index.ts';

function bytesOf(snapshot: Snapshot, encode = encodeSnapshot): Uint8Array {
  return new Uint8Array(Buffer.concat([...encode(snapshot)].map((chunk) => Buffer.from(chunk))));
}

const { tree } = fc.letrec<{ tree: Snapshot }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, '', 'ü', '\ud800', '\u0000', -0, Number.NaN, Infinity, 2 ** 53),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 1000, maxLength: 2000 }),
    fc.int32Array(),
    fc.uint32Array(),
    fc.uint16Array(),
    fc.uint8Array({ maxLength: 40 }),
    fc.float64Array(),
    fc.array(fc.string({ unit: 'binary' })),
    fc.array(fc.double()),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

test('every tree comes back as it was', () => {
  fc.assert(
    fc.property(tree, (snapshot) => {
      assert.deepEqual(decodeSnapshot(bytesOf(snapshot)), snapshot);
      assert.deepEqual(decodeSnapshot(bytesOf(snapshot, encodeSnapshotFirst)), snapshot);
    }),
    { numRuns: 500 },
  );
});

test('large arrays stand behind the tree, in the order in which they come in it', () => {
  const large = [Int32Array, Uint32Array, Float64Array, Uint8Array, Uint16Array].map((type, i) =>
    new type(40_000 + i).fill(i + 1),
  );
  const snapshot: Snapshot = { large, small: new Int32Array(3).fill(9), again: { list: [large[2]] }, last: 'text' };
  const bytes = bytesOf(snapshot, encodeSnapshotFirst);
  const sizes = [...large, large[2]].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(bytes.indexOf('t'.charCodeAt(0)) < bytes.length - sizes, 'the text stands before the arrays');
  assert.deepEqual(bytes.subarray(-large[2].byteLength), new Uint8Array(large[2].buffer));
  assert.deepEqual(decodeSnapshot(bytes), snapshot);
  for (const length of [bytes.length - 1, bytes.length - sizes, bytes.length - sizes - 1]) {
    assert.throws(() => decodeSnapshot(bytes.subarray(0, length)), /too early/);
  }
  assert.throws(() => decodeSnapshot(new Uint8Array([...bytes, 0])), /1 bytes stand behind/);
  assert.throws(() => decodeSnapshot(new Uint8Array([37, 0, 0, 0, 0])), /unknown tag 37/);
});

test('large trees come in small chunks, and large arrays are not copied for it', () => {
  const numbers = Float64Array.from({ length: 300_000 }, (_, i) => i / 3);
  const texts = Array.from({ length: 100_000 }, (_, i) => `account-${i}-ü`);
  const snapshot: Snapshot = { numbers, texts, small: Array.from({ length: 3000 }, () => new Int32Array(5)) };
  const chunks = [...encodeSnapshot(snapshot)];
  assert.ok(chunks.every((chunk) => chunk.length <= 256 * 1024));
  assert.ok(chunks.length < 40, `${chunks.length} chunks`);
  assert.ok(chunks.some((chunk) => chunk.buffer === numbers.buffer));
  assert.deepEqual(decodeSnapshot(bytesOf(snapshot)), snapshot);
});

test('a long list of long strings crosses chunks whole', () => {
  const snapshot = Array.from({ length: 600 }, (_, i) => '€'.repeat(i));
  assert.deepEqual(decodeSnapshot(bytesOf(snapshot)), snapshot);
});

test('bytes that are not exactly one tree are an error, not a wrong tree', () => {
  const bytes = bytesOf({ name: 'x', list: [1, 2, 3], array: new Int32Array(3) });
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeSnapshot(bytes.subarray(0, length)), Error);
  }
  assert.throws(() => decodeSnapshot(new Uint8Array([...bytes, 0])), /1 bytes stand behind/);
  assert.throws(() => decodeSnapshot(new Uint8Array([99])), /unknown tag 99/);
});

test('a tree that is nested without end is refused on both ways', () => {
  let deep: Snapshot = null;
  for (let i = 0; i < 100; i++) deep = [deep];
  assert.throws(() => bytesOf(deep), /deeper than 64/);
  const bytes = new Uint8Array(500).map((_, i) => (i % 5 === 0 ? 6 : i % 5 === 1 ? 1 : 0));
  assert.throws(() => decodeSnapshot(bytes), /deeper than 64/);
});
