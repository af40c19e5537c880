import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '../../../engine/fold/growth.ts';
import { rowsBetween } from '../../../engine/fold/pieces.ts';
import { Stage } from '../../../engine/fold/stage.ts';
import { limits, SortedRun } from '../../../engine/index.ts';
import type { StreamRows } from '../../../engine/route/stream-rows.ts';
import { type RunOptions, runFold } from './run.ts';
import { programOf, recordsOf } from './weir-sql.ts';

/** Two events a millisecond, of a few keys and tenants, so that pieces end in the middle of a millisecond too. */
const events = Array.from({ length: 240 }, (_, i) => ({
  ...{
    timestamp: 1000 + (i >> 1),
    seq: 0,
    tenant_id: i % 5 === 0 ? 'U' : 'T',
    event_id: `e${String(i).padStart(3, '0')}`,
  },
  ...{ type: 'A', k1: null, k2: null, ip: null, res: null },
  ...{ x: i % 7, k: `k${i % 3}`, g: `g${i % 4}`, f: null, tags: i % 6 === 0 ? [`a${i % 4}`, 'b', `a${i % 3}`] : null },
}));

const burst = 'SELECT k, count(*) AS n FROM events GROUP BY k';

/** Each: what is made of streams that do not grow and then, in pieces, of those that do. */
const programs: Readonly<Record<string, string>> = {
  'pairs of events': `CREATE RULE r AS SELECT a.k, b.x FROM events AS a
    JOIN events AS b WITHIN (BEFORE 2 MILLISECONDS, AFTER 3 MILLISECONDS) ON a.k = b.k WHERE a.x = 1 AND b.x > 3;`,
  'left rows that wait for their deadline beside windows that end': `CREATE VIEW v AS ${burst} WINDOW TUMBLING 4 MILLISECONDS;
    CREATE RULE r AS SELECT v.k, v.n, e.x FROM v LEFT JOIN events AS e WITHIN (AFTER 2 MILLISECONDS) ON e.k = v.k AND e.x = 2;
    CREATE RULE q AS SELECT e.k, v.n FROM events AS e LEFT JOIN v WITHIN (AFTER 3 MILLISECONDS) ON e.k = v.k WHERE e.x = 4;`,
  'elements, counted in windows, and a rule on them': `CREATE VIEW el AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS u(tag);
    CREATE RULE r AS SELECT tag, count(*) AS n, count(DISTINCT k) AS ks FROM el GROUP BY tag WINDOW SLIDING 9 MILLISECONDS HAVING n >= 2;
    CREATE RULE every AS SELECT k, tag FROM el WHERE tag = 'a1';`,
  'a union of a view that grows and one that does not': `CREATE VIEW u AS SELECT k, g AS tag FROM events WHERE x = 1
    UNION ALL SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS u(tag);
    CREATE RULE r AS SELECT k, last(tag) AS l, count(*) AS n FROM u GROUP BY k WINDOW SLIDING 6 MILLISECONDS HAVING n >= 2;`,
  'elements of what a window collected': `CREATE VIEW v AS SELECT k, array_agg(g, 4) AS list FROM events GROUP BY k WINDOW TUMBLING 5 MILLISECONDS;
    CREATE RULE r AS SELECT k, tag FROM v CROSS JOIN UNNEST(list) AS u(tag) WHERE tag <> 'g2';`,
  'events before which nothing was, joined, and a baseline of pairs': `CREATE TABLE t AS ${burst} WINDOW TUMBLING 7 MILLISECONDS;
    CREATE RULE r AS SELECT e.k, f.x AS y, t.n FROM events AS e
      JOIN events AS f WITHIN (AFTER 9 MILLISECONDS) ON f.k = e.k AND f.x > 3
      LEFT JOIN t ON t.k = e.k
      WHERE e.x = 3 AND NOT EXISTS (SELECT 1 FROM events AS p WHERE p.k = e.k AND p.x = 6 WITHIN (BEFORE 4 MILLISECONDS));`,
  'a rule of its own beside them': `CREATE RULE alone AS ${burst} WINDOW SLIDING 5 MILLISECONDS HAVING n >= 4;
    CREATE RULE r AS SELECT a.k, b.x FROM events AS a JOIN events AS b WITHIN (AFTER 1 MILLISECOND) ON a.k = b.k WHERE a.x = 1;`,
};

