import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { PlainDecoder } from '../../../engine/decode/plain-decoder.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { type EventSchema, eventSchemaV1, type FieldColumn, type ValueType } from '../../../engine/index.ts';
import { utf8 } from './json-text.ts';

const ids = new Set<ValueType>(['string', 'ip', 'array']);

function column(path: string, type: ValueType, conversion: FieldColumn['conversion'] = 'declared'): FieldColumn {
  const storage = ids.has(type) ? 'id' : 'number';
  return { kind: 'field', name: path, path: path.split('.'), type, storage, conversion };
}

const least = { timestamp: 1000, platform: 'github', event_type: 'login', account_id: 'acct_1' };

/** A decoder with these columns, and a function that decodes `least` with changes and gives the columns' values. */
function decoding(columns: FieldColumn[], schema: EventSchema = eventSchemaV1, base: object = least) {
  const dictionary = new Dictionary();
  const decoder = new PlainDecoder(schema, columns, dictionary);
  const other = new ScanningDecoder(schema, columns, new Dictionary());
  // The scanning decoder is asked the same beside it: what it says must not differ.
  const reject = (changes: object) => {
    const bytes = utf8(JSON.stringify({ ...base, ...changes }));
    const rejection = decoder.decode(bytes);
    assert.deepEqual(other.decode(bytes), rejection);
    const { timestamp, seq, id } = decoder.event;
    const said = other.event;
    assert.deepEqual([said.timestamp, said.seq, Buffer.from(said.id)], [timestamp, seq, Buffer.from(id)]);
    return rejection;
  };
  const read = (changes: object) => {
    assert.equal(reject(changes), null);
    return [...decoder.event.values].map((value, i) => {
      if (columns[i].storage === 'number') return Number.isNaN(value) ? null : value;
      return value === 0 ? null : dictionary.textOf(value);
    });
  };
  return { decoder, dictionary, reject, read };
}

const bad = decoding([]).reject;

test('S4 the door fields: time, seq, id, tenant, each with what it is when absent', () => {
  const { decoder, dictionary, reject } = decoding([]);
  assert.equal(reject({}), null);
  assert.equal(decoder.event.timestamp, 1000);
  assert.ok(Number.isNaN(decoder.event.seq));
  assert.equal(decoder.event.id.length, 0);
  assert.equal(dictionary.textOf(decoder.event.tenant), 'default');
  const full = { timestamp: '1970-01-01T01:00:02.5+01:00', seq: 7, event_id: 'é-1', tenant_id: 'shop' };
  assert.equal(reject({ ...full, received_at: '2026-03-01T00:00:00Z' }), null);
  assert.equal(decoder.event.timestamp, 2500);
  assert.equal(decoder.event.seq, 7);
  assert.deepEqual(Buffer.from(decoder.event.id), Buffer.from('é-1'));
  assert.equal(dictionary.textOf(decoder.event.tenant), 'shop');
  assert.equal(reject({ seq: null, event_id: null, tenant_id: null, received_at: null, details: null }), null);
  assert.equal(decoder.event.id.length, 0);
});

test('S4 a rejected record leaves the event of the last good one, and no text in the dictionary', () => {
  const { decoder, dictionary, reject } = decoding([column('account_id', 'string')]);
  assert.equal(reject({ event_id: 'good' }), null);
  const hash = decoder.event.contentHash();
  const size = dictionary.size;
  assert.notEqual(reject({ event_id: 'bad', account_id: 'new', session_id: 5 }), null);
  assert.notEqual(reject({ event_id: 'bad', account_id: 'new', timestamp: null }), null);
  assert.equal(Buffer.from(decoder.event.id).toString(), 'good');
  assert.equal(decoder.event.contentHash(), hash);
  assert.equal(dictionary.size, size);
});

