import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordHash } from '../../../engine/door/content-hash.ts';

test('a long record has the hash of its bytes too, and so has a short one behind it', () => {
  const hash = new RecordHash();
  const bytes = Uint8Array.from({ length: 100_003 }, (_, k) => (k * 7) & 0xff);
  for (const length of [0, 4_079, 4_080, 4_081, 100_000, 5, 99_999, 16]) {
    const record = bytes.subarray(3, 3 + length);
    assert.equal(hash.of(record), new RecordHash().of(record.slice()), `${length} bytes`);
    if (length > 0) assert.notEqual(hash.of(record), hash.of(record.subarray(0, length - 1)));
  }
});

test('the hash of a record is that of its bytes, wherever they lie, and one other byte shows', () => {
  const pieces = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 70 }), behind: fc.nat(5), own: fc.boolean() }));
  fc.assert(
    fc.property(pieces, (records) => {
      const shared = new Uint8Array(10_000);
      const hash = new RecordHash();
      for (const { bytes, behind, own } of records) {
        const expected = new RecordHash().of(bytes.slice());
        shared.set(bytes, behind);
        const view = own ? bytes : shared.subarray(behind, behind + bytes.length);
        assert.equal(hash.of(view), expected);
        if (bytes.length === 0) continue;
        const other = bytes.slice();
        other[behind % bytes.length] ^= 1;
        assert.notEqual(hash.of(other), expected);
      }
    }),
  );
});
