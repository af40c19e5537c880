import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  contentHash,
  type EventRow,
  eventColumns,
  eventRow,
  ownId,
  readEvent,
} from '../../../connectors/clickhouse/event-row.ts';
import { EventWriter } from '../../../connectors/clickhouse/event-writer.ts';
import { NativeBlock } from '../../../connectors/clickhouse/native-block.ts';
import { Simulation, scenarios } from '../../../connectors/index.ts';
import { seeded } from '../../simulation/random.ts';

const none = Buffer.alloc(0);
const place = { source: 'here', log_position: 7, verdict_position: 9 };

/** The row of a record as event-row.ts says it, and as the writer says it: null where the writer leaves it to that. */
function bothWays(writer: EventWriter, text: string | Uint8Array, given: string | null = null) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const record = { partition: 'p\ud800', position: 12, received_at: 1_767_571_200_000.5, bytes };
  const event = readEvent(record);
  const written = new NativeBlock<EventRow>(eventColumns);
  const isWritten = writer.write(written, place, record, given, 'why');
  if (event === null) {
    assert.equal(isWritten, false, `${text} is no event`);
    return { isWritten };
  }
  const plain = new NativeBlock<EventRow>(eventColumns);
  plain.add(eventRow(place, record, event, ownId(event) ?? given ?? contentHash(event), 'why'));
  if (isWritten) {
    eventColumns.forEach(({ name }, i) => {
      const [mine, its] = [written.data[i], plain.data[i]];
      mine.reach(1);
      assert.ok(Buffer.compare(mine.written(), its.written()) === 0, `${name} of ${text}`);
      assert.ok(Buffer.compare(mine.nulls ?? none, its.nulls ?? none) === 0, `whether ${name} is there, of ${text}`);
    });
  }
  assert.equal(written.rows, isWritten ? 1 : 0);
  return { isWritten };
}

const base = {
  ...{ timestamp: 1_767_571_200_000, event_id: 'e1', platform: 'github', event_type: 'login', account_id: 'a' },
  ...{ actor: { id: 'x', ip: '203.0.113.7' }, net: { asn: 64_500 }, geo: { country: 'DE', lat: -12.5, lon: 0 } },
};

describe('an event from its bytes into columns', () => {
  const writer = new EventWriter();

  test('is what its row says, value by value, for forms that are usual and for those that are not', () => {
    const usual: object[] = [
      base,
      { ...base, seq: 4, tenant_id: 'acme', details: { b: 1, a: [2, { z: null, y: 'é' }], c: 1.5e3 } },
      { ...base, timestamp: '2026-01-05T00:00:00.123Z', received_at: 1, schema_version: 'v1', details: {} },
      { ...base, timestamp: '2026-01-05T02:00:00+02:00', tenant_id: null, details: null },
      { ...base, result: 'fail', method: 'push', actor: { user_agent: 'a "quoted"\n\n; DROP TABLE events \\' } },
      { ...base, account_id: 'Größe 😀', timestamp: '9999-12-31T23:59:59Z' },
      { ...base, geo: { lat: 1 / 7, lon: -1 / 3 } },
      { ...base, actor: {}, auth: null, geo: { lat: 5, lon: null } },
    ];
    for (const event of usual) assert.ok(bothWays(writer, JSON.stringify(event)).isWritten, JSON.stringify(event));
    const { event_id: _, ...withoutId } = base;
    assert.ok(bothWays(writer, JSON.stringify(withoutId), 'content~1').isWritten);
    const left: (object | string)[] = [
      withoutId,
      { ...base, extra: 1 },
      { ...base, actor: { ip: '203.0.113.7', port: 22 } },
      { ...base, actor: { ip: '2001:DB8::1' } },
      { ...base, actor: 'none' },
      { ...base, net: { asn: 1.5 } },
      { ...base, net: { asn: Number.MAX_SAFE_INTEGER } },
      { ...base, auth: { result: 'fail' }, result: 'success' },
      { ...base, timestamp: 'yesterday' },
      { ...base, details: 'text' },
      '{"timestamp":1,"event_id":"e","platform":"\\ud800"}',
      '{"timestamp":1,"event\\u005fid":"e"}',
      '{"timestamp":1,',
      '[]',
      '',
    ];
    for (const event of left) {
      const text = typeof event === 'string' ? event : JSON.stringify(event);
      assert.equal(bothWays(writer, text).isWritten, false, text);
    }
  });

  test('is what its row says for the simulator’s events, and most are written from their bytes', () => {
    const simulation = new Simulation({ seed: 5, scenarios, events_per_hour: 600 });
    let [events, written] = [0, 0];
    for (const { event } of simulation) {
      if (bothWays(writer, JSON.stringify(event), 'content~1').isWritten) written++;
      if (++events === 2000) break;
    }
    assert.ok(events > 1000 && written > 0.9 * events, `${written} of ${events}`);
  });

  test('is what its row says for records with bytes changed, cut and doubled at random', () => {
    const random = seeded(Number(process.env.WEIRTEST_SEED ?? 11));
    let written = 0;
    for (let i = 0; i < 4000; i++) {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...base, seq: i, details: { k: 'v', n: [i] } }));
      for (let change = Math.floor(random() * 3); change > 0; change--) {
        const at = Math.floor(random() * bytes.length);
        if (random() < 0.2) bytes.copyWithin(at, Math.floor(random() * bytes.length));
        else bytes[at] = random() < 0.5 ? Math.floor(random() * 256) : 32 + Math.floor(random() * 95);
      }
      if (bothWays(writer, bytes).isWritten) written++;
    }
    assert.ok(written > 1000, `${written} of them were still of the usual form`);
  });

  test('rows picked out of a block are the rows that were put in', () => {
    const events = Array.from({ length: 300 }, (_, i) => ({
      ...base,
      ...(i % 3 === 0 ? {} : { net: { asn: i } }),
      account_id: 'x'.repeat(i),
      geo: i % 2 === 0 ? {} : { lat: i / 7 },
    }));
    const block = new NativeBlock<EventRow>(eventColumns);
    const odd = new NativeBlock<EventRow>(eventColumns);
    events.forEach((event, i) => {
      const record = { partition: 'p', position: i, received_at: i, bytes: Buffer.from(JSON.stringify(event)) };
      assert.ok(writer.write(block, place, record, null, ''));
      if (i % 2 === 1) assert.ok(writer.write(odd, place, record, null, ''));
    });
    const picked = block.pick(events.map((_, i) => i).filter((i) => i % 2 === 1));
    assert.deepEqual(Buffer.concat(picked.pieces()), Buffer.concat(odd.pieces()));
  });
});
