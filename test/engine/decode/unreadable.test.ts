import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readUnreadable, type Unreadable, unreadableRecord } from '../../../engine/decode/unreadable.ts';
import { Dictionary, eventSchemaV1, limits, PlainDecoder } from '../../../engine/index.ts';

const decoder = new PlainDecoder(eventSchemaV1, [], new Dictionary());
const part: Unreadable = { message: 'eventTime is missing', line: 12, record: 3, bytes: Buffer.from('{"a":1}') };

test('what a codec could not read goes to the door as a record that it rejects, with reason and place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.option(fc.nat()), (bytes, message, record) => {
      const made = unreadableRecord({ message, line: 12, record, bytes });
      const place = record === null ? 'line 12' : `line 12, record ${record}`;
      assert.deepEqual(decoder.decode(made), { reason: 'bad_line', message: `${message} (${place})` });
      const read = readUnreadable(made);
      assert.deepEqual({ ...read, bytes: [...(read?.bytes ?? [])] }, { message, line: 12, record, bytes: [...bytes] });
    }),
  );
});

test('it fits into a record, whatever it was: of the largest the beginning is kept, and the length', () => {
  for (const byte of [0x61, 0x22, 0x01, 0xff]) {
    const bytes = new Uint8Array(limits.record_bytes).fill(byte);
    const made = unreadableRecord({ ...part, bytes, message: 'x'.repeat(100_000), length: 1_000_000 });
    assert.ok(made.length <= limits.record_bytes, String(made.length));
    const read = readUnreadable(made) as Unreadable;
    assert.equal(read.length, 1_000_000);
    assert.ok(read.bytes.length >= 190_000 && read.bytes.every((found) => found === byte));
    assert.equal(decoder.decode(made)?.reason, 'bad_line');
  }
});

test('what is over the limit of a record says so, with its bytes and its length', () => {
  const bytes = new Uint8Array(limits.record_bytes + 1).fill(0x61);
  const made = unreadableRecord({ ...part, reason: 'too_large', bytes, length: 300_000 });
  assert.deepEqual(decoder.decode(made), { reason: 'too_large', message: 'eventTime is missing (line 12, record 3)' });
  const read = readUnreadable(made);
  assert.deepEqual([read?.reason, read?.length], ['too_large', 300_000]);
  const other = JSON.parse(new TextDecoder().decode(made)).unreadable;
  const unknown = Buffer.from(JSON.stringify({ unreadable: { ...other, reason: 'late' } }));
  assert.equal(decoder.decode(unknown)?.reason, 'bad_line', 'a sender chooses no other reason');
});

test('a long text comes back as it was, in pieces that a record may have', () => {
  for (const one of ['x', 'é', '\u{1f600}', 'x\u{1f600}']) {
    const bytes = new TextEncoder().encode(one.repeat(21_001));
    assert.deepEqual(readUnreadable(unreadableRecord({ ...part, bytes }))?.bytes, bytes, one);
  }
});

test('a record that only looks like it is judged like other records', () => {
  const whole = { timestamp: 1, platform: 'p', event_type: 't', account_id: 'a' };
  const inner = JSON.parse(new TextDecoder().decode(unreadableRecord(part))).unreadable;
  assert.equal(decoder.decode(Buffer.from(JSON.stringify({ ...whole, unreadable: inner }))), null);
  for (const other of [
    { unreadable: inner, more: 1 },
    { unreadable: 3 },
    { unreadable: { ...inner, line: '1' } },
    { unreadable: { ...inner, text: undefined, base64: ['!'] } },
  ]) {
    assert.equal(decoder.decode(Buffer.from(JSON.stringify(other)))?.reason, 'missing_field');
    assert.equal(readUnreadable(Buffer.from(JSON.stringify(other))), null);
  }
});