const found = (rules: string, options: Partial<RunOptions>) => {
  const { detections, fold } = runFold(programOf(rules), events as never, { shards: 1, batch_rows: 240, ...options });
  return { detections, drops: fold.stats().drops };
};

for (const [title, rules] of Object.entries(programs)) {
  test(`S1 pieces of a push do not show: ${title}`, () => {
    assert.ok(growthOf(programOf(rules)).grownFrom.length > 0, 'it has rows that may become many');
    const expected = found(rules, { batch_rows: 1 });
    assert.ok(expected.detections.length >= 5);
    const limits = { key_groups: 1, rows_per_key: 3, unnest_elements: 2 };
    const bounded = found(rules, { batch_rows: 1, limits });
    for (const piece_rows of [1, 2, 5, 64, 239, 240]) {
      assert.deepEqual(found(rules, { piece_rows }), expected, `${piece_rows} at a time`);
      assert.deepEqual(found(rules, { piece_rows, form: 'judge' }), expected, `${piece_rows} at a time, judge`);
      const restarted = { batch_rows: 50, restart_every: 1, piece_rows };
      assert.deepEqual(found(rules, restarted), expected, `${piece_rows} at a time, restarted`);
      assert.deepEqual(found(rules, { piece_rows, limits }), bounded, `${piece_rows} at a time, within bounds`);
    }
  });
}

/** Events of a backtest that is as it is by default. */
const records = (count: number, tags: number) =>
  recordsOf(
    Array.from({ length: count }, (_, i) => [1000 + i, { k: 'k', tags: Array.from({ length: tags }, String) }]),
  );

test('what becomes many, and what it decides, is of no more events than a piece has, whatever the batch', (context) => {
  const { process } = Stage.prototype;
  const counts: number[] = [];
  context.mock.method(Stage.prototype, 'process', function (this: Stage, rows: StreamRows, ...times: [number, number]) {
    counts.push(rows.count);
    return process.call(this, rows, ...times);
  });
  const [events, tags, most] = [3 * limits.piece_rows, 20, 20 * limits.piece_rows];
  const rules = `CREATE VIEW el AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS u(tag);
    CREATE RULE every AS SELECT k, tag FROM el;
    CREATE RULE steady AS SELECT k FROM events;`;
  const run = new SortedRun(programOf(rules));
  for (const record of records(events, tags)) run.add(record);
  const found = [...run.finish()].map((piece) => piece.length).filter((length) => length > 0);
  // The events of the batch, then of each piece the elements, and the view that shows them.
  const taken = counts.filter((count) => count > 0);
  assert.deepEqual(taken, [events, ...Array(6).fill(most)]);
  assert.deepEqual(found, Array(3).fill(most + limits.piece_rows));
});

