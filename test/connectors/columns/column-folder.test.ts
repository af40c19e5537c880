import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ColumnFolder } from '../../../connectors/index.ts';
import { ColumnMaker, type EventSchema, type SourceRecord, type Verdict } from '../../../engine/index.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';

const types = ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'array'] as const;
const schema: EventSchema = {
  name: 'all',
  fields: types.map((type) => ({ name: type, path: [type], type, aliases: [], required: false, summary: '' })),
};

const values: Record<(typeof types)[number], readonly unknown[]> = {
  string: ['', 'Köln', '\ud800', 'a'.repeat(300), null],
  int: [0, -1, 2 ** 53 - 1, '12', null],
  float: [-0, 0.1, 1e300, '1.5', null],
  bool: [true, false, 'true', null],
  timestamp: [1_700_000_000_123, '2026-01-05T10:00:00Z', '2026-01-05T10:00:00.5+02:00', null],
  ip: ['10.1.2.3', '2001:DB8::1', '::ffff:10.1.0.1', 'no address', null],
  array: [[], ['a', 1, null, { b: [true] }], '[1]', null],
};

/** A record for each value of each type, with every verdict. */
const judged: [SourceRecord, Verdict][] = types.flatMap((type, t) =>
  values[type].flatMap((value, v) =>
    (['accepted', 'duplicate', 'late', 'rejected'] as const).map((verdict, k): [SourceRecord, Verdict] => {
      const place = {
        event_id: `${type}${v}${k}`,
        timestamp: 1_700_000_000_000 - 7 * v,
        seq: t % 3,
        tenant_id: `t${v % 2}`,
      };
      const bytes = new TextEncoder().encode(JSON.stringify({ ...place, [type]: value }));
      return [{ partition: `p${k % 2}`, position: 100 * t + v, received_at: 1_700_000_000_000, bytes }, verdict];
    }),
  ),
);

const segment = { first_position: 0, end_position: 1000, marker: 'm', bytes: 1 };

function made(of: readonly [SourceRecord, Verdict][]) {
  const maker = new ColumnMaker(schema);
  for (const [record, verdict] of of) maker.add(record, verdict);
  return maker.finish();
}

/** Those that can be read: a taken record that cannot be leaves its segment without columns. */
const readable = judged.filter((one) => made([one]) !== null);

test('what a file of columns holds of a record is pinned: who changes it raises VERSION in parts-file.ts, and both here', (t) => {
  const directory = temporaryDirectory((cleanUp) => t.after(cleanUp));
  const folder = new ColumnFolder(directory, schema, 'any');
  folder.write(segment, made(readable), []);
  const bytes = readFileSync(join(directory, '0000000000000000.columns'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(
    [bytes.readUInt32LE(8), readable.length, digest],
    [1, 107, 'c8f94c70db3e062ac7b78dec6d398aed458a820fd26a9fe6dc6658b641ff3edc'],
  );
});

test('a stored segment gives back the columns that were made, and only those that are asked for', (t) => {
  const folder = new ColumnFolder(
    temporaryDirectory((cleanUp) => t.after(cleanUp)),
    schema,
    'any',
  );
  const all = made(readable);
  assert.ok(all !== null && all.events.count > 20);
  folder.write(segment, all, []);
  const found = folder.find(segment, types);
  assert.ok(found !== null && typeof found !== 'string', folder.problems.join());
  assert.deepEqual(found.load(types), all.events);
  assert.deepEqual(found.load(['ip']).columns, new Map([['ip', all.events.columns.get('ip')]]));
  assert.deepEqual([found.counters, found.partitions], [all.counters, all.partitions]);
  assert.equal(found.earliest_ms, all.events.time[0]);
});
