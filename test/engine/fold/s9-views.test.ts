import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, find, found } from './weir-sql.ts';

/** 'a5 b7' are events of the key k with g = a at 5 ms and g = b at 7 ms. */
function eventsOf(text: string): CaseEvent[] {
  return text.split(' ').map((word, i) => [Number(word.slice(1)), { id: word, seq: i, g: word[0] as string, k: 'k' }]);
}

const windows = (name: string, g: string) =>
  `CREATE VIEW ${name} AS SELECT k, count(*) AS n FROM events WHERE g = '${g}' GROUP BY k WINDOW TUMBLING 10 MILLISECONDS EMIT AT END;`;
const two = `${windows('va', 'a')} ${windows('vb', 'b')}`;
const beside = (join: string, left: string, right: string) =>
  `${two} CREATE RULE r AS SELECT l.n, r.n AS m FROM ${left} AS l ${join} ${right} AS r WITHIN (BEFORE 20 MILLISECONDS) ON r.k = l.k;`;

test('S9 windows of two views that end at once are at most 0 apart, whichever view stands first', () => {
  const events = eventsOf('a1 b2');
  assert.deepEqual(found(beside('JOIN', 'va', 'vb'), events), ['r k @9 a1,b2']);
  assert.deepEqual(found(beside('JOIN', 'vb', 'va'), events), ['r k @9 a1,b2']);
  assert.deepEqual(found(beside('LEFT JOIN', 'va', 'vb'), events), ['r k @9 a1,b2']);
  assert.deepEqual(found(beside('LEFT JOIN', 'va', 'vb'), eventsOf('a1 b12')), ['r k @9 a1']);
  const exists = (not: string) =>
    `${two} CREATE RULE r AS SELECT l.n FROM va AS l WHERE ${not} EXISTS (SELECT 1 FROM vb AS s WHERE s.k = l.k WITHIN (BEFORE 20 MILLISECONDS));`;
  assert.deepEqual(found(exists(''), events), ['r k @9 a1,b2']);
  assert.deepEqual(found(exists('NOT'), events), []);
});

test('S9 an event that a window’s row stands for, and that is joined itself, is one in evidence', () => {
  const text = `${windows('va', 'a')} CREATE RULE r AS SELECT l.n FROM va AS l JOIN events AS e WITHIN 20 MILLISECONDS ON e.k = l.k;`;
  const [one] = find(text, eventsOf('a1')).detections;
  assert.deepEqual([one?.evidence, one?.evidence_total], [['a1'], 1]);
});

test('S2 rows of a view that make pairs with one event stand as they do in their stream, not by their hashes', () => {
  const text = `CREATE VIEW v AS SELECT k, g FROM events WHERE g <> 'z';
    CREATE RULE r AS SELECT l.g FROM v AS l JOIN events AS z WITHIN 1 SECOND ON z.k = l.k AND z.g = 'z';`;
  const left = ['h', 'c', 'g', 'a', 'f', 'b', 'e', 'd'].map((g, i) => `${g}${i}`);
  const expected = left.map((id) => `r k @9 ${id},z9`);
  assert.deepEqual(found(text, eventsOf([...left, 'z9'].join(' '))), expected);
});