test('which streams grow', () => {
  const of = (rules: string) => growthOf(programOf(rules));
  const pairs = 'SELECT a.k FROM events AS a JOIN events AS b WITHIN (AFTER 1 MINUTE) ON b.k = a.k';
  const [window, exists, baseline, pair, view] = [
    `CREATE RULE r AS ${burst} WINDOW SLIDING 1 MINUTE HAVING n >= 2;`,
    'CREATE RULE r AS SELECT k FROM events AS e WHERE EXISTS (SELECT 1 FROM events AS p WHERE p.k = e.k WITHIN (BEFORE 1 MINUTE));',
    `CREATE TABLE t AS ${burst} WINDOW TUMBLING 1 MINUTE; CREATE RULE r AS SELECT e.k FROM events AS e JOIN t ON t.k = e.k;`,
    `CREATE RULE r AS ${pairs};`,
    `CREATE VIEW v AS ${pairs}; CREATE RULE r AS SELECT k, count(*) AS n FROM v GROUP BY k WINDOW SLIDING 1 MINUTE HAVING n >= 2;`,
  ].map(of);
  for (const { isGrown, grownFrom } of [window, exists, baseline] as ReturnType<typeof of>[]) {
    assert.ok(isGrown.every((grown) => !grown));
    assert.deepEqual(grownFrom, []);
  }
  assert.deepEqual(pair?.isGrown, [false, true]);
  assert.deepEqual(view?.isGrown, [false, true, true]);
  assert.deepEqual(view?.grownFrom, [0]);
  const union = of(`CREATE VIEW v AS ${burst} WINDOW TUMBLING 1 MINUTE;
    CREATE VIEW u AS SELECT k FROM v UNION ALL SELECT k FROM events CROSS JOIN UNNEST(tags) AS t(tag);
    CREATE RULE r AS SELECT k FROM u;`);
  assert.deepEqual(union.isGrown, [false, true, false, true]);
  assert.deepEqual(union.grownFrom, [0], 'rows of v are cut where they are emitted into u');
});

test('rows of a part have the ids of the whole, which are made when somebody asks', () => {
  let made = 0;
  const texts = ['aa', 'b', 'cccc', 'd'];
  const bytes = new TextEncoder().encode(texts.join(''));
  const start = Int32Array.of(0, 2, 3, 7, 8);
  const numbers = (values: number[]) => Float64Array.from(values);
  const time = numbers([1, 2, 3, 4]);
  const rows: StreamRows = {
    ...{ count: 4, time, stamp: time, seq: numbers([0, 0, 0, 0]), tenant: Int32Array.of(7, 8, 9, 7) },
    get idStart() {
      made++;
      return start;
    },
    get idBytes() {
      return bytes;
    },
    idOf: (i) => texts[i] as string,
    ...{ partition: new Int32Array(4), position: numbers([5, 6, 7, 8]), columns: [numbers([10, 20, 30, 40])] },
    ...{ evidenceStart: start, evidenceBytes: bytes, root: Int32Array.of(0, 1, 2, 3), atEnd: new Uint8Array(4) },
    ...{ from: numbers([0, 1, 2, 3]), origin: numbers([4, 5, 6, 7]), place: numbers([8, 9, 10, 11]) },
  };
  const part = rowsBetween(rows, 1, 3);
  assert.equal(part.count, 2);
  assert.equal(part.stamp, part.time, 'they stay one array where they are one');
  assert.deepEqual([part.idOf?.(0), part.idOf?.(1), made], ['b', 'cccc', 0]);
  const text = (k: number) =>
    new TextDecoder().decode(part.idBytes.subarray(part.idStart[k] as number, part.idStart[k + 1] as number));
  assert.deepEqual([text(0), text(1)], ['b', 'cccc']);
  assert.ok(made > 0);
  for (const [column, values] of [
    [part.time, [2, 3]],
    [part.tenant, [8, 9]],
    [part.position, [6, 7]],
    [part.columns[0], [20, 30]],
    [part.evidenceStart, [2, 3, 7]],
    [part.root, [1, 2]],
    [part.from, [1, 2]],
    [part.origin, [5, 6]],
    [part.place, [9, 10]],
  ] as const)
    assert.deepEqual([...(column as Int32Array)], values);
  assert.equal(rowsBetween(rows, 0, 4), rows);
  const { idOf: _, ...event } = { ...rows, idStart: start };
  const own = rowsBetween(event, 1, 3);
  assert.equal(own.idStart, own.evidenceStart, 'a row that stands for itself does so in a part');
  assert.equal(own.idBytes, own.evidenceBytes);
  assert.equal(rowsBetween(rows, 2, 2).count, 0);
});
