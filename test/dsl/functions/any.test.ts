import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../../../engine/index.ts';
import { as, call } from './call.ts';

const any = (condition: string, array: Value, other: Value, type = 'string'): Value =>
  call(`any_${condition}`, as('array', array), other, type);

test('ANY is true for one element, false for none, and NULL where only an unknown one could decide', () => {
  assert.equal(any('=', ['a', 'b'], 'b'), true);
  assert.equal(any('=', ['a', null, 'b'], 'b'), true);
  assert.equal(any('=', ['a', 'b'], 'c'), false);
  assert.equal(any('=', ['a', null], 'c'), null);
  assert.equal(any('=', [], 'c'), false);
  assert.equal(any('=', null, 'c'), null);
  assert.equal(any('=', ['a'], null), null);
  assert.equal(any('=', [], null), false);
  assert.equal(any('<>', ['a', 'a'], 'a'), false);
  assert.equal(any('<>', ['a', 'b'], 'a'), true);
});

test('patterns, and an order by code point', () => {
  assert.equal(any('like', ['mail.send', 'files.read'], 'mail.%'), true);
  assert.equal(any('like', ['Mail.send'], 'mail.%'), false);
  assert.equal(any('ilike', ['Mail.send'], 'mail.%'), true);
  assert.equal(any('matches', ['a', 'svc_1'], '^svc_'), true);
  assert.equal(any('>', ['Z', 'a'], 'Z'), true);
  assert.equal(any('<', ['Z', 'a'], 'Z'), false);
});

test('an element is read as arr[n]::type is: numbers, truths, times, addresses; what is none is NULL', () => {
  assert.equal(any('=', [22, '443', 'x'], 443, 'float'), true);
  assert.equal(any('=', [22, 'x'], 443, 'float'), null);
  assert.equal(any('>', [5.5], 5, 'float'), true);
  assert.equal(any('=', [22], '22'), true);
  assert.equal(any('=', [true], true, 'bool'), true);
  assert.equal(any('=', [['a', 'b']], '["a","b"]'), true);
  assert.equal(any('<', ['2026-01-01T00:00:00Z'], Date.UTC(2026, 1), 'timestamp'), true);
  assert.equal(any('=', ['2001:DB8::0:1'], '2001:db8::1', 'ip'), true);
  assert.equal(any('in_cidr', ['192.0.2.1', '10.1.2.3'], '10.0.0.0/8', 'ip'), true);
  assert.equal(any('in_cidr', ['nobody', '192.0.2.1'], '10.0.0.0/8', 'ip'), null);
});

test('ANY is OR over the elements, each read as arr[n]::type', () => {
  const element = fc.constantFrom<Value>('1', '2', 1, 2, 1.5, null, true, 'x', ['1']);
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 4 }),
      fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
      fc.constantFrom<[string, Value]>(['string', '1'], ['string', null], ['float', 1], ['float', 2], ['bool', true]),
      (array, operator, [type, other]) => {
        const truths = array.map((_, n) => {
          const read = call('array_get', as('array', array), n);
          const value = read === null || type === 'string' ? read : call(`cast_${type}`, read);
          return value === null || other === null ? null : call(operator, value, other);
        });
        const expected = truths.includes(true) ? true : truths.includes(null) ? null : false;
        assert.equal(any(operator, array, other, type), expected);
      },
    ),
    { numRuns: 2_000, seed: 3 },
  );
});
