import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { PlainDecoder } from '../../../engine/decode/plain-decoder.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { eventSchemaV1 } from '../../../engine/event-schema.ts';
import type { FieldColumn } from '../../../engine/index.ts';
import { BothDecoders, firstDifference } from './mutated-records.ts';

test('S4 the scanning decoder says what the plain one says, of mutated records too', () => {
  const both = new BothDecoders();
  const seed = Date.now() % 1_000_000_007;
  const difference = firstDifference(seed, 60_000, both);
  assert.equal(difference, null, `seed ${seed}: ${difference}`);
  assert.ok(both.accepted > 10_000 && both.rejected > 10_000, `${both.accepted} accepted, ${both.rejected} rejected`);
});

test('S4 no event is of all tenants: both decoders reject the name for them, however it is written', () => {
  for (const Decoder of [PlainDecoder, ScanningDecoder]) {
    const decoder = new Decoder(eventSchemaV1, [], new Dictionary());
    const read = (tenant: string) =>
      decoder.decode(
        Buffer.from(
          `{"timestamp":1000000,"tenant_id":${tenant},"platform":"p","event_type":"t","account_id":"a","details":{}}`,
        ),
      );
    for (const tenant of ['"*"', '"\\u002a"', '"\\u002A"']) {
      assert.equal(read(tenant)?.reason, 'wrong_type', `${Decoder.name} ${tenant}`);
      assert.match(
        read(tenant)?.message ?? '',
        /^tenant_id: found the text "\*", expected the name of one tenant: \* stands/,
      );
    }
    for (const tenant of ['"**"', '"a*"', '"+"', '"\\u002b"', 'null', '"\\u002a\\u002a"']) {
      assert.equal(read(tenant), null, `${Decoder.name} ${tenant}`);
    }
  }
});

test('what a watcher is told of an event is its id and the hash of its tenant, or it is told nothing', () => {
  const dictionary = new Dictionary();
  const decoder = new ScanningDecoder(eventSchemaV1, [], dictionary);
  const told: (readonly [string, number])[] = [];
  const watcher = {
    onId: (id: Uint8Array, tenant_hash: number) => told.push([new TextDecoder().decode(id), tenant_hash]),
  };
  const read = (more: string, latest_ms?: number) => {
    told.length = 0;
    const event = `{"timestamp":1000000,"platform":"p","event_type":"t","account_id":"a","details":{}${more}}`;
    assert.equal(decoder.decode(Buffer.from(event), latest_ms, watcher), null, more);
    return [...told];
  };
  for (const more of [
    '"event_id":"e1"',
    '"event_id":"é","tenant_id":"T"',
    '"tenant_id":"a longer name","event_id":"e"',
  ]) {
    const said = read(`,${more}`);
    const { id, tenant } = decoder.event;
    assert.deepEqual(said, [[new TextDecoder().decode(id), dictionary.hashOf(tenant)]], more);
  }
  assert.deepEqual(read(''), [], 'no id');
  assert.deepEqual(read(',"event_id":"e","tenant_id":"\\t"'), [], 'a tenant with escapes');
  assert.deepEqual(read(',"event_id":"e"', 999_999), [], 'later than the door takes');
});

test('what is left out of an event that no rule reads does not depend on whether the scanner was sure of its record', () => {
  const columns = ['event_type', 'account_id'].map((name): FieldColumn => {
    return { kind: 'field', name, path: [name], type: 'string', storage: 'id', conversion: 'declared' };
  });
  const dictionary = new Dictionary();
  const guard = {
    ...{ first: [0], dispensable: [1] },
    isRead: (values: ArrayLike<number>) => dictionary.textOf(values[0]) === 'read',
  };
  const decoder = new ScanningDecoder(eventSchemaV1, columns, dictionary, guard);
  const accountOf = (type: string, more: string) => {
    const record = `{"timestamp":1000000,"platform":"p","event_type":"${type}","account_id":"a","details":{"x":${more}}}`;
    assert.equal(decoder.decode(Buffer.from(record)), null);
    return decoder.event.values[1];
  };
  for (const number of ['10', '1e1']) {
    assert.equal(accountOf('unread', number), 0, number);
    assert.notEqual(accountOf('read', number), 0, number);
  }
});