test('S4 declared fields are read from their places, by their aliases, or are NULL', () => {
  const columns = [
    column('auth.result', 'string'),
    column('actor.ip', 'ip'),
    column('net.asn', 'int'),
    column('geo.lat', 'float'),
  ];
  const { read } = decoding(columns);
  assert.deepEqual(read({}), [null, null, null, null]);
  const whole = { auth: { result: 'fail' }, actor: { ip: '2001:DB8::1' }, net: { asn: 64512 }, geo: { lat: -33.5 } };
  assert.deepEqual(read(whole), ['fail', '2001:db8::1', 64512, -33.5]);
  assert.deepEqual(read({ result: 'fail', actor: { ip: '::ffff:10.0.0.1' } }), ['fail', '10.0.0.1', null, null]);
  assert.deepEqual(read({ result: 'fail', auth: { result: 'fail' } }), ['fail', null, null, null]);
  assert.deepEqual(read({ result: null, auth: { result: '' }, actor: null, net: { asn: null } }), [
    '',
    null,
    null,
    null,
  ]);
});

test('S4 the whole record is judged, whichever fields the rules read', () => {
  const cases: [object, string, string][] = [
    [{ session_id: 5 }, 'wrong_type', 'session_id: found the number 5, expected a text; put it in quotes'],
    [{ actor: 'me' }, 'wrong_type', 'actor: found the text "me", expected an object with some of id, ip, user_agent'],
    [{ actor: [] }, 'wrong_type', 'actor: found an array, expected an object with some of id, ip, user_agent'],
    [{ actor: { ip: '1.2.3' } }, 'wrong_type', 'actor.ip: found the text "1.2.3", expected an IPv4 or IPv6 address'],
    [
      { net: { asn: '64512' } },
      'wrong_type',
      'net.asn: found the text "64512", expected a whole number; write it without quotes',
    ],
    [{ net: { asn: 1.5 } }, 'wrong_type', 'net.asn: found the number 1.5, expected a whole number'],
    [
      { net: { asn: 1e300 } },
      'number_out_of_range',
      'net.asn: found the number 1e+300, expected a whole number whose size is below 2^53',
    ],
    [{ geo: { lat: true } }, 'wrong_type', 'geo.lat: found true, expected a number'],
    [{ details: 'x' }, 'wrong_type', 'details: found the text "x", expected an object'],
    [{ details: [] }, 'wrong_type', 'details: found an array, expected an object'],
    [
      { result: 'a', auth: { result: 'b' } },
      'wrong_type',
      'auth.result and result name one field but hold the text "a" and the text "b"; give it once',
    ],
    [{ result: {} }, 'wrong_type', 'result: found an object, expected a text'],
    [
      { schema_version: 'v2' },
      'wrong_type',
      `schema_version: found the text "v2", expected 'v1', the only version known here`,
    ],
    [
      { schema_version: 1 },
      'wrong_type',
      "schema_version: found the number 1, expected 'v1', the only version known here",
    ],
    [{ seq: -1 }, 'number_out_of_range', 'seq: found the number -1, expected 0 or more'],
    [{ seq: '1' }, 'wrong_type', 'seq: found the text "1", expected a whole number; write it without quotes'],
    [
      { event_id: '' },
      'wrong_type',
      'event_id: found the text "", expected a text that is not empty (left out, one is made from the content)',
    ],
    [
      { event_id: 17 },
      'wrong_type',
      'event_id: found the number 17, expected a text that is not empty (left out, one is made from the content)',
    ],
    [
      { tenant_id: '' },
      'wrong_type',
      `tenant_id: found the text "", expected a text that is not empty (left out, it is 'default')`,
    ],
    [
      { tenant_id: '*' },
      'wrong_type',
      'tenant_id: found the text "*", expected the name of one tenant: * stands for all of them, and no event is of all',
    ],
  ];
  for (const [changes, reason, message] of cases) assert.deepEqual(bad(changes), { reason, message });
  assert.equal(bad({ schema_version: 'v1' }), null);
});

test('S4 an event id has at most 512 bytes, counted in UTF-8', () => {
  assert.equal(bad({ event_id: 'é'.repeat(256) }), null);
  const message = 'event_id: found a text of 513 bytes, expected at most 512';
  assert.deepEqual(bad({ event_id: `${'é'.repeat(256)}a` }), { reason: 'too_large', message });
});

test('S4 what is required and missing, null or empty is named, all of it at once', () => {
  const changes = { timestamp: null, platform: undefined, event_type: '', account_id: null };
  const message = 'missing, null or empty, but required: timestamp, platform, event_type, account_id';
  assert.deepEqual(bad(changes), { reason: 'missing_field', message });
  assert.equal(bad({ timestamp: undefined })?.reason, 'missing_field');
});

