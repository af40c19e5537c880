import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '../../../dsl/functions/index.ts';
import { call } from './call.ts';

test('strings compare by code point, not by UTF-16 unit', () => {
  assert.ok('😀' < '～', 'JavaScript says so');
  assert.equal(call('<', '😀', '～'), false);
  assert.equal(call('>', '😀', '～'), true);
  assert.equal(call('greatest', '😀', '～'), '😀');
});

test('a comparison with NULL is NULL, IS DISTINCT FROM never is', () => {
  for (const name of ['=', '<>', '<', '<=', '>', '>=']) assert.equal(call(name, 'a', null), null, name);
  assert.equal(call('is_distinct_from', 'a', null), true);
  assert.equal(call('is_distinct_from', null, null), false);
  assert.equal(call('is_distinct_from', 1, 1), false);
});

test('types that are never compared are refused with what to do', () => {
  const refusal = (name: string, ...types: Parameters<NonNullable<(typeof equals & object)['result']>>[0]) =>
    functions.get(name)?.mismatch?.(types) ?? null;
  const equals = functions.get('=');
  assert.equal(
    refusal('=', 'string', 'int'),
    'a string and an int are never compared; cast one of them, for example x::int',
  );
  assert.equal(refusal('=', 'int', 'float'), null);
  assert.equal(refusal('=', 'null', 'ip'), null);
  assert.equal(refusal('<', 'ip', 'ip'), 'an ip has no order; only = and <> compare it');
});

test('coalesce, nullif, greatest and least say what they do with NULL', () => {
  assert.equal(call('coalesce', null, 'b', 'c'), 'b');
  assert.equal(call('coalesce', null, null), null);
  assert.equal(call('nullif', 'a', 'b'), 'a');
  assert.equal(call('nullif', 'a', 'a'), null);
  assert.equal(call('nullif', 'a', null), 'a');
  assert.equal(call('greatest', null, 3, 7), 7);
  assert.equal(call('least', 3, null, 7), 3);
  assert.equal(call('least', null, null), null);
  assert.match(functions.get('coalesce')?.mismatch?.(['string', 'int', 'string']) ?? '', /a string and an int/);
  assert.equal(functions.get('coalesce')?.result(['null', 'int', 'float']), 'float');
});
