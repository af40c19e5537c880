import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../../engine/decode/json-parser.ts';
import { limits, type RejectionReason } from '../../../engine/index.ts';
import { parse, plain, utf8 } from './json-text.ts';

test('any JSON value reads as JSON.parse reads it, with and without white space', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t', '\r\n '), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { value: tree, rejection } = parseJson(utf8(text));
      assert.equal(rejection, null);
      assert.deepEqual(plain(tree), JSON.parse(text));
    }),
  );
});

test('any string in any mixture of escapes reads as JSON.parse reads it', () => {
  const character = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
    fc.nat(0xffff).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`),
    fc.constantFrom(
      '\\"',
      '\\\\',
      '\\/',
      '\\b',
      '\\f',
      '\\n',
      '\\r',
      '\\t',
      '\\ud83d\\ude00',
      '\\uD83D\\uDE00',
      '\\u0000',
    ),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 8 }), (characters) => {
      const text = `"${characters.join('')}"`;
      const expected = JSON.parse(text) as string;
      const { value, rejection } = parseJson(utf8(text));
      if (expected.isWellFormed()) assert.equal(value, expected);
      else assert.equal(rejection?.reason, 'not_utf8');
    }),
  );
});

test('any number reads as JSON.parse reads it; an integer that a double may not hold is a bigint', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/);
  fc.assert(
    fc.property(digits, (text) => {
      const { value, rejection } = parseJson(utf8(text));
      const expected = Number(text);
      if (!Number.isFinite(expected)) assert.equal(rejection?.reason, 'number_out_of_range');
      else if (/^-?[0-9]+$/.test(text) && !Number.isSafeInteger(expected)) assert.equal(value, BigInt(text));
      else assert.ok(Object.is(value, expected), text);
    }),
  );
});

test('bytes that JSON.parse refuses are refused, and what it takes is refused only with a reason of ours', () => {
  const ours = new Set<RejectionReason>(['duplicate_key', 'number_out_of_range', 'not_utf8']);
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      '.5',
      'e9',
      'true',
      'fals',
      'null',
      ' ',
      '\\',
      '\n',
      '\u0000',
      '\ufeff',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      let expected: unknown;
      let isJson = true;
      try {
        expected = JSON.parse(text);
      } catch {
        isJson = false;
      }
      const { value, rejection } = parseJson(utf8(text));
      if (!isJson) assert.notEqual(rejection, null, text);
      else if (rejection !== null) assert.ok(ours.has(rejection.reason), rejection.message);
      else assert.deepEqual(plain(value), expected);
    }),
    { numRuns: 2000 },
  );
});

test('never throws, whatever the bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .array(fc.constantFrom(0x7b, 0x7d, 0x22, 0x5c, 0x75, 0x64, 0x38, 0x30, 0xc3, 0xa9, 0xff, 0x2c, 0x3a))
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const { value, rejection } = parseJson(input);
      if (rejection === null) assert.notEqual(value, undefined);
      else assert.ok(value === null && rejection.message.length > 0 && rejection.message.length < 400);
    }),
  );
});

test('each refusal has its reason and says where and what', () => {
  const refused: [string, RejectionReason, string][] = [
    ['', 'not_json', 'at byte 0: the record is empty'],
    ['{"a":1', 'not_json', "at byte 6: the record ends where ',' or '}' should stand"],
    ['{"a":1}x', 'not_json', 'at byte 7: found "x" where the end of the record behind the value should stand'],
    ['{"a":1,}', 'not_json', 'at byte 7: found "}" where a key in double quotes should stand'],
    ['{"a":{"b":[1,{"c":01}]}}', 'not_json', `at byte 19 in a.b.1: found "1" where ',' or '}' should stand`],
    ["{'a':1}", 'not_json', `at byte 1: found "'" where a key in double quotes should stand`],
    ['{"é":tru}', 'not_json', 'at byte 6 in é: found "t" where a value should stand'],
    ['{"a":NaN}', 'not_json', 'at byte 5 in a: found "N" where a value should stand'],
    ['["\u0000"]', 'not_json', 'at byte 2 in 0: the control character U+0000 stands in a string without an escape'],
    ['["\\x"]', 'not_json', 'at byte 3 in 0: found "x" where one of "\\/bfnrtu behind a backslash should stand'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', 'at byte 7: the key "a" stands twice'],
    ['{"x":[{"a":1,"a":1}]}', 'duplicate_key', 'at byte 13 in x.0: the key "a" stands twice'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate_key', 'at byte 15: the key "__proto__" stands twice'],
    [
      '{"a":"\\ud83d!"}',
      'not_utf8',
      'at byte 6 in a: \\ud83d is half of a surrogate pair, which no UTF-8 text can hold',
    ],
    ['"\\udc00\\udc00"', 'not_utf8', 'at byte 1: \\udc00 is half of a surrogate pair, which no UTF-8 text can hold'],
    ['\ufeff{}', 'not_utf8', 'at byte 0: the record begins with a byte order mark; leave it out'],
    ['{"n":-1e309}', 'number_out_of_range', 'at byte 5 in n: the number -1e309 is beyond 1.8e308'],
  ];
  for (const [text, reason, message] of refused) assert.deepEqual(parse(text), { reason, message }, text);
});

test('bytes that are not UTF-8 are refused with the first such byte, also behind a real U+FFFD', () => {
  const refuse = (bytes: number[]) => parseJson(Uint8Array.from(bytes)).rejection;
  const at = (byte: number, found: string) => ({
    ...{ reason: 'not_utf8', message: `at byte ${byte}: 0x${found} begins no UTF-8 character` },
  });
  assert.deepEqual(refuse([0x22, 0xff, 0x22]), at(1, 'ff'));
  assert.deepEqual(refuse([0x22, 0xc3, 0xa9, 0xc0, 0x80, 0x22]), at(3, 'c0'), 'an overlong NUL');
  assert.deepEqual(refuse([0x22, 0xed, 0xa0, 0x80, 0x22]), at(1, 'ed'), 'a surrogate');
  assert.deepEqual(refuse([0x22, 0xef, 0xbf, 0xbd, 0x61, 0xe2, 0x82]), at(5, 'e2'), 'cut off');
});

test('nesting is bounded and hostile nesting does not exhaust the stack', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.ok(Array.isArray(parse(nested(limits.json_depth))));
  for (const text of [nested(limits.json_depth + 1), nested(10_000), '{"a":'.repeat(10_000), '['.repeat(250_000)]) {
    assert.equal(parseJson(utf8(text)).rejection?.reason, 'too_deep');
  }
  const wide = `[${'[],'.repeat(1000)}{}]`;
  assert.equal((parse(wide) as unknown[]).length, 1001, 'depth is nesting, not a count of brackets');
});

test('a record or a text over its limit is refused, one at the limit is not; UTF-8 bytes count', () => {
  const { record_bytes, text_bytes } = limits;
  assert.equal((parse(`"${'a'.repeat(text_bytes)}"`) as string).length, text_bytes);
  assert.equal((parse(`"${'é'.repeat(text_bytes / 2)}"`) as string).length, text_bytes / 2);
  for (const long of ['a'.repeat(text_bytes + 1), `${'é'.repeat(text_bytes / 2)}a`]) {
    const message = `at byte 10 in x.y: a text of ${text_bytes + 1} bytes, more than the ${text_bytes} a text may have`;
    assert.deepEqual(parse(`{"x":{"y":"${long}"}}`), { reason: 'too_large', message });
  }
  const spaces = ' '.repeat(record_bytes - 1);
  assert.equal(parse(`${spaces}1`), 1);
  assert.equal(parseJson(utf8(`${spaces} 1`)).rejection?.reason, 'too_large');
});

test('__proto__, constructor and numbers are keys like any other and keep their order', () => {
  const tree = parse('{"b":1,"__proto__":{"x":true},"constructor":2,"1":3,"0":4}');
  assert.ok(tree instanceof Map);
  assert.deepEqual([...tree.keys()], ['b', '__proto__', 'constructor', '1', '0']);
  assert.equal(({} as Record<string, unknown>).x, undefined);
});
