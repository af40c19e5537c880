import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { PlainDecoder } from '../../../engine/decode/plain-decoder.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { eventSchemaV1, type RejectionReason } from '../../../engine/index.ts';
import { utf8 } from './json-text.ts';

/** What hostile and broken producers send (law 3): each is rejected with its reason, or read as what it says. */
const good = '{"timestamp":1000,"platform":"github","event_type":"login","account_id":"acct_1"}';
const withField = (json: string) => `${good.slice(0, -1)},${json}}`;
const dictionary = new Dictionary();
const account = { kind: 'field', name: 'account_id', path: ['account_id'], type: 'string' } as const;
const columns = [{ ...account, storage: 'id', conversion: 'declared' }] as const;
const plain = new PlainDecoder(eventSchemaV1, columns, dictionary);
const scanning = new ScanningDecoder(eventSchemaV1, columns, dictionary);
/** Both decoders: what they say must not differ. */
const decoder = {
  event: scanning.event,
  decode(bytes: Uint8Array, latest_ms?: number) {
    const rejection = plain.decode(bytes, latest_ms);
    assert.deepEqual(scanning.decode(bytes, latest_ms), rejection);
    return rejection;
  },
};

const bytesOf = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...utf8(part)] : part)));

const garbage: [string, Uint8Array, RejectionReason][] = [
  ['nothing', bytesOf(), 'not_json'],
  ['a line of 300 KiB', utf8(withField(`"details":{"x":[${'1,'.repeat(150 * 1024)}1]}`)), 'too_large'],
  ['a text of 70 KB', utf8(withField(`"session_id":"${'a'.repeat(70_000)}"`)), 'too_large'],
  ['an unknown text of 70 KB', utf8(withField(`"other":"${'a'.repeat(70_000)}"`)), 'too_large'],
  ['a byte that is never UTF-8', bytesOf(withField('"x":"').slice(0, -1), [0xff], '"}'), 'not_utf8'],
  ['Latin-1', bytesOf(withField('"x":"caf').slice(0, -1), [0xe9], '"}'), 'not_utf8'],
  ['an encoded surrogate', bytesOf(withField('"x":"').slice(0, -1), [0xed, 0xa0, 0x80], '"}'), 'not_utf8'],
  ['half of a pair, escaped', utf8(withField('"x":"\\udc00"')), 'not_utf8'],
  ['a byte order mark', bytesOf([0xef, 0xbb, 0xbf], good), 'not_utf8'],
  ['UTF-16', Uint8Array.from(Buffer.from(good, 'utf16le')), 'not_json'],
  ['NUL in a text', utf8(withField('"x":"a\u0000b"')), 'not_json'],
  ['NUL bytes of a torn file', new Uint8Array(512), 'not_json'],
  ['nesting of 10,000', utf8(withField(`"details":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)), 'too_deep'],
  ['nesting of 10,000 arrays, never closed', utf8('['.repeat(10_000)), 'too_deep'],
  ['a key twice', utf8(withField('"platform":"x"')), 'duplicate_key'],
  ['a key twice, once escaped', utf8(withField('"plat\\u0066orm":"x"')), 'duplicate_key'],
  ['a key twice where no rule looks', utf8(withField('"details":{"a":{"b":1,"b":1}}')), 'duplicate_key'],
  ['a key that forges a line of a log', utf8(withField('"a\\n\\u001b[2K\\u202e":{"b":tru}')), 'not_json'],
  ['a text that forges a line of a log', utf8(withField('"actor":"\\n\\u009b2K"')), 'wrong_type'],
  ['two records in a line', utf8(`${good}${good}`), 'not_json'],
  ['a list of records', utf8(`[${good}]`), 'not_an_object'],
  ['a number', utf8('42'), 'not_an_object'],
  ['wrong type of a declared field', utf8(withField('"session_id":{}')), 'wrong_type'],
  ['wrong type of a parent', utf8(withField('"actor":"10.0.0.1"')), 'wrong_type'],
  ['an integer beyond 2^53', utf8(withField('"net":{"asn":9007199254740993}')), 'number_out_of_range'],
  ['a seq beyond 2^53', utf8(withField('"seq":9007199254740992')), 'number_out_of_range'],
  ['a number beyond a double', utf8(withField('"details":{"x":1e999}')), 'number_out_of_range'],
  ['a year 10000', utf8(good.replace('1000', '253402300800000')), 'number_out_of_range'],
  [
    '__proto__ in place of a field',
    utf8(good.replace('"platform":"github"', '"__proto__":{"platform":"x"}')),
    'missing_field',
  ],
];

for (const [name, bytes, reason] of garbage) {
  test(`garbage: ${name} is ${reason}, and the next record is read`, () => {
    const size = dictionary.size;
    const rejection = decoder.decode(bytes);
    assert.ok(rejection !== null);
    assert.equal(rejection.reason, reason, rejection.message);
    assert.ok(rejection.message.length > 10 && rejection.message.length < 400, rejection.message);
    assert.ok(!/[\p{Cc}\p{Cf}]/u.test(rejection.message), 'a message is one printable line');
    assert.equal(dictionary.size, size, 'a rejected record leaves nothing behind');
    assert.equal(decoder.decode(utf8(good)), null);
  });
}

test('every way of cutting a record short is refused', () => {
  const record = utf8(withField('"actor":{"ip":"10.0.0.1"},"seq":12,"details":{"é":[true,null,"\\u00e9"]}'));
  for (let length = 0; length < record.length; length++) {
    const rejection = decoder.decode(record.subarray(0, length));
    assert.match(String(rejection?.reason), /^not_(json|utf8)$/, `${length} bytes`);
  }
  assert.equal(decoder.decode(record), null);
});

test('strange but true: these are valid records', () => {
  const valid = [
    good.replace('1000', '0'),
    good.replace('1000', '"2099-01-01T00:00:00Z"'),
    withField('"__proto__":{"account_id":"other"},"constructor":1,"toString":null'),
    withField('"details":{"__proto__":{"x":1},"big":123456789012345678901234567890}'),
    withField('"details":{"nul":"\\u0000"}'),
    withField('"":1'),
    ` \t\r\n${good}\r\n`,
  ];
  for (const text of valid) {
    assert.equal(decoder.decode(utf8(text)), null, text);
    assert.equal(dictionary.textOf(decoder.event.values[0]), 'acct_1');
  }
  assert.equal(({} as Record<string, unknown>).account_id, undefined);
});

test('never throws: random changes to a valid record', () => {
  const record = utf8(
    withField('"actor":{"ip":"10.0.0.1"},"event_id":"e","result":"fail","details":{"a":[1,"\\ud83d\\ude00"]}'),
  );
  const change = fc.tuple(fc.nat(record.length - 1), fc.nat(255), fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes = [...record];
      for (const [at, byte, insert] of changes) bytes = bytes.toSpliced(at, insert ? 0 : 1, byte);
      const rejection = decoder.decode(Uint8Array.from(bytes));
      if (rejection === null) assert.match(decoder.event.contentHash(), /^[0-9a-f]{16}$/);
      else assert.ok(rejection.message.length > 0);
    }),
    { numRuns: 1000 },
  );
});

test('never throws, whatever JSON value stands under a name of the schema', () => {
  const names = eventSchemaV1.fields.flatMap((field) => [field.path[0], ...field.aliases]);
  const door = ['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at', 'details'];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names, ...door), fc.jsonValue({ maxDepth: 2 })), (changes) => {
      const rejection = decoder.decode(utf8(JSON.stringify({ ...JSON.parse(good), ...changes })));
      if (rejection !== null)
        assert.match(rejection.reason, /^(wrong_type|missing_field|number_out_of_range|too_large)$/);
    }),
    { numRuns: 1000 },
  );
});

test('an event later than the door takes leaves no text behind either', () => {
  const size = dictionary.size;
  const far = utf8(good.replace('acct_1', 'far').replace('1000', '2001'));
  assert.equal(decoder.decode(far, 2000), null);
  assert.equal(decoder.event.timestamp, 2001);
  assert.equal(dictionary.size, size);
  assert.equal(decoder.decode(far, 2001), null);
  assert.equal(dictionary.textOf(decoder.event.values[0]), 'far');
});
