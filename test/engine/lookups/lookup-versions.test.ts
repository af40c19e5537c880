import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookupContent } from '../../../engine/lookups/content.ts';
import { LookupVersions } from '../../../engine/lookups/lookup-versions.ts';
import type { LookupSpec } from '../../../engine/program.ts';

const spec: LookupSpec = {
  name: 'owners',
  columns: [
    { name: 'account', type: 'string' },
    { name: 'owner', type: 'string' },
    { name: 'valid_from', type: 'timestamp' },
    { name: 'valid_to', type: 'timestamp' },
  ],
  key: [0],
  valid_from: 2,
  valid_to: 3,
};

function ownerAt(versions: LookupVersions, account: string, time_ms: number): unknown {
  const { table } = versions.at(time_ms);
  if (table === null) return 'unknown';
  const row = table.rowAt(table.match([account]), time_ms);
  return row < 0 ? null : table.rows[row]?.[1];
}

const content = (...rows: (string | number | null)[][]) => lookupContent(spec.name, spec.columns, rows);

test('S9 valid time is [valid_from, valid_to) as of event time; a NULL is open', () => {
  const versions = new LookupVersions(spec);
  const { version, bytes } = content(['a', 'ann', null, 100], ['a', 'bob', 100, 200], ['b', 'cid', 150, null]);
  versions.activate(Number.NEGATIVE_INFINITY, version, bytes);
  const at = (account: string, ...times: number[]) => times.map((time) => ownerAt(versions, account, time));
  assert.deepEqual(at('a', -5, 99, 100, 199, 200), ['ann', 'ann', 'bob', 'bob', null]);
  assert.deepEqual(at('b', 149, 150, 9e12), [null, 'cid', 'cid']);
  assert.deepEqual(at('c', 150), [null]);
});

test('S13 a version acts from its stream time on; before the first one nothing is known', () => {
  const versions = new LookupVersions(spec);
  const first = content(['a', 'ann', null, null]);
  const second = content(['a', 'bob', null, null]);
  versions.activate(100, first.version, first.bytes);
  versions.activate(200, second.version, second.bytes);
  assert.deepEqual(
    [99, 100, 199, 200].map((time) => ownerAt(versions, 'a', time)),
    ['unknown', 'ann', 'ann', 'bob'],
  );
  assert.deepEqual(versions.acted(0, 99), []);
  assert.deepEqual(versions.acted(150, 250), [first.version, second.version]);
  assert.equal(versions.latest, second.version);
});

test('S13 a second activation at one stream time takes the place of the first; time never falls', () => {
  const versions = new LookupVersions(spec);
  const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((owner) => content(['a', owner, null, null]));
  versions.activate(100, ann.version, ann.bytes);
  versions.activate(100, bob.version, bob.bytes);
  assert.equal(ownerAt(versions, 'a', 100), 'bob');
  versions.activate(50, cid.version, cid.bytes);
  assert.deepEqual([ownerAt(versions, 'a', 60), ownerAt(versions, 'a', 100)], ['unknown', 'cid']);
});

test('law 5: contents that no row needs any more go, their names stay for provenance, and a restart changes nothing', () => {
  const versions = new LookupVersions(spec);
  const first = content(['a', 'ann', null, null]);
  const second = content(['a', 'bob', null, null]);
  versions.activate(100, first.version, first.bytes);
  versions.activate(200, second.version, second.bytes);
  versions.release(199);
  assert.equal(ownerAt(versions, 'a', 199), 'ann');
  versions.release(200);
  assert.equal(ownerAt(versions, 'a', 199), 'unknown');
  const again = new LookupVersions(spec);
  again.restore(structuredClone(versions.snapshot()));
  assert.equal(ownerAt(again, 'a', 200), 'bob');
  assert.deepEqual(again.acted(150, 250), [first.version, second.version]);
});

test('equal rows are one version in whatever order; a column that the content lacks is NULL', () => {
  const rows = [
    ['a', 'ann', null, null],
    ['b', 'bob', null, null],
  ];
  assert.equal(content(...rows).version, content(...rows.toReversed()).version);
  assert.notEqual(content(...rows).version, content(rows[0]).version);
  const older = lookupContent(spec.name, spec.columns.slice(0, 1), [['a']]);
  const versions = new LookupVersions(spec);
  versions.activate(0, older.version, older.bytes);
  const { table } = versions.at(0);
  assert.deepEqual(table?.rows, [['a', null, null, null]]);
});
