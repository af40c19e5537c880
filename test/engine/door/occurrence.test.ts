import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Occurrences } from '../../../engine/door/occurrence.ts';

const text = new TextDecoder();
const first = '0123456789abcdef';
const forever = Number.NEGATIVE_INFINITY;

test('S4 occurrences are numbered from 1, per content and partition', () => {
  const occurrences = new Occurrences(1000);
  const id = (hash: string, partition: number) => text.decode(occurrences.nextId(hash, partition, 5, forever));
  assert.equal(id(first, 0), `${first}~1`);
  assert.equal(id(first, 0), `${first}~2`);
  assert.equal(id(first, 1), `${first}~1`);
  assert.equal(id('fedcba9876543210', 0), 'fedcba9876543210~1');
  assert.equal(id('0000000000000000', 0), '0000000000000000~1');
  assert.equal(id('0000000000000000', 0), '0000000000000000~2');
});

test('S4 a count is forgotten at the moment that is told, not when memory is cleaned up', () => {
  const occurrences = new Occurrences(1000);
  const id = (oldest_ms: number) => text.decode(occurrences.nextId(first, 0, 500, oldest_ms));
  assert.equal(id(0), `${first}~1`);
  assert.equal(id(500), `${first}~2`);
  assert.equal(id(501), `${first}~1`);
});

test('S4 what the limit may have spoilt is counted', () => {
  const occurrences = new Occurrences(64 * 16);
  for (let i = 0; i < 5000; i++) {
    const hash = ((BigInt(i) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn).toString(16).padStart(16, '0');
    occurrences.nextId(hash, 0, i, forever);
  }
  assert.equal(occurrences.uncertain, 0, 'times only rise: what was dropped is not asked for again');
  occurrences.nextId(first, 0, 1, forever);
  assert.equal(occurrences.uncertain, 1);
});
