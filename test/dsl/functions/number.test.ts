import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '../../../dsl/functions/index.ts';
import { as, call } from './call.ts';

test('an integer is exact or NULL: beyond 2^53 nothing is rounded', () => {
  assert.equal(call('+', 2 ** 53 - 2, 1), 2 ** 53 - 1);
  assert.equal(call('+', 2 ** 53 - 1, 1), null);
  assert.equal(call('*', 2 ** 40, 2 ** 40), null);
  assert.equal(call('*', as('float', 2 ** 40), 2 ** 40), 2 ** 80);
  assert.equal(call('*', as('float', 1e200), as('float', 1e200)), null);
  assert.ok(Object.is(call('*', 0, -5), 0), 'there is one zero');
});

test('division by zero is NULL in every form', () => {
  for (const name of ['/', '%', 'div']) assert.equal(call(name, 1, 0), null, name);
});

test('/ is float division, div and % are cut towards zero', () => {
  assert.equal(call('/', 7, 2), 3.5);
  assert.equal(call('div', -7, 2), -3);
  assert.equal(call('%', -7, 2), -1);
});

test('NULL in, NULL out', () => {
  for (const name of ['+', '-', '*', '/', '%', '=', '<', 'div']) assert.equal(call(name, null, 1), null, name);
});

test('times and durations add up by their types', () => {
  const typeOf = (name: string, ...types: Parameters<NonNullable<typeof plus>['result']>[0]) =>
    functions.get(name)?.mismatch?.(types) ?? functions.get(name)?.result(types);
  const plus = functions.get('+');
  assert.equal(typeOf('+', 'timestamp', 'duration'), 'timestamp');
  assert.equal(typeOf('-', 'timestamp', 'timestamp'), 'duration');
  assert.equal(typeOf('*', 'int', 'duration'), 'duration');
  assert.equal(typeOf('/', 'duration', 'duration'), 'float');
  assert.equal(typeOf('/', 'int', 'int'), 'float');
  assert.equal(typeOf('+', 'null', 'timestamp'), 'timestamp');
  assert.equal(typeOf('-', 'null', 'timestamp'), 'duration');
  assert.equal(typeOf('+', 'timestamp', 'int'), 'a timestamp and an int cannot be added');
  assert.equal(typeOf('+', 'string', 'string'), 'a string and a string cannot be added');
  assert.equal(typeOf('*', 'timestamp', 'timestamp'), 'a timestamp and a timestamp cannot be multiplied');
  assert.equal(call('/', as('duration', 1_001), 2), 500, 'durations are whole milliseconds');
});

test('round goes half away from zero and by decimal digits', () => {
  assert.equal(call('round', -2.5), -3);
  assert.equal(call('round', 2.5), 3);
  assert.equal(call('round', 1.005, 2), 1.01);
  assert.equal(call('round', 1_234_567, -3), 1_235_000);
  assert.equal(call('round', as('float', 1e300), 2), 1e300);
  assert.equal(call('round', 0, 2), 0);
  assert.equal(call('round', as('float', 1e300)), null, 'a whole number beyond 2^53');
  assert.equal(call('floor', -1.5), -2);
  assert.equal(call('ceil', -1.5), -1);
  assert.equal(call('abs', -3), 3);
});

test('round gives back a number that has no more digits, however large it is', () => {
  const same = [
    [1e15 + 0.5, 1],
    [-(1e15 + 0.5), 1],
    [4503599627370495.5, 1],
    [1e300, 15],
    [1200, -2],
    [0, 3],
  ] as const;
  for (const [value, digits] of same) assert.equal(call('round', value, digits), value, `${value}`);
  assert.equal(call('round', 1e15 + 0.5, 0), 1e15 + 1);
  assert.equal(call('round', 1250, -2), 1300);
  assert.equal(call('round', 0.125, 2), 0.13);
});