test('S4 a timestamp without a zone is refused with the way out; a time in 1970 and one in 2099 decode', () => {
  const expected = 'a time as ISO 8601 with a zone (2026-03-01T10:15:00Z) or as epoch milliseconds';
  assert.deepEqual(bad({ timestamp: '2026-03-01T10:15:00' }), {
    reason: 'wrong_type',
    message: `timestamp: found the text "2026-03-01T10:15:00", expected ${expected}; it has no zone: add Z for UTC, or +01:00`,
  });
  assert.deepEqual(bad({ timestamp: 1000.5 }), {
    reason: 'wrong_type',
    message: `timestamp: found the number 1000.5, expected ${expected}`,
  });
  for (const [timestamp, hint] of [
    ['1764350000', '; it looks like epoch seconds; Weir reads milliseconds or ISO 8601'],
    [1764350000.5, '; it looks like epoch seconds; Weir reads milliseconds or ISO 8601'],
    [1764350000000000, '; it looks like epoch microseconds; Weir reads milliseconds or ISO 8601'],
    ['1764350000000', '; write it without quotes'],
  ] as const) {
    assert.ok(bad({ timestamp })?.message.endsWith(hint), String(timestamp));
  }
  assert.equal(bad({ timestamp: 1e17 })?.reason, 'number_out_of_range');
  assert.equal(bad({ received_at: 'yesterday' })?.reason, 'wrong_type');
  for (const timestamp of [0, '1970-01-01T00:00:00Z', '2099-12-31T23:59:59Z']) assert.equal(bad({ timestamp }), null);
});

test('a record that is JSON but no object is not an event', () => {
  const { decoder } = decoding([]);
  for (const text of ['[]', '1', '"x"', 'null', 'true']) {
    assert.equal(decoder.decode(utf8(text))?.reason, 'not_an_object');
  }
});

test('details: a literal reads only the JSON type that fits, a cast what it can, and casts that fail are told', () => {
  const columns = [
    column('details.x', 'string', 'literal'),
    column('details.x', 'int', 'literal'),
    column('details.x', 'bool', 'literal'),
    column('details.x', 'int', 'cast'),
    column('details.x', 'string', 'cast'),
    column('details.x', 'array', 'literal'),
  ];
  const { decoder, read } = decoding(columns);
  const x = (value: unknown) => read({ details: { x: value } });
  assert.deepEqual(x('17'), ['17', null, null, 17, '17', null]);
  assert.deepEqual(x(17), [null, 17, null, 17, '17', null]);
  assert.deepEqual(x(2.5), [null, null, null, 2, '2.5', null]);
  assert.deepEqual(x(true), [null, null, 1, 1, 'true', null]);
  const failed = () => [...decoder.event.failed_casts];
  assert.deepEqual(failed(), [0]);
  assert.deepEqual(x(['a', null]), [null, null, null, null, '["a",null]', '["a",null]']);
  assert.deepEqual(failed(), [1], 'the first cast');
  assert.deepEqual(x('twelve'), ['twelve', null, null, null, 'twelve', null]);
  assert.deepEqual(x({ y: 1 }), [null, null, null, null, '{"y":1}', null]);
  assert.deepEqual(x(null), [null, null, null, null, null, null]);
  assert.deepEqual(failed(), [0], 'NULL is not a failed cast');
});

test('unknown extra fields are kept in details, which goes before them; declared fields are not extra', () => {
  const columns = ['app', 'actor.device', 'actor.ip', 'result', 'deep.er', 'event_id', '__proto__'].map((path) =>
    column(`details.${path}`, 'string', 'literal'),
  );
  const { decoder, read } = decoding(columns);
  const nothing = [null, null, null, null, null, null, null];
  assert.deepEqual(read({ app: 'mail', deep: { er: 'x' } }), ['mail', null, null, null, 'x', null, null]);
  assert.deepEqual(read({ app: 'outer', details: { app: 'inner' } }), ['inner', ...nothing.slice(1)]);
  assert.deepEqual(read({ app: 'outer', details: { app: null } }), ['outer', ...nothing.slice(1)]);
  const declared = { result: 'fail', event_id: 'e', actor: { ip: '10.0.0.1', device: 'd' } };
  assert.deepEqual(read(declared), [null, 'd', null, null, null, null, null]);
  assert.deepEqual(read({ details: { deep: 'no object', result: 'x' } }), [null, null, null, 'x', null, null, null]);
  assert.equal(decoder.decode(utf8(`${JSON.stringify(least).slice(0, -1)},"__proto__":"p"}`)), null);
  assert.notEqual(decoder.event.values[6], 0);
});

