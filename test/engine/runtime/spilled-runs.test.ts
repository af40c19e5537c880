import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareText, MemoryScratch } from '../../../engine/index.ts';
import { SpilledRuns } from '../../../engine/runtime/spilled-runs.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const names = ['a', 'ab', '\uFF5E', '\u{1F600}'];

const parts = fc.record({
  ...{ time: fc.nat(1), seq: fc.nat(1), id: fc.constantFrom(...names), tenant: fc.constantFrom(...names) },
  ...{ length: fc.oneof(fc.nat(20), fc.constant(200_000)), run: fc.nat(3) },
});

type Parts = { time: number; seq: number; id: string; tenant: string; entry: number };

const compare = (a: Parts, b: Parts): number =>
  a.time - b.time || a.seq - b.seq || compareText(a.id, b.id) || compareText(a.tenant, b.tenant) || a.entry - b.entry;

test('S2 sorted parts are merged into the total order, each event as it was written', () => {
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (list) => {
      const events = list.map((event, entry) => ({ ...event, entry }));
      const spilled = new SpilledRuns(new MemoryScratch());
      for (let run = 0; run < 4; run++) {
        spilled.beginRun();
        for (const event of events.filter((one) => one.run === run).sort(compare)) {
          const { time, seq, entry } = event;
          const bytes = new Uint8Array(event.length).fill(entry);
          const place = { time, seq, entry, position: entry * 2, partition: run, flags: run + 1 };
          spilled.write({ ...place, id: utf8.encode(event.id), tenant: utf8.encode(event.tenant), bytes });
        }
        spilled.endRun();
      }
      const merged = [...spilled.merge()].map(({ id, tenant, bytes, ...place }) => {
        assert.ok(bytes.every((byte) => byte === place.entry));
        return { ...place, id: text.decode(id), tenant: text.decode(tenant), length: bytes.length };
      });
      const expected = events.sort(compare).map(({ run, entry, ...rest }) => {
        return { ...rest, entry, position: entry * 2, partition: run, flags: run + 1 };
      });
      assert.deepEqual(merged, expected);
    }),
    { numRuns: 60 },
  );
});
