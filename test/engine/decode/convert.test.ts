import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { convertByCast, convertExactly } from '../../../engine/decode/convert.ts';
import type { JsonValue } from '../../../engine/decode/json-parser.ts';
import { Engine, type ValueType } from '../../../engine/index.ts';
import { call } from '../../dsl/functions/call.ts';
import { parse } from './json-text.ts';

const samples = [
  '"a"',
  '""',
  '1',
  '-0',
  '2.5',
  '1e300',
  '9007199254740993',
  'true',
  'null',
  '{"b":[1],"a":2}',
  '[1,"x"]',
];
const moment = Date.UTC(2026, 2, 1);
const more = ['"10.0.0.1"', '"::ffff:10.0.0.1"', '"2026-03-01T00:00:00Z"', '"17"', '"+4"', '"TRUE"', '"2.5e3"', '-2.9'];

function table(convert: typeof convertExactly, type: ValueType): Record<string, unknown> {
  const fitting = [...samples, ...more].map((text) => [text, convert(parse(text) as JsonValue, type)]);
  return Object.fromEntries(fitting.filter(([, value]) => value !== null));
}

test('declared fields and literals: only the JSON type that fits is a value', () => {
  assert.deepEqual(Object.keys(table(convertExactly, 'string')), ['"a"', '""', ...more.slice(0, -1)]);
  assert.deepEqual(table(convertExactly, 'int'), { 1: 1, '-0': 0 });
  assert.deepEqual(table(convertExactly, 'float'), {
    ...{ 1: 1, '-0': 0, '2.5': 2.5, '1e300': 1e300, '9007199254740993': 9007199254740992, '-2.9': -2.9 },
  });
  assert.deepEqual(table(convertExactly, 'bool'), { true: 1 });
  assert.deepEqual(table(convertExactly, 'timestamp'), { 1: 1, '-0': 0, '"2026-03-01T00:00:00Z"': moment });
  assert.deepEqual(table(convertExactly, 'ip'), { '"10.0.0.1"': '10.0.0.1', '"::ffff:10.0.0.1"': '10.0.0.1' });
  assert.deepEqual(table(convertExactly, 'array'), { '[1,"x"]': '[1,"x"]' });
});

test('in an array, what no rule can hold is text: objects as JSON, integers beyond 2^53 as digits', () => {
  const array = parse('[9007199254740993,[{"b":2,"a":1}],1.5,null]') as JsonValue;
  assert.equal(convertExactly(array, 'array'), '["9007199254740993",["{\\"a\\":1,\\"b\\":2}"],1.5,null]');
});

test('a cast reads what can be read, as the language says; an object or array is a text of JSON and no number', () => {
  assert.deepEqual(table(convertByCast, 'int'), {
    ...{ 1: 1, '-0': 0, '2.5': 2, true: 1, '"17"': 17, '"+4"': 4, '-2.9': -2 },
  });
  assert.deepEqual(table(convertByCast, 'bool'), {
    ...{ 1: 1, '-0': 0, '2.5': 1, '1e300': 1, '9007199254740993': 1, true: 1, '"TRUE"': 1, '-2.9': 1 },
  });
  assert.equal(convertByCast(9007199254740993n, 'string'), '9007199254740993');
  assert.equal(convertByCast(true, 'string'), 'true');
  assert.equal(
    convertByCast(parse('[1,{"b":1,"a":[9007199254740993]}]') as JsonValue, 'string'),
    '[1,"{\\"a\\":[9007199254740993],\\"b\\":1}"]',
  );
  assert.equal(
    convertByCast(parse('{"b":{},"a":9007199254740993}') as JsonValue, 'string'),
    '{"a":9007199254740993,"b":{}}',
  );
  assert.equal(convertByCast(null, 'string'), null);
});

test('a cast of details and a cast in a rule agree on every text, number and truth value', () => {
  const value = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[+-]?[0-9]{0,18}(\.[0-9]{0,3})?(e-?[0-9]{1,3})?$/),
    fc.constantFrom(
      'true',
      'False',
      '10.0.0.1',
      '::FFFF:1.2.3.4',
      'fe80::1%a',
      '2026-03-01T10:00:00+01:00',
      '2026-03-01',
    ),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
  );
  const allowed: Record<string, string[]> = { ip: ['string'], timestamp: ['string'] };
  fc.assert(
    fc.property(
      value,
      fc.constantFrom<ValueType>('string', 'int', 'float', 'bool', 'ip', 'timestamp'),
      (given, type) => {
        if (allowed[type]?.includes(typeof given) === false) return;
        const inRule = call(`cast_${type}`, given);
        assert.equal(convertByCast(given, type), typeof inRule === 'boolean' ? Number(inRule) : inRule);
      },
    ),
    { numRuns: 1000 },
  );
});

test('details: whatever JSON value stands at a path is not NULL, an object too, and a cast gives its text', () => {
  const file = {
    path: 'r.rule.sql',
    text: `CREATE RULE r AS SELECT account_id, details.o::string AS text, details.o.a::int AS a, details.o IS NULL AS none
           FROM events WHERE details.o IS NOT NULL;`,
  };
  const { plan } = compile([file]);
  assert.ok(plan);
  const program = buildProgram(plan);
  for (const decoder of ['plain', 'scanning'] as const) {
    const engine = new Engine(program, { decoder });
    ['{"b":[],"a":1}', '{}', '[1]', 'false', '"x"', 'null'].forEach((o, i) => {
      const door = `"event_id":"e${i}","timestamp":${moment + i},"platform":"x","event_type":"t","account_id":"a"`;
      const bytes = new TextEncoder().encode(`{${door},"details":{"o":${o}}}`);
      engine.apply(i, { kind: 'record', record: { partition: 'p', position: i, received_at: moment, bytes } });
    });
    engine.apply(6, { kind: 'end' });
    const found = engine.advance().detections.map(({ values }) => values.slice(1));
    assert.deepEqual(found, [
      ...['{"a":1,"b":[]}', '{}', '[1]', 'false', 'x'].map((text, i) => [text, i === 0 ? 1 : null, false]),
    ]);
  }
});