test('a stream with own fields: required, types, extra fields, no aliases', () => {
  const field = (name: string, type: 'string' | 'int' | 'ip', required = false) => ({
    ...{ name, path: [name], type, aliases: [], required, summary: '' },
  });
  const schema = { name: 'declared', fields: [field('type', 'string', true), field('x', 'int'), field('ip', 'ip')] };
  const columns = [
    column('type', 'string'),
    column('x', 'int'),
    column('ip', 'ip'),
    column('details.result', 'string', 'literal'),
  ];
  const { reject, read } = decoding(columns, schema, { timestamp: 1, type: 'A' });
  assert.deepEqual(read({ x: 3, ip: '10.0.0.1', result: 'fail' }), ['A', 3, '10.0.0.1', 'fail']);
  assert.deepEqual(read({ x: null, schema_version: 'v7' }), ['A', null, null, null]);
  assert.equal(reject({ type: '' })?.message, 'missing, null or empty, but required: type');
});

test('an alias stands behind a declared field of the same name', () => {
  const field = (name: string, aliases: string[]) => ({
    ...{ name, path: name.split('.'), type: 'string' as const, aliases, required: false, summary: '' },
  });
  const schema = { name: 'declared', fields: [field('auth.result', ['result']), field('result', [])] };
  const { read } = decoding([column('auth.result', 'string'), column('result', 'string')], schema);
  assert.deepEqual(read({ result: 'a', auth: { result: 'b' } }), ['b', 'a']);
  assert.deepEqual(read({ result: 'a' }), [null, 'a']);
});

test('the door fields can be read as columns, and computed columns are left alone', () => {
  const doorColumns = [
    column('timestamp', 'timestamp'),
    column('tenant_id', 'string'),
    column('event_id', 'string'),
    column('seq', 'int'),
  ];
  const { read } = decoding(doorColumns);
  assert.deepEqual(read({}), [1000, 'default', null, null]);
  assert.deepEqual(read({ event_id: 'e1', seq: 0, tenant_id: 't' }), [1000, 't', 'e1', 0]);
  const computed = {
    kind: 'computed',
    name: 'c',
    type: 'string',
    storage: 'id',
    inputs: [0],
    evaluate: () => null,
  } as const;
  const decoder = new PlainDecoder(eventSchemaV1, [computed, column('platform', 'string')], new Dictionary());
  assert.equal(decoder.decode(utf8(JSON.stringify(least))), null);
  assert.equal(decoder.event.values.length, 2);
  assert.notEqual(decoder.event.values[1], 0);
});

test('a column that no event can have, and a schema that contradicts itself, are faults of the caller', () => {
  assert.throws(
    () => decoding([column('nothing', 'string')]),
    /column nothing: schema v1 declares no field at nothing/,
  );
  assert.throws(() => decoding([column('actor', 'string')]), /declares no field at actor/);
  assert.throws(() => decoding([column('received_at', 'timestamp')]), /declares no field at received_at/);
  const twice = [...eventSchemaV1.fields, { ...eventSchemaV1.fields[0], name: 'platform.x', path: ['platform', 'x'] }];
  assert.throws(() => decoding([], { name: 'bad', fields: twice }), /platform cannot be a value and hold platform.x/);
});

test('S4 the content hash is of the record as parsed, without event_id, and is asked for', () => {
  const { decoder } = decoding([]);
  const hashOf = (text: string) => {
    assert.equal(decoder.decode(utf8(text)), null);
    return decoder.event.contentHash();
  };
  const one = hashOf('{"timestamp":1000,"platform":"p","event_type":"e","account_id":"a","event_id":"x"}');
  assert.equal(hashOf('{ "account_id":"\\u0061", "event_type":"e", "platform":"p", "timestamp":1e3 }'), one);
  assert.notEqual(hashOf('{"timestamp":"1970-01-01T00:00:01Z","platform":"p","event_type":"e","account_id":"a"}'), one);
});
