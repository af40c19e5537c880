import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toTableRecord } from '../../../engine/detections/table-record.ts';
import { Engine, type LogEntry, SortedRun, type SortedRunOptions, type TableRow } from '../../../engine/index.ts';
import { type CaseEvent, programOf, recordsOf } from '../fold/weir-sql.ts';

const text = `CREATE TABLE per_key AS SELECT k, count(*) AS n, max(x) AS most FROM events GROUP BY k WINDOW TUMBLING 10 MILLISECONDS;
CREATE TABLE all_keys AS SELECT count(*) AS n FROM events WINDOW HOPPING 20 MILLISECONDS ADVANCE BY 10 MILLISECONDS HAVING n >= 2;
CREATE RULE reads AS SELECT k, n FROM per_key WHERE n >= 2;`;

const events: CaseEvent[] = [
  [100, { k: 'b', x: 3 }],
  [109, { k: 'a', x: 1 }],
  [110, { k: 'a' }],
  [119, { k: 'a', x: 5 }],
  [131, { k: 'b' }],
];

const all = [
  'all_keys  [90, 110) 2',
  'per_key a [100, 110) 1',
  'per_key b [100, 110) 1',
  'all_keys  [100, 120) 4',
  'per_key a [110, 120) 2',
  'all_keys  [110, 130) 2',
  'per_key b [130, 140) 1',
];

const brief = ({ table, key, window, rows }: TableRow) =>
  `${table} ${key.join(' ')} [${window.start}, ${window.end}) ${rows}`;

function sorted(options: SortedRunOptions = {}): string[] {
  const rows: string[] = [];
  const run = new SortedRun(programOf(text), { ...options, on_table_row: (row) => rows.push(brief(row)) });
  for (const record of recordsOf(events)) run.add(record);
  assert.ok([...run.finish()].flat().every(({ rule }) => rule === 'reads'));
  return rows;
}

test('S8 TABLE: a row appears once, at its window’s end, in the order of the ends', () => {
  assert.deepEqual(sorted(), all);
});

test('S8 TABLE: live a row leaves when the watermark has passed its window’s end, once, whatever the restarts', () => {
  const program = programOf(text);
  let engine = new Engine(program);
  const left: string[] = [];
  const counts: number[] = [];
  // LATENESS is a second.
  const late: CaseEvent[] = [...events, [1109, { k: 'c' }], [1110, { k: 'c' }], [1111, { k: 'c' }], [1119, { k: 'c' }]];
  recordsOf(late).forEach((record, position) => {
    engine = Engine.restore(program, structuredClone(engine.snapshot()));
    engine.apply(position, { kind: 'record', record } satisfies LogEntry);
    left.push(...engine.advance().table_rows.map(brief));
    counts.push(left.length);
  });
  // At W = 110 everything before 110 is known: the end of [100, 110), whose row stands at 109, is decided.
  assert.deepEqual(counts, [0, 0, 0, 0, 0, 0, 3, 3, 3]);
  engine.apply(late.length, { kind: 'end' });
  left.push(...engine.advance().table_rows.map(brief));
  assert.deepEqual(left.slice(0, all.length), all);
  assert.equal(new Set(left).size, left.length);
});

test('S8 TABLE of a UNION ALL: each SELECT writes its windows under the one name, and readers see the rows of all', () => {
  const program = programOf(`CREATE TABLE both AS
SELECT k, 'ten' AS span, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 10 MILLISECONDS
UNION ALL SELECT k, 'twenty', count(*) FROM events GROUP BY k WINDOW TUMBLING 20 MILLISECONDS;
CREATE RULE asks AS SELECT e.k AS k, b.span AS span, b.n AS n FROM events AS e JOIN both AS b ON b.k = e.k WHERE e.x = 9;`);
  const rows: TableRow[] = [];
  const run = new SortedRun(program, { on_table_row: (row) => rows.push(row) });
  const asked: CaseEvent[] = [...events, [114, { k: 'a', x: 9 }], [124, { k: 'a', x: 9 }]];
  for (const record of recordsOf(asked)) run.add(record);
  const found = [...run.finish()].flat().map(({ values }) => values.join(' '));
  assert.deepEqual(rows.map(brief), [
    'both a [100, 110) 1',
    'both b [100, 110) 1',
    'both a [110, 120) 3',
    // At one end the SELECT that is written first stands first.
    'both a [100, 120) 4',
    'both b [100, 120) 1',
    'both a [120, 130) 1',
    'both b [130, 140) 1',
    'both a [120, 140) 1',
    'both b [120, 140) 1',
  ]);
  assert.deepEqual(
    rows.slice(2, 4).map(({ values }) => values.join(' ')),
    ['a ten 3', 'a twenty 4'],
  );
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  assert.equal(toTableRecord(program, rows[3]).table, 'both');
  // Of two windows that ended at once the last one in the order is the baseline.
  assert.deepEqual(found, ['a ten 1', 'a twenty 4']);
});

test('S14 rows of tables before --since are warm-up, and what --until leaves open gives none', () => {
  assert.deepEqual(sorted({ since_ms: 110 }), all.slice(3));
  assert.deepEqual(sorted({ until_ms: 120 }), all.slice(0, 5));
});

test('S7 a row of a table has an id of table, plan hash, tenant, key and window, and the record says them', () => {
  const program = programOf(text);
  const rows: TableRow[] = [];
  const run = new SortedRun(program, { on_table_row: (row) => rows.push(row) });
  for (const record of recordsOf(events)) run.add(record);
  for (const _ of run.finish());
  const { id, plan_hash, ...record } = toTableRecord(program, rows[4]);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(plan_hash, program.operators.find(({ name }) => name === 'per_key')?.plan_hash);
  assert.equal(
    JSON.stringify(record),
    '{"schema_version":"v1","table":"per_key","tenant_id":"T","key":{"k":"a"},"window":{"start":' +
      '"1970-01-01T00:00:00.110Z","end":"1970-01-01T00:00:00.120Z"},"rows":2,"values":{"k":"a","n":2,"most":5}}',
  );
  assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
});
