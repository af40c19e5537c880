import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type LogEntry } from '../../../engine/index.ts';
import { brief, type CaseEvent, find, found, programOf, recordsOf } from './weir-sql.ts';

const each = 'CREATE RULE each AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS t(tag);';

test('UNNEST gives a row for each element in order, as text; NULL and an empty array give none', () => {
  const { detections } = find(each, [
    [10, { k: 'a', tags: ['x', 2, null, true, ['y', 1], { z: 1 }] }],
    [20, { k: 'b', tags: [] }],
    [30, { k: 'c', tags: null }],
    [40, { k: 'd', tags: ['x'] }],
  ]);
  assert.deepEqual(
    detections.map(({ values: [k, tag], evidence }) => [k, tag, ...evidence]),
    [...['x', '2', null, 'true', '["y",1]', '{"z":1}'].map((tag) => ['a', tag, 'e1']), ['d', 'x', 'e4']],
  );
});

test('S7 the anchor of a row of UNNEST is its event and the place of the element', () => {
  const { detections } = find(each, [[10, { k: 'a', tags: ['x', 'x'] }]]);
  assert.deepEqual(
    detections.map(({ anchor }) => anchor),
    [
      { timestamp: 10, id: 'e1[0]' },
      { timestamp: 10, id: 'e1[1]' },
    ],
  );
  assert.equal(new Set(detections.map(({ id }) => id)).size, 2);
});

test('S2 rows of UNNEST stand at their event, the tenth element behind the ninth', () => {
  const tags = Array.from({ length: 12 }, (_, i) => `${i}`);
  const { detections } = find(each, [
    [10, { k: 'a', tags }],
    [10, { k: 'b', seq: 1, tags: ['y'] }],
  ]);
  assert.deepEqual(
    detections.map(({ values }) => values[1]),
    [...tags, 'y'],
  );
});

test('a window over elements: by element, and how many different ones', () => {
  const rules = `
CREATE RULE by_tag AS SELECT tag, count(*) AS n FROM events CROSS JOIN UNNEST(tags) AS t(tag)
GROUP BY tag WINDOW SLIDING 1 SECOND HAVING n >= 3;
CREATE RULE spread AS SELECT k, count(DISTINCT tag) AS n FROM events AS e CROSS JOIN UNNEST(e.tags) AS t(tag)
WHERE e.x > 0 AND t.tag <> 'z' GROUP BY k WINDOW SLIDING 1 SECOND HAVING n >= 3;`;
  const events: CaseEvent[] = [
    [10, { k: 'a', x: 1, tags: ['p', 'q', 'z'] }],
    [20, { k: 'a', x: 0, tags: ['r', 'p'] }],
    [30, { k: 'a', x: 1, tags: ['p', 'r'] }],
  ];
  assert.deepEqual(found(rules, events), ['by_tag p @30 e1,e2,e3', 'spread a @30 e1,e3']);
});

test('UNNEST of a view and of a UNION ALL, in brackets, joined and asked with EXISTS', () => {
  const rules = `
CREATE VIEW both AS SELECT k, tags FROM events WHERE x = 1 UNION ALL SELECT g, tags FROM events WHERE x = 1;
CREATE VIEW collected AS SELECT k, array_agg(g, 10) AS gs FROM events GROUP BY k WINDOW SLIDING 1 SECOND;
CREATE RULE of_union AS SELECT k, tag FROM both CROSS JOIN UNNEST(tags) AS t(tag);
CREATE RULE of_view AS SELECT k, one FROM collected CROSS JOIN UNNEST(gs) AS t(one) WHERE one = 'h';
CREATE RULE pairs AS SELECT t.tag AS tag FROM (SELECT * FROM events CROSS JOIN UNNEST(tags) AS u(tag)) AS t
JOIN events AS e WITHIN 1 SECOND ON e.k = t.tag;
CREATE RULE named AS SELECT t.tag AS tag FROM (SELECT * FROM events CROSS JOIN UNNEST(tags) AS u(tag)) AS t
WHERE EXISTS (SELECT 1 FROM events AS e WHERE e.k = t.tag WITHIN 1 SECOND);`;
  const { detections } = find(rules, [
    [10, { k: 'a', g: 'h', x: 1, tags: ['b', 'c'] }],
    [20, { k: 'b', g: 'i' }],
  ]);
  const values = (rule: string) => detections.filter((one) => one.rule === rule).map((one) => one.values.join(' '));
  assert.deepEqual(values('of_union'), ['a b', 'a c', 'h b', 'h c']);
  assert.deepEqual(values('of_view'), ['a h']);
  assert.deepEqual(values('pairs'), ['b']);
  assert.deepEqual(values('named'), ['b']);
  assert.deepEqual(detections.filter(({ rule }) => rule === 'pairs').map(brief), ['pairs b @20 e1,e2']);
});

