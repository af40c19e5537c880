import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappedCodec } from '../../../../connectors/codecs/mapping/mapped-codec.ts';
import type { Mapping } from '../../../../connectors/codecs/mapping/mapping.ts';

const shop: Mapping = {
  ...{ name: 'shop', summary: 'a shop', platform: 'shop', event_name: ['kind'], timestamp: ['at', 'time'] },
  ...{ account_id: ['user', 'by'], event_id: ['id'], actor_id: ['by'], actor_ip: ['ip'], session_id: ['session'] },
  ...{ country: ['from.country'], city: ['from.city'], latitude: 'from.lat', longitude: 'from.lon' },
  meanings: [
    { names: ['in'], where: { 'x.ok': 'yes', 'x.why': null }, event_type: 'login', auth: { result: 'success' } },
    { names: ['in'], where: { 'x.ok': ['no', 'never'] }, event_type: 'login', auth: { result: 'fail' } },
    { names: ['in', 'mail'], event_type: 'account_changed', change: { field: 'email' } },
  ],
};
const line = (record: unknown) => Buffer.from(JSON.stringify(record));
const record = { kind: 'in', at: '2026-03-01T10:00:00Z', user: 'ann' };

function decode(more: object, options = {}): { [name: string]: unknown } | string {
  const result = mappedCodec(shop, options).decode(line({ ...record, ...more }));
  if (result.kind === 'events') return result.events[0] as { [name: string]: unknown };
  return result.kind === 'rejected' ? result.message : result.kind;
}

function part(more: object, name: string): unknown {
  const event = decode(more);
  return typeof event === 'string' ? event : event[name];
}

test('a record becomes an event with what it has, whole in details', () => {
  const whole = { ...record, id: 7, by: 'bob', ip: '203.0.113.7', session: 's', from: { country: 'NL', lat: '52.4' } };
  assert.deepEqual(decode(whole), {
    ...{ schema_version: 'v1', timestamp: Date.UTC(2026, 2, 1, 10), platform: 'shop', event_type: 'account_changed' },
    ...{ account_id: 'ann', event_id: 'shop:7', session_id: 's', actor: { id: 'bob', ip: '203.0.113.7' } },
    ...{ geo: { country: 'NL', lat: 52.4 }, change: { field: 'email' }, details: whole },
  });
  assert.equal(part({ user: undefined, by: 'bob' }, 'account_id'), 'bob');
});

test('the first meaning that fits counts; what none fits keeps its name', () => {
  const typeAndAuth = (more: object) => [part(more, 'event_type'), part(more, 'auth')];
  assert.deepEqual(typeAndAuth({ x: { ok: 'yes' } }), ['login', { result: 'success' }]);
  assert.deepEqual(typeAndAuth({ x: { ok: 'yes', why: '?' } }), ['account_changed', undefined]);
  assert.deepEqual(typeAndAuth({ x: { ok: 'never' } }), ['login', { result: 'fail' }]);
  assert.deepEqual(typeAndAuth({ kind: 'sold' }), ['shop.sold', undefined]);
});

test('a time lacks its zone: rejected, unless one is given', () => {
  const at = '2026-07-01 10:00:00.25';
  assert.equal(decode({ at }), 'at has no zone; --time-zone says which one is meant');
  const inZone = (time_zone: string) => (decode({ at }, { time_zone }) as { timestamp: number }).timestamp;
  assert.equal(inZone('UTC'), Date.UTC(2026, 6, 1, 10, 0, 0, 250));
  assert.equal(inZone('Europe/Berlin'), Date.UTC(2026, 6, 1, 8, 0, 0, 250));
  assert.throws(() => mappedCodec(shop, { time_zone: 'nowhere' }), /is no time zone/);
  assert.equal(part({ at: 1_772_359_200_000 }, 'timestamp'), Date.UTC(2026, 2, 1, 10));
});

test('what is missing or of another type is the reason of a rejection', () => {
  for (const [more, message] of [
    [{ at: undefined }, 'at is missing'],
    [{ at: '', time: 'noon' }, 'time is no ISO 8601 time, nor epoch milliseconds'],
    [{ at: 1.5 }, 'at is no ISO 8601 time, nor epoch milliseconds'],
    [{ kind: null }, 'the record does not say what happened'],
    [{ user: '' }, 'the record names no account'],
    [{ user: { id: 1 } }, 'user: a text was expected'],
    [{ user: 1.5 }, 'user: a text was expected'],
    [{ x: [] }, "x.ok: an object was expected before 'ok'"],
    [{ from: { lat: 'north' } }, 'from.lat: a number was expected'],
  ] as const) {
    assert.equal(decode(more), message);
  }
  const codec = mappedCodec(shop);
  for (const text of ['{', '[]', '3', '{"kind":"in","kind":"in"}']) {
    assert.equal(codec.decode(Buffer.from(text)).kind, 'rejected', text);
  }
  assert.deepEqual(codec.decode(Buffer.from(' \t\r')), { kind: 'skipped', reason: 'blank line' });
});

test('what is no address and no country code stays in details', () => {
  const more = { ip: 'internal', from: { country: 'Netherlands', city: 'Delft' } };
  assert.deepEqual([part(more, 'actor'), part(more, 'geo')], [undefined, { city: 'Delft' }]);
  assert.deepEqual(part(more, 'details'), { ...record, ...more });
});

test('several events in one record: the good ones in their order, each other one with its reason, place and bytes', () => {
  const orders: Mapping = {
    ...shop,
    split: (root) =>
      (root.get('orders') as string[]).map((user) => (user === '3' ? 3n : new Map([...root, ['user', user]]))),
  };
  const codec = mappedCodec(orders);
  const result = codec.decode(line({ ...record, orders: ['ann', 'bob'] }));
  assert.deepEqual(
    result.kind === 'events' && result.events.map((event) => (event as { account_id: string }).account_id),
    ['ann', 'bob'],
  );
  const { user, ...unnamed } = record;
  const part = codec.decode(line({ ...unnamed, orders: ['ann', '', '3', 'bob'] }));
  assert.ok(part.kind === 'events');
  assert.deepEqual(
    part.events.map((event) => (event as { account_id: string }).account_id),
    ['ann', 'bob'],
  );
  assert.deepEqual(
    part.refused?.map(({ record, message, bytes }) => [record, message, new TextDecoder().decode(bytes)]),
    [
      [2, 'the record names no account', JSON.stringify({ ...unnamed, orders: ['ann', '', '3', 'bob'], user: '' })],
      [3, 'the record is no JSON object', '3'],
    ],
  );
});

test('a line whose events repeat it too often is rejected before they fill the memory', () => {
  const listed: Mapping = {
    ...shop,
    split: (whole) => (whole.get('list') as unknown[]).map((_, i) => new Map([...whole, ['id', i]])),
  };
  const codec = mappedCodec(listed);
  const of = (length: number) =>
    codec.decode(line({ ...record, fat: 'x'.repeat(60_000), list: Array(length).fill({}) }));
  const few = of(50);
  assert.equal(few.kind === 'events' ? few.events.length : few.kind, 50);
  assert.deepEqual(of(100), {
    kind: 'rejected',
    message: 'its 100 events are more than 4194304 bytes together',
  });
});
