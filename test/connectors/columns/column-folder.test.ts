import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ColumnFolder } from '../../../connectors/index.ts';
import {
  ColumnMaker,
  type EventSchema,
  idsOf,
  type SourceRecord,
  type StoredColumn,
  type StoredIds,
  storedNumbers,
  type Verdict,
} from '../../../engine/index.ts';
import { atEnd } from '../../at-end.ts';
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
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const folder = new ColumnFolder(directory, schema, 'any');
  folder.write(segment, made(readable), []);
  const bytes = readFileSync(join(directory, '0000000000000000.columns'));
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(
    [bytes.readUInt32LE(8), readable.length, digest],
    [3, 107, 'eeefbdeab55e46312941aefb76a96c1055e0949f165f88db5e62b2001324de02'],
  );
});

test('a stored segment gives back the columns that were made, and its texts without their codes', (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const folder = new ColumnFolder(directory, schema, 'any');
  const all = made(readable);
  assert.ok(all !== null && all.count > 20);
  folder.write(segment, all, []);
  const found = folder.find(segment, { fields: types, open: [] });
  assert.ok(found !== null && typeof found !== 'string', folder.problems.join());
  const { events } = found;
  const some = Int32Array.from([0, 3, 4, all.count - 1]);
  for (const name of storedNumbers) {
    assert.deepEqual(events.numbers(name), all.numbers[name], name);
    assert.deepEqual(
      [...events.numbers(name, some)],
      [...some].map((row): number => all.numbers[name][row]),
    );
  }
  const idsIn = ({ bytes, starts, ends }: StoredIds): string[] => {
    return Array.from(ends, (end, i) => new TextDecoder().decode(bytes.subarray(starts[i], end)));
  };
  const ids = idsIn(idsOf(all.ids));
  assert.deepEqual(idsIn(events.ids()), ids);
  assert.deepEqual(
    idsIn(events.ids(some)),
    [...some].map((row) => ids[row]),
  );
  assert.equal(new Set(ids).size, all.count);
  const whole = (column: StoredColumn | null) =>
    column === null || column instanceof Float64Array ? column : { texts: column.texts, codes: column.codes };
  assert.deepEqual(whole(events.tenant()), all.tenant);
  for (const type of types) assert.deepEqual(whole(events.column(type)), all.columns.get(type), type);
  assert.equal(events.column('none of the schema'), null);
  assert.deepEqual([found.counters, found.partitions, events.count], [all.counters, all.partitions, all.count]);
  assert.deepEqual([found.earliest_ms, found.latest_ms], [all.numbers.time[0], all.numbers.time.at(-1)]);
  const texts = events.column('string');
  rmSync(join(directory, '0000000000000000.columns'));
  assert.ok(texts !== null && !(texts instanceof Float64Array) && texts.texts.ends.length > 0);
  assert.throws(() => texts.codes, /is gone/);
});
