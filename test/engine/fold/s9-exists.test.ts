import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programOf as ofCase } from '../../simulation/parity.ts';
import { type RunOptions, runFold } from './run.ts';
import { brief, type CaseEvent, find, found } from './weir-sql.ts';

/** 'a5 b7' is an event with g = a at 5 ms and one with g = b at 7 ms, of one k; 'a5:m' is of k = m, 'a5:-' of none. */
function eventsOf(text: string): CaseEvent[] {
  return text.split(' ').map((word, i) => {
    const [head, k = 'k'] = word.split(':') as [string, string?];
    return [Number(head.slice(1)), { id: word, seq: i, g: head[0], ...(k === '-' ? {} : { k }) }];
  });
}

/** Rows g = a that have (or have no) row g = b of their k. */
const rule = (asked: string, more = '') =>
  `CREATE RULE r AS SELECT e.g FROM events AS e WHERE e.g = 'a' AND ${asked}${more};`;
const b = (within: string, more = '') =>
  `EXISTS (SELECT 1 FROM events AS s WHERE s.k = e.k AND s.g = 'b'${more} WITHIN ${within})`;
const both = '(BEFORE 2 MILLISECONDS, AFTER 5 MILLISECONDS)';

test('S9 EXISTS: one row per left row, at the later of it and the first right row that makes it true', () => {
  const exists = rule(b(both));
  assert.deepEqual(found(exists, eventsOf('b8 a10 b11')), ['r k @10 b8,a10']);
  assert.deepEqual(found(exists, eventsOf('b7 a10 b15 b15')), ['r k @15 a10,b15']);
  assert.deepEqual(found(exists, eventsOf('b7 a10 b16')), []);
  assert.deepEqual(found(exists, eventsOf('a1 a2 b3 b4')), ['r k @3 a1,b3', 'r k @3 a2,b3']);
});

test('S9 NOT EXISTS: the left row without a match comes after all events at its deadline; NULL matches nothing', () => {
  const none = rule(`NOT ${b(both)}`);
  assert.deepEqual(found(none, eventsOf('b7 a10 b16')), ['r k @15 a10']);
  assert.deepEqual(found(none, eventsOf('b8 a10')), []);
  assert.deepEqual(found(none, eventsOf('a10 b15')), []);
  assert.deepEqual(found(none, eventsOf('a1:- b2:- a4:x')), ['r  @6 a1:-', 'r x @9 a4:x']);
  const before = rule(`NOT ${b('(BEFORE 2 MILLISECONDS)')}`);
  assert.deepEqual(found(before, eventsOf('b7 a10 b11 b20 a20')), ['r k @10 a10']);
  assert.deepEqual(found(before, eventsOf('a10 b10')), []);
});

test('S9 EXISTS: no event joins itself, also not behind another EXISTS that held it back', () => {
  const any = (within: string) => `EXISTS (SELECT 1 FROM events AS s WHERE s.k = e.k AND s.g = 'a' WITHIN ${within})`;
  assert.deepEqual(found(rule(any(both)), eventsOf('a3')), []);
  assert.deepEqual(found(rule(any(both)), eventsOf('a3 a4')), ['r k @4 a3,a4', 'r k @4 a3,a4']);
  const two = rule(`${b(both)} AND ${any(both)}`);
  assert.deepEqual(found(two, eventsOf('a3 b5')), []);
});

test('S9 several EXISTS measure from the left row’s own time, and the row stands at the last that is decided', () => {
  const c = (within: string) => `EXISTS (SELECT 1 FROM events AS t WHERE t.k = e.k AND t.g = 'c' WITHIN ${within})`;
  const rules = (one: string, other: string) => [rule(`${one} AND ${other}`), rule(`${other} AND ${one}`)];
  const near = '(BEFORE 2 MILLISECONDS)';
  for (const text of rules(b(both), `NOT ${c(near)}`)) {
    assert.deepEqual(
      find(text, eventsOf('c7 a10 c12 b14')).detections.map((d) => d.decided_at),
      [14],
      text,
    );
    assert.deepEqual(find(text, eventsOf('c8 a10 c12 b14')).detections, [], text);
  }
  for (const text of rules(b(both), `NOT ${c('(AFTER 9 MILLISECONDS)')}`)) {
    assert.deepEqual(
      find(text, eventsOf('a10 b14 c20')).detections.map((d) => d.decided_at),
      [19],
      text,
    );
    assert.deepEqual(find(text, eventsOf('a10 b14 c19')).detections, [], text);
  }
});

