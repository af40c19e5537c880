import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coverage } from '../../../engine/runtime/rule-coverage.ts';
import { brief, find, found, programOf } from './weir-sql.ts';

const signs = `
CREATE VIEW signs AS
SELECT k, x AS n FROM events WHERE x > 1
UNION ALL
SELECT k, 0 FROM events WHERE g = 'b';
`;

test('S7 one event that passes two SELECTs of a UNION ALL gives two rows, with ids of their own', () => {
  const rules = `${signs}CREATE RULE each AS SELECT n FROM signs;`;
  const { detections } = find(rules, [[10, { k: 'a', g: 'b', x: 2 }]]);
  assert.deepEqual(
    detections.map(({ values, evidence }) => [values, evidence]),
    [
      [[2], ['e1']],
      [[0], ['e1']],
    ],
  );
  assert.equal(new Set(detections.map(({ id }) => id)).size, 2);
  assert.equal(new Set(detections.map(({ anchor }) => JSON.stringify(anchor))).size, 2);
});

test('S8 a window over a UNION ALL counts both rows of one event; its evidence is the events, each once', () => {
  const rules = `${signs}CREATE RULE r AS SELECT k, count(*) AS c, sum(n) AS total FROM signs
GROUP BY k WINDOW SLIDING 1 SECOND HAVING c >= 3;`;
  const { detections } = find(rules, [
    [10, { k: 'a', g: 'b', x: 2 }],
    [20, { k: 'a', x: 3 }],
  ]);
  assert.deepEqual(detections.map(brief), ['r a @20 e1,e2']);
  assert.deepEqual(detections[0]?.values, ['a', 3, 5]);
});

test('S2 rows of a UNION ALL stand where what decided them stands, of one event by depth, then as written', () => {
  const rules = `
CREATE VIEW counted AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 SECOND HAVING n >= 1;
CREATE VIEW ended AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 20 MILLISECONDS EMIT AT END;
CREATE VIEW all_of_them AS
SELECT 'ended' AS what FROM ended
UNION ALL SELECT 'counted' FROM counted
UNION ALL SELECT 'second' FROM events
UNION ALL SELECT 'third' FROM events;
CREATE RULE r AS SELECT what FROM all_of_them;`;
  const { detections } = find(rules, [
    [10, { k: 'a' }],
    [19, { k: 'a' }],
    [21, { k: 'b' }],
  ]);
  const rows = detections.map(({ decided_at, values }) => `${decided_at} ${values[0]}`);
  const ofEvent = (time: number) => ['second', 'third', 'counted'].map((what) => `${time} ${what}`);
  assert.deepEqual(rows, [...ofEvent(10), ...ofEvent(19), '19 ended', ...ofEvent(21), '39 ended']);
});

test('S9 a UNION ALL is joined like any stream, and a LEFT JOIN is a SELECT of it like any other', () => {
  const rules = `${signs}
CREATE VIEW either AS
SELECT l.k AS k FROM events AS l LEFT JOIN signs AS s WITHIN (AFTER 10 MILLISECONDS) ON s.k = l.k AND s.n = 0
WHERE l.x = 9 AND s.n IS NULL
UNION ALL
SELECT k FROM signs WHERE n = 0;
CREATE RULE r AS SELECT k FROM either;
CREATE RULE pairs AS SELECT a.k AS k FROM either AS a JOIN signs AS b WITHIN 100 MILLISECONDS ON a.k = b.k;`;
  const events = [
    [10, { k: 'a', x: 9 }],
    [15, { k: 'a', g: 'b' }],
    [30, { k: 'b', x: 9 }],
  ] as const;
  const firings = ['pairs a @15 e1,e2', 'pairs a @15 e2', 'r @15 e2', 'pairs b @40 e3', 'r @40 e3'];
  assert.deepEqual(found(rules, events).toSorted(), firings.toSorted());
});

test('a rule that is a UNION ALL itself fires at each row, with its own clauses around all of them', () => {
  const rules = `CREATE RULE r AS
SELECT k FROM events WHERE x > 1
UNION ALL
SELECT g FROM events WHERE x > 2
SUPPRESS BY k FOR 1 SECOND;`;
  const { detections } = find(rules, [
    [10, { k: 'a', g: 'b', x: 3 }],
    [20, { k: 'b', x: 2 }],
  ]);
  assert.deepEqual(
    detections.map(({ values, suppressed_by }) => [values[0], suppressed_by !== null]),
    [
      ['a', false],
      ['b', false],
      ['b', true],
    ],
  );
});

test('S14 a UNION ALL remembers as long as the SELECT that remembers longest', () => {
  const program = programOf(`
CREATE VIEW v AS
SELECT k FROM events
UNION ALL
SELECT k FROM events GROUP BY k WINDOW TUMBLING 1 HOUR
UNION ALL
SELECT k FROM events GROUP BY k WINDOW TUMBLING 1 MINUTE;
CREATE RULE r AS SELECT k FROM v;`);
  const [coverage] = new Coverage(program, null).ofRules(null);
  assert.equal(coverage?.horizon_ms, 3_600_000);
});

test('a UNION ALL stands in WITH and in brackets as in a view, and equal SELECTs are two', () => {
  const rules = `CREATE RULE r AS
WITH twice AS (SELECT k FROM events UNION ALL SELECT k FROM events)
SELECT k, count(*) AS c FROM (SELECT k FROM twice UNION ALL SELECT k FROM twice) AS four_times
GROUP BY k WINDOW SLIDING 1 SECOND HAVING c >= 4;
CREATE RULE ids AS
WITH twice AS (SELECT k FROM events UNION ALL SELECT k FROM events) SELECT k FROM twice;`;
  const { detections } = find(rules, [[10, { k: 'a' }]]);
  assert.deepEqual(detections.map(brief), ['ids @10 e1', 'ids @10 e1', 'r a @10 e1']);
  assert.equal(new Set(detections.map(({ id }) => id)).size, 3);
});
