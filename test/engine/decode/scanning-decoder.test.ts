import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { PlainDecoder } from '../../../engine/decode/plain-decoder.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { eventSchemaV1 } from '../../../engine/event-schema.ts';
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
