import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../engine/limits.ts';
import { type CaseEvent, find, found } from './weir-sql.ts';

/** 'a5 b7' is an event with g = a at 5 ms and one with g = b at 7 ms, both of the key k. */
function eventsOf(text: string): CaseEvent[] {
  return text.split(' ').map((word, i) => [Number(word.slice(1)), { id: word, seq: i, g: word[0] as string, k: 'k' }]);
}

const within = 'WITHIN 10 MILLISECONDS';
const ab = `events AS a JOIN events AS b ${within} ON b.k = a.k AND a.g = 'a' AND b.g = 'b'`;
const c = `events AS c ${within} ON c.k = a.k AND c.g = 'c'`;
const existsD = `EXISTS (SELECT 1 FROM events AS d WHERE d.k = a.k AND d.g = 'd' ${within})`;

test('S9 evidence of a join of joins is every event that made the row, in total order', () => {
  const three = `CREATE RULE r AS SELECT c.x FROM ${ab} JOIN ${c};`;
  assert.deepEqual(found(three, eventsOf('c1 b2 a3')), ['r k @3 c1,b2,a3']);
  assert.deepEqual(found(three, eventsOf('a1 c2 b3')), ['r k @3 a1,c2,b3']);
  const [one] = find(three, eventsOf('c1 b2 a3')).detections;
  assert.deepEqual([one?.evidence_total, one?.first_event_at, one?.last_event_at], [3, 1, 3]);
  const left = `CREATE RULE r AS SELECT c.x FROM ${ab} LEFT JOIN ${c};`;
  assert.deepEqual(found(left, eventsOf('a1 b2')), ['r k @12 a1,b2']);
  const four = `CREATE RULE r AS SELECT c.x FROM ${ab} JOIN ${c} JOIN events AS d ${within} ON d.k = c.k AND d.g = 'd';`;
  assert.deepEqual(found(four, eventsOf('d1 c2 b3 a4')), ['r k @4 d1,c2,b3,a4']);
});

test('S9 evidence of EXISTS over a JOIN, and of several EXISTS, is every event; of NOT EXISTS those of its left row', () => {
  const over = (asked: string) => `CREATE RULE r AS SELECT b.x FROM ${ab} WHERE ${asked};`;
  assert.deepEqual(found(over(existsD), eventsOf('d1 a2 b3')), ['r k @3 d1,a2,b3']);
  assert.deepEqual(found(over(existsD), eventsOf('a1 b2 d3')), ['r k @3 a1,b2,d3']);
  assert.deepEqual(found(over(`NOT ${existsD}`), eventsOf('a1 b2')), ['r k @12 a1,b2']);
  const existsE = existsD.replaceAll(/\bd\b/g, 'e');
  const two = `CREATE RULE r AS SELECT a.x FROM events AS a WHERE a.g = 'a' AND ${existsD} AND ${existsE};`;
  assert.deepEqual(found(two, eventsOf('e1 a2 d3')), ['r k @3 e1,a2,d3']);
});

test('S9 an event that is there twice is one: in evidence, and in the total', () => {
  // The third side is any event, the first two among them.
  const text = `CREATE RULE r AS SELECT c.x FROM ${ab} JOIN events AS c ${within} ON c.k = a.k;`;
  assert.deepEqual(
    find(text, eventsOf('a1 b2')).detections.map(({ evidence, evidence_total }) => [evidence.join(), evidence_total]),
    [
      ['a1,b2', 2],
      ['a1,b2', 2],
    ],
  );
});

test('S9 what a row of a join rests on goes on through views without a window, UNION ALL, UNNEST and tables', () => {
  const view = (more = '') => `CREATE VIEW v AS SELECT a.k AS k, b.x AS x FROM ${ab}${more};`;
  assert.deepEqual(found(`${view()} CREATE RULE r AS SELECT x FROM v;`, eventsOf('a1 b2')), ['r @2 a1,b2']);
  const joined = `${view()} CREATE RULE r AS SELECT v.x FROM v JOIN events AS c ${within} ON c.k = v.k AND c.g = 'c';`;
  assert.deepEqual(found(joined, eventsOf('a1 c2 b3')), ['r k @3 a1,c2,b3']);
  const both = view(` UNION ALL SELECT k, x FROM events WHERE g = 'c'`);
  assert.deepEqual(found(`${both} CREATE RULE r AS SELECT x FROM v;`, eventsOf('a1 b2 c3')), ['r @2 a1,b2', 'r @3 c3']);
  const elements = `CREATE RULE r AS SELECT el FROM ${ab} CROSS JOIN UNNEST(a.tags) AS t(el);`;
  const [[time, fields], other] = eventsOf('a1 b2') as [CaseEvent, CaseEvent];
  assert.deepEqual(found(elements, [[time, { ...fields, tags: ['t', 'u'] }], other]), ['r k @2 a1,b2', 'r k @2 a1,b2']);
  const table = `CREATE TABLE t AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 5 MILLISECONDS;
    CREATE RULE r AS SELECT t.n FROM ${ab} JOIN t ON t.k = a.k;`;
  assert.deepEqual(found(table, eventsOf('c1 a6 b7')), ['r k @7 a6,b7']);
});

test('S8 in evidence of a window a row of a join stands for the last event that it rests on', () => {
  const text = `CREATE RULE r AS SELECT a.k AS k, count(*) AS n FROM ${ab} JOIN ${c}
    GROUP BY a.k WINDOW SLIDING 10 MILLISECONDS HAVING n >= 2;`;
  assert.deepEqual(found(text, eventsOf('a1 c2 b3 b4')), ['r k @4 b3,b4']);
});

test('S14 evidence shows the last events and counts all; a row names so many and no more', () => {
  const last = `CREATE RULE r AS SELECT c.x FROM ${ab} JOIN ${c} EVIDENCE 2;`;
  const [one] = find(last, eventsOf('c1 b2 a3')).detections;
  assert.deepEqual([one?.evidence, one?.evidence_total], [['b2', 'a3'], 3]);
  // Eight views, each of which joins two neighbouring rows of the one before: 2^7 events in the last.
  const near = 'WITHIN (AFTER 200 MILLISECONDS)';
  const doubled = (i: number) => `CREATE VIEW v${i + 1} AS SELECT a.k AS k, a.x AS x, b.y AS y
    FROM v${i} AS a JOIN v${i} AS b ${near} ON b.k = a.k AND b.x = a.y;`;
  const views = Array.from({ length: 7 }, (_, i) => doubled(i)).join('\n');
  const text = `CREATE VIEW v0 AS SELECT k, x, x + 1 AS y FROM events; ${views}
    CREATE RULE r AS SELECT x FROM v7 EVIDENCE 1000;`;
  const events = Array.from({ length: 128 }, (_, i): CaseEvent => [i, { id: `e${i}`, k: 'k', x: i }]);
  const [all] = find(text, events).detections;
  assert.equal(all?.evidence_total, 128);
  const shown = Array.from({ length: limits.events_per_row }, (_, i) => `e${i + 128 - limits.events_per_row}`);
  assert.deepEqual(all?.evidence, shown);
  assert.deepEqual([all?.first_event_at, all?.last_event_at], [0, 127]);
});