test('S7 the anchor of a row of EXISTS is the left row; its own columns and time are selected', () => {
  const text = `CREATE RULE r AS SELECT timestamp, e.x FROM events AS e WHERE e.g = 'a' AND ${b(both)};`;
  const [one] = find(text, [
    [3, { id: 'left', g: 'a', k: 'k', x: 7 }],
    [5, { id: 'right', g: 'b', k: 'k', x: 8 }],
  ]).detections;
  assert.deepEqual(one?.anchor, { timestamp: 3, id: 'left' });
  assert.deepEqual([one?.values, one?.decided_at, one?.first_event_at, one?.last_event_at], [[3, 7], 5, 3, 5]);
});

test('S9 EXISTS: other conditions on pairs, and views on either side; a window reads the rows where they stand', () => {
  const more = rule(b(both, ' AND s.x > e.x'));
  const xs = (l: number, r: number): CaseEvent[] => [
    [1, { g: 'a', k: 'k', x: l }],
    [2, { g: 'b', k: 'k', x: r }],
  ];
  assert.deepEqual(found(more, xs(1, 2)), ['r k @2 e1,e2']);
  assert.deepEqual(found(more, xs(2, 1)), []);
  const views = `CREATE VIEW two AS SELECT k, count(*) AS n FROM events WHERE g = 'b' GROUP BY k
    WINDOW SLIDING 10 MILLISECONDS HAVING n >= 2;
    CREATE RULE right_view AS SELECT e.g FROM events AS e WHERE e.g = 'a' AND
      EXISTS (SELECT 1 FROM two AS t WHERE t.k = e.k AND t.n > 2 WITHIN ${both});
    CREATE RULE left_view AS SELECT t.n FROM two AS t WHERE t.n > 2 AND
      NOT EXISTS (SELECT 1 FROM events AS s WHERE s.k = t.k AND s.g = 'a' WITHIN ${both});`;
  assert.deepEqual(found(views, eventsOf('b1 b2 b3 a5')), ['right_view k @5 b3,a5']);
  assert.deepEqual(found(views, eventsOf('b1 b2 b3 a9')), ['left_view k @8 b3']);
  const windowed = `CREATE RULE r AS SELECT k, count(*) AS n FROM events AS e WHERE e.g = 'a' AND NOT ${b(both)}
    GROUP BY k WINDOW TUMBLING 10 MILLISECONDS HAVING n >= 2;`;
  assert.deepEqual(found(windowed, eventsOf('a6 a7')), ['r k @12 a6,a7']);
});

const is = (type: string) => ['=', ['f', 'type'], ['v', type]] as const;

/** The rule of a row a that has (or has no) row b of its k1, 2 ms before to 5 ms after, over events 'a b', a millisecond each. */
function run(negated: boolean, types: string, options: Partial<RunOptions> = {}) {
  const right = { where: is('b'), on: [['k1', 'k1']] as [string, string][], greater: null };
  const exists = [{ negated, before: 2, after: 5, ...right }];
  const program = ofCase([{ name: 'r', kind: 'single', where: is('a'), exists }], 0);
  const events = types.split(' ').map((type, i) => ({
    ...{ timestamp: i, event_id: `e${i}`, seq: i, tenant_id: 'T', type },
    ...{ k1: 'k', k2: null, x: null, ip: null, res: null },
  }));
  return runFold(program, events, { shards: 1, batch_rows: 2, ...options });
}

for (const form of ['hot', 'judge'] as const) {
  test(`S14 a bound on EXISTS drops the oldest rows of a key, counted by its name (${form})`, () => {
    const limits = { key_groups: 1, rows_per_key: 2 };
    const { detections, fold } = run(false, 'a a a b', { form, limits });
    assert.deepEqual(detections.map(brief), ['r k @3 e1,e3', 'r k @3 e2,e3']);
    assert.deepEqual(fold.stats().drops, { rows_per_key: 1 }, 'the first one, when the third came');
  });

  test(`S9 S14 a left row of EXISTS or NOT EXISTS leaves the state when its answer is there (${form})`, () => {
    for (const negated of [false, true]) {
      const rowsAfter = (types: string) => run(negated, types, { form, isOpen: true }).fold.stats().rows;
      assert.equal(rowsAfter('a a a'), 3);
      assert.equal(rowsAfter('a a a b'), 1, 'the right row alone');
      const limits = { key_groups: 1, rows_per_key: 3 };
      const { detections, fold } = run(negated, 'a a b a a b a a b', { form, limits });
      assert.deepEqual(fold.stats().drops, {}, 'rows that are answered count for no bound');
      assert.deepEqual(
        detections.map(brief),
        negated ? [] : ['r k @2 e0,e2', 'r k @2 e1,e2', 'r k @3 e2,e3', 'r k @4 e2,e4', 'r k @6 e5,e6', 'r k @7 e5,e7'],
      );
    }
  });
}
