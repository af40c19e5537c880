import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FileAlerts } from '../../../ui-api/records/alert-history.ts';
import { AlertIndex } from '../../../ui-api/records/alert-index.ts';
import { RecordFile } from '../../../ui-api/records/record-file.ts';
import { atEnd } from '../../at-end.ts';

interface Alert {
  readonly id: string;
  readonly revision: number;
  readonly status: string;
}

function newFile(context: TestContext): RecordFile {
  const folder = mkdtempSync(join(tmpdir(), 'weir-alerts-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'detections.ndjson');
  writeFileSync(path, '');
  return new RecordFile(path, () => statSync(path).size);
}

const append = (file: RecordFile, records: readonly Alert[]) =>
  appendFileSync(
    file.path,
    records.map((record) => `${JSON.stringify({ schema_version: 'v1', ...record, tenant_id: 'default' })}\n`).join(''),
  );
const nothing = { tenant: 'default' };
const brief = (items: readonly Readonly<Record<string, unknown>>[]) =>
  items.map(({ id, revision }) => `${id}.${revision}`);

/** Ids as Weir makes them, and others. */
const ids = ['00112233445566778899aabbccddeeff', '00112233445566798899aabbccddeeff', 'x', 'y', 'a"b', 'ü'];
const records = fc.array(
  fc.record({ id: fc.constantFrom(...ids), status: fc.constantFrom('open', 'closed', 'suppressed') }),
  { maxLength: 40 },
);

/** Each alert as its last record says, the one that changed last first. */
function folded(all: readonly Alert[]): Alert[] {
  const last = new Map<string, Alert>();
  for (const record of all) {
    last.delete(record.id);
    last.set(record.id, record);
  }
  return [...last.values()].reverse();
}

test('pages of alerts are the fold of all records by id, also while more are published; by id come all revisions', async (context) => {
  await fc.assert(
    fc.asyncProperty(records, records, fc.integer({ min: 1, max: 5 }), async (first, meanwhile, limit) => {
      const file = newFile(context);
      const revised = [...first, ...meanwhile].map((record, revision) => ({ ...record, revision }));
      append(file, revised.slice(0, first.length));
      const alerts = new FileAlerts(file);
      const expected = folded(revised.slice(0, first.length)).filter(({ status }) => status !== 'suppressed');
      const seen: Readonly<Record<string, unknown>>[] = [];
      let cursor: string | null = null;
      let rest = revised.slice(first.length);
      do {
        const page = await alerts.page(nothing, limit, cursor);
        assert.ok(page.items.length <= limit);
        seen.push(...page.items);
        cursor = page.next_cursor;
        append(file, rest.slice(0, 3));
        rest = rest.slice(3);
      } while (cursor !== null);
      assert.deepEqual(brief(seen), brief(expected.map((record) => ({ ...record }))));
      append(file, rest);
      for (const id of ids) {
        const of = revised.filter((record) => record.id === id);
        const { items, earlier } = await alerts.byId(id, 4);
        assert.deepEqual(brief(items), brief(of.slice(-4).map((record) => ({ ...record }))));
        assert.equal(earlier, Math.max(0, of.length - 4));
      }
    }),
    { numRuns: 150 },
  );
});

test('an index that is full forgets its older half; what it does not hold is found in the file; it follows a file that was cut', async (context) => {
  const file = newFile(context);
  const all = Array.from({ length: 100 }, (_, revision) => ({ id: `id${revision % 7}`, revision, status: 'open' }));
  append(file, all);
  const index = new AlertIndex(file, 10);
  const alerts = new FileAlerts(file, index);
  const { items } = await alerts.byId('id3', 1000);
  assert.deepEqual(brief(items), brief(all.filter(({ id }) => id === 'id3')));
  assert.ok(index.from > 0);
  const last = await alerts.byId('id3', 2);
  assert.deepEqual([brief(last.items), last.earlier], [['id3.87', 'id3.94'], 12]);
  truncateSync(file.path, 0);
  append(file, all.slice(0, 3));
  assert.deepEqual(brief((await alerts.byId('id1', 10)).items), ['id1.1']);
  assert.deepEqual((await alerts.byId('id5', 10)).items, []);
});

test('the index keeps 28 bytes a record or so, and readers that come at once wait for one reading', async (context) => {
  const file = newFile(context);
  const all = Array.from({ length: 20_000 }, (_, revision) => ({ id: `id${revision}`, revision, status: 'open' }));
  append(file, all);
  const index = new AlertIndex(file);
  await Promise.all(Array.from({ length: 5 }, () => index.refresh()));
  assert.ok(index.bytes <= 2 * 28 * 20_000, String(index.bytes));
  assert.equal([...index.offsetsOf('id777')].length, 1);
  assert.equal(index.lastBefore('id777', file.size), [...index.offsetsOf('id777')][0]);
  assert.equal(index.lastBefore('id777', 0), -1);
});