test('a second UNNEST: a row for each pair of elements, in order, named by both places', () => {
  const rules = `CREATE RULE twice AS SELECT t.a AS a, u.b AS b
FROM events CROSS JOIN UNNEST(tags) AS t(a) CROSS JOIN UNNEST(tags) AS u(b) WHERE a <> b AND x = 1 AND a <> 'z';`;
  const { detections } = find(rules, [
    [10, { k: 'a', x: 1, tags: ['p', 'z', 'q'] }],
    [20, { k: 'a', x: 2, tags: ['m', 'n'] }],
  ]);
  assert.deepEqual(
    detections.map(({ values, anchor }) => [values.join(' '), 'id' in anchor ? anchor.id : '']),
    [
      ...[
        ['p z', 'e1[0][1]'],
        ['p q', 'e1[0][2]'],
        ['q p', 'e1[2][0]'],
        ['q z', 'e1[2][1]'],
      ],
    ],
  );
});

test('S9 elements beside JOIN and EXISTS are taken apart before; an event is joined with no element of its own', () => {
  const rules = `
CREATE RULE by_element AS SELECT a.k AS k, t.tag AS tag FROM events AS a CROSS JOIN UNNEST(a.tags) AS t(tag)
JOIN events AS b WITHIN 1 SECOND ON b.k = t.tag WHERE t.tag <> 'z';
CREATE RULE alone AS SELECT a.k AS k, tag FROM events AS a CROSS JOIN UNNEST(a.tags) AS t(tag)
LEFT JOIN events AS b WITHIN 1 SECOND ON b.k = tag WHERE b.k IS NULL;
CREATE RULE of_both AS SELECT l.k AS k, p AS tag FROM events AS l
JOIN events AS r WITHIN 1 SECOND ON q = p CROSS JOIN UNNEST(l.tags) AS t(p) CROSS JOIN UNNEST(r.tags) AS u(q);
CREATE RULE seen AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS t(tag)
WHERE tag <> 'z' AND EXISTS (SELECT 1 FROM events AS b WHERE b.k = t.tag WITHIN 1 SECOND);
CREATE RULE shared AS SELECT k FROM events AS l
WHERE NOT EXISTS (SELECT 1 FROM events AS r CROSS JOIN UNNEST(r.tags) AS u(q) WHERE u.q = l.k WITHIN 1 SECOND);`;
  const events: CaseEvent[] = [
    [10, { k: 'a', tags: ['a', 'b', 'z', 'c'] }],
    [20, { k: 'b', tags: ['c', 'c'] }],
  ];
  assert.deepEqual(found(rules, events), [
    ...['by_element b @20 e1,e2', 'of_both c @20 e1,e2', 'of_both c @20 e1,e2'],
    ...['of_both c @20 e1,e2', 'of_both c @20 e1,e2', 'seen b @20 e1,e2'],
    ...['alone a @1010 e1', 'alone c @1010 e1', 'alone z @1010 e1', 'shared a @1010 e1'],
    ...['alone c @1020 e2', 'alone c @1020 e2'],
  ]);
});

test('S14 several UNNESTs make so many rows of an event together', () => {
  const program = programOf(`CREATE RULE twice AS SELECT a FROM events CROSS JOIN UNNEST(tags) AS t(a)
CROSS JOIN UNNEST(tags) AS u(b) CROSS JOIN UNNEST(tags) AS v(c);`);
  const tags = Array.from({ length: 40 }, (_, i) => i);
  const engine = new Engine(program);
  recordsOf([
    [10, { k: 'a', tags }],
    [10, { k: 'b', seq: 1, tags: tags.slice(0, 9) }],
  ]).forEach((record, position) => {
    engine.apply(position, { kind: 'record', record });
  });
  engine.apply(2, { kind: 'end' });
  assert.equal(engine.advance().detections.length, 1_000 + 9 ** 3);
  // 40 x 40 pairs, of which a thousand stand; of their 40,000 a thousand again.
  assert.equal(engine.stats().drops.unnest_elements, 600 + 39_000);
});

test('what WHERE asks without the element is asked before; equal arrays are one stream', () => {
  const program = programOf(`
CREATE RULE a AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS t(tag) WHERE x = 1 AND tag = 'p';
CREATE RULE b AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS t(tag) WHERE x = 1;
CREATE RULE c AS SELECT k, tag FROM events CROSS JOIN UNNEST(tags) AS t(tag) WHERE x = 2;`);
  const makers = program.operators.filter(({ unnest }) => unnest !== undefined);
  assert.deepEqual(
    makers.map(({ where }) => where.length),
    [1, 1],
  );
  assert.equal(program.streams.length, 3);
});

test('S14 UNNEST makes rows of so many elements; those behind them are left out and counted, also over a restart', () => {
  const program = programOf(each);
  const tags = Array.from({ length: 1_003 }, (_, i) => i);
  const entries = recordsOf([
    [10, { k: 'a', tags }],
    [20, { k: 'b', tags: tags.slice(0, 1_000) }],
  ]).map((record): LogEntry => ({ kind: 'record', record }));
  let engine = new Engine(program);
  entries.forEach((entry, position) => {
    engine.apply(position, entry);
    engine = Engine.restore(program, structuredClone(engine.snapshot()));
  });
  engine.apply(entries.length, { kind: 'end' });
  assert.equal(engine.advance().detections.length, 2_000);
  engine = Engine.restore(program, structuredClone(engine.snapshot()));
  assert.equal(engine.stats().drops.unnest_elements, 3);
});
