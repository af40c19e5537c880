import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xorshift } from '../../../benchmarks/workload.ts';
import { Literal } from '../../../engine/decode/literal.ts';

const random = xorshift(11);
const below = (n: number) => Math.floor(random() * n);

test('a literal of any length stands where its bytes stand, wherever that is, and nowhere else', () => {
  for (let length = 1; length <= 40; length++) {
    const bytes = Uint8Array.from({ length }, () => 1 + below(0x7f));
    const literal = new Literal(bytes.slice());
    for (let at = 0; at < 9; at++) {
      // What stands around it is beyond ASCII, zero or neither.
      const memory = Uint8Array.from({ length: 64 }, () => below(256));
      const words = new DataView(memory.buffer);
      memory.set(bytes, at);
      assert.ok(literal.isAt(words, at), `${length} bytes at ${at}`);
      for (let k = 0; k < length; k++) {
        memory[at + k] ^= 1 + below(255);
        assert.ok(!literal.isAt(words, at), `${length} bytes at ${at}, byte ${k} is another`);
        memory[at + k] = bytes[k];
      }
    }
  }
});

test('bytes that a double cannot compare are never found, so that their record is read key by key', () => {
  for (const bytes of [
    [0],
    [0x41, 0],
    new Array(8).fill(0),
    new Array(16).fill(0xff),
    [...new Array(8).fill(0x41), 0x80],
  ]) {
    const literal = new Literal(Uint8Array.from(bytes));
    const memory = new Uint8Array(64);
    memory.set(bytes);
    assert.equal(literal.isAt(new DataView(memory.buffer), 0), false, String(bytes));
  }
});
