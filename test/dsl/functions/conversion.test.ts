import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '../../../dsl/functions/index.ts';
import type { Value } from '../../../engine/index.ts';
import { as, call } from './call.ts';

const each = (name: string, cases: readonly [Value, Value][]) => {
  for (const [value, wanted] of cases) assert.equal(call(name, value), wanted, `${name}(${JSON.stringify(value)})`);
};

test('a failed cast is NULL', () => {
  each('cast_int', [
    ...([
      ['17', 17],
      ['-3', -3],
      ['+4', 4],
      [2.9, 2],
      [-2.9, -2],
      [true, 1],
    ] as [Value, Value][]),
    ...(['', ' 1', '1.0', '1e3', '0x10', '12a', '99999999999999999', '9007199254740993'].map((text) => [
      text,
      null,
    ]) as [Value, Value][]),
  ]);
  each('cast_float', [
    ...([
      ['2.5e3', 2500],
      ['.5', 0.5],
      ['-1.', -1],
      [3, 3],
      [false, 0],
    ] as [Value, Value][]),
    ...(['', '.', 'NaN', 'Infinity', '1e999', '0x1', '1 '].map((text) => [text, null]) as [Value, Value][]),
  ]);
  each('cast_bool', [
    ['TRUE', true],
    ['false', false],
    [0, false],
    [0.5, true],
    ['yes', null],
    ['1', null],
  ]);
  each('cast_ip', [
    ['2001:DB8::0', '2001:db8::'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['x', null],
  ]);
});

test('a timestamp is an ISO 8601 text with a zone, or milliseconds', () => {
  each('cast_timestamp', [
    ['1970-01-01T00:00:01Z', 1_000],
    ['1970-01-01T01:00:00.250+01:00', 250],
    ['1970-01-01 00:00:00.1239Z', 123],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    [1_234, 1_234],
    ...([
      '1970-01-01',
      '1970-01-01T00:00:00',
      '1970-01-01T00:00Z',
      '2023-02-29T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-01-01T24:00:00Z',
      'x',
    ].map((text) => [text, null]) as [Value, Value][]),
  ]);
});

test('a text of a value depends on its type', () => {
  assert.equal(call('cast_string', 17), '17');
  assert.equal(call('cast_string', true), 'true');
  assert.equal(call('cast_string', as('timestamp', 250)), '1970-01-01T00:00:00.250Z');
  assert.equal(call('cast_string', ['a', 1]), '["a",1]');
  assert.match(functions.get('cast_string')?.mismatch?.(['duration']) ?? '', /a duration cannot be cast to string/);
  assert.match(functions.get('cast_ip')?.mismatch?.(['int']) ?? '', /an int cannot be cast to ip/);
});

test('elements of an array are texts, NULL beyond its ends', () => {
  assert.equal(call('cardinality', ['a', 'b']), 2);
  assert.equal(call('array_get', ['a', 'b'], 0), 'a');
  assert.equal(call('array_get', ['a', 'b'], -1), 'b');
  assert.equal(call('array_get', [1, true], 1), 'true');
  assert.equal(call('array_get', ['a'], 1), null);
  assert.equal(call('array_get', [null], 0), null);
  assert.equal(call('array_get', [['nested', 3]], 0), '["nested",3]');
});
