import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, eventContentHash } from '../../../engine/decode/canonical.ts';
import { type JsonObject, type JsonValue, parseJson } from '../../../engine/decode/json-parser.ts';
import { readPinnedCases } from '../../conformance/pinned-cases.ts';
import { parse, utf8 } from './json-text.ts';

const canonical = (text: string) => canonicalJson(parse(text) as JsonValue);
const hash = (text: string) => eventContentHash(parse(text) as JsonObject);

test('S4 canonical JSON: keys by code point, compact, one text per value', () => {
  assert.equal(
    canonical(' { "b" : [ 1.0 , -0, 1e3, null ] , "a" : {"d":true,"c":"\\u00e9\\/"} } '),
    '{"a":{"c":"é/","d":true},"b":[1,0,1000,null]}',
  );
  assert.equal(canonical('{"\u{1f600}":1,"\uff5e":2,"10":3,"9":4}'), '{"10":3,"9":4,"\uff5e":2,"\u{1f600}":1}');
  assert.equal(canonical('[12345678901234567890,-9007199254740993]'), '[12345678901234567890,-9007199254740993]');
  assert.equal(canonical('{"event_id":1,"x":{"event_id":2}}'), '{"event_id":1,"x":{"event_id":2}}');
  assert.equal(canonical('{"__proto__":1,"":2}'), '{"":2,"__proto__":1}');
});

test('S4 the canonical text reads back as the same value, and order of keys and spaces do not show in it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = canonicalJson(parseJson(utf8(JSON.stringify(value))).value);
      const again = parseJson(utf8(JSON.stringify(reversed(value), null, 2))).value;
      assert.equal(canonicalJson(again), text);
      assert.equal(canonical(text), text);
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

test('S4 the content hash leaves out event_id, at the top only, and sees every other difference', () => {
  const base = hash('{"timestamp":1,"event_type":"login"}');
  assert.match(base, /^[0-9a-f]{16}$/);
  assert.equal(hash('{"event_type":"login","event_id":"e1","timestamp":1.0}'), base);
  assert.notEqual(hash('{"event_type":"login","timestamp":1,"details":{"event_id":"e1"}}'), base);
  assert.notEqual(hash('{"event_type":"login","timestamp":2}'), base);
  // sha256 of {"event_type":"login","timestamp":1} as sha256sum prints it.
  assert.equal(base, '62dca4cdef095919');
});

const cases = readPinnedCases() ?? [];
const skip = cases.length === 0 && '../shared/cases is not here';

test('S4 the ids of the pinned cases that are hashes are those of their records', { skip }, () => {
  let hashes = 0;
  for (const pinned of cases) {
    const expected = new Set(JSON.stringify(pinned.detections).match(/[0-9a-f]{16}(?=~[0-9]+")/g));
    const made = new Set(
      pinned.input.records
        .filter(({ event }) => event !== null && event.event_id === undefined)
        .map(({ event }) => hash(JSON.stringify(event))),
    );
    hashes += expected.size;
    for (const one of expected) assert.ok(made.has(one), `case ${pinned.case}: no record has the hash ${one}`);
  }
  assert.ok(hashes > 100);
});
