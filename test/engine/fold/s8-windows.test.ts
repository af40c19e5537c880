import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, found } from './weir-sql.ts';

const sliding = (having: string, more = '') =>
  `CREATE RULE r AS SELECT k, count(*) AS n, sum(x) AS s, max(x) AS mx, min(x) AS mn FROM events
   GROUP BY k WINDOW SLIDING 10 MILLISECONDS HAVING ${having} ${more};`;
const tumbling = (having: string, more = '', size = '10 MILLISECONDS') =>
  `CREATE RULE r AS SELECT k, count(*) AS n, max(x) AS mx, min(x) AS mn FROM events
   GROUP BY k WINDOW TUMBLING ${size} HAVING ${having} ${more};`;
const a = { k: 'a' };
const b = { k: 'b' };

test('S8 SLIDING n at an event: rows of its key with time >= e.time - n are inside, one millisecond more is outside', () => {
  assert.deepEqual(
    found(sliding('n >= 2'), [
      [100, a],
      [110, a],
    ]),
    ['r a @110 e1,e2'],
  );
  assert.deepEqual(
    found(sliding('n >= 2'), [
      [100, a],
      [111, a],
    ]),
    [],
  );
  assert.deepEqual(
    found(sliding('n >= 2'), [
      [100, a],
      [110, b],
    ]),
    [],
  );
});

test('S8 SLIDING: rows of the same millisecond are inside up to the event in total order, later ones not', () => {
  assert.deepEqual(
    found(sliding('n = 2'), [
      [100, { ...a, seq: 3 }],
      [100, { ...a, seq: 1 }],
      [100, { ...a, seq: 2 }],
    ]),
    ['r a @100 e2,e3'],
  );
});

test('S8 SLIDING: HAVING is evaluated at each event of the key, and at no other', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events WHERE x > 0
    GROUP BY k WINDOW SLIDING 10 MILLISECONDS HAVING count(*) < 2 AND max(x) > 1;`;
  // At 110 there is one row only, but neither the event of another key nor the one that WHERE drops makes it judged.
  const events = [
    [100, { k: 'a', x: 1 }],
    [105, { k: 'a', x: 2 }],
    [112, { k: 'b', x: 1 }],
    [112, { k: 'a', x: 0 }],
  ] as const;
  assert.deepEqual(found(rule, events), []);
  assert.deepEqual(found(rule, [...events, [116, { k: 'a', x: 2 }]]), ['r a @116 e5']);
});

test('S8 SLIDING: a rule fires where HAVING is true and was not true at the key’s previous event', () => {
  const events = [
    [100, a],
    [104, a],
    [108, b],
    [108, a],
    [119, a],
    [121, a],
  ] as const;
  assert.deepEqual(found(sliding('n >= 2'), events), ['r a @104 e1,e2', 'r a @121 e5,e6']);
});

test('S8 SLIDING: it fires again where it was true, when that event has left the window', () => {
  const five = { k: 'a', x: 5 };
  assert.deepEqual(
    found(sliding('s >= 5'), [
      [100, five],
      [110, five],
    ]),
    ['r a @100 e1'],
  );
  assert.deepEqual(
    found(sliding('s >= 5'), [
      [100, five],
      [111, five],
    ]),
    ['r a @100 e1', 'r a @111 e2'],
  );
});

test('S8 a view gives a row at every event where HAVING is true', () => {
  const view = `CREATE VIEW v AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 10 MILLISECONDS HAVING n >= 2;
    CREATE RULE r AS SELECT k, n FROM v;`;
  const { detections } = find(view, [
    [100, a],
    [104, a],
    [108, a],
    [130, a],
  ]);
  assert.deepEqual(
    detections.map(({ decided_at, values }) => [decided_at, ...values]),
    [
      [104, 'a', 2],
      [108, 'a', 3],
    ],
  );
});

test('S8 TUMBLING is [start, end): the last millisecond is inside, the end begins the next window', () => {
  assert.deepEqual(
    found(tumbling('n >= 2'), [
      [10, a],
      [19, a],
    ]),
    ['r a @19 e1,e2'],
  );
  assert.deepEqual(
    found(tumbling('n >= 2'), [
      [10, a],
      [20, a],
    ]),
    [],
  );
});

test('S8 TUMBLING starts at multiples of its size since the epoch, UTC', () => {
  const day_ms = 86_400_000;
  const { detections } = find(tumbling('n >= 2', '', '7 DAYS'), [
    [20 * day_ms, a],
    [21 * day_ms - 1, a],
    [21 * day_ms, a],
  ]);
  assert.deepEqual(
    detections.map(({ window }) => window),
    [{ start: 14 * day_ms, end: 21 * day_ms }],
  );
});

test('S8 TUMBLING: where more rows can only make HAVING truer, the first event that makes it true decides, once', () => {
  const events = [
    [10, a],
    [12, a],
    [14, a],
    [16, b],
    [18, b],
  ] as const;
  assert.deepEqual(found(tumbling('n >= 2'), events), ['r a @12 e1,e2', 'r b @18 e4,e5']);
  assert.deepEqual(found(tumbling('n > 1 AND (n >= 2 OR mx >= 9)'), events), ['r a @12 e1,e2', 'r b @18 e4,e5']);
});

test('S8 TUMBLING: NOT, an upper bound, min and EMIT AT END are decided at the end, with everything in the window', () => {
  const events = [
    [10, { k: 'a', x: 3 }],
    [12, { k: 'a', x: 4 }],
    [14, { k: 'a', x: 5 }],
  ] as const;
  for (const having of ['NOT n < 2', 'n <= 3', 'n >= 2 AND mn >= 3', 'n = 3']) {
    assert.deepEqual(found(tumbling(having), events), ['r a @19 e1,e2,e3'], having);
  }
  assert.deepEqual(found(tumbling('n >= 2', 'EMIT AT END'), events), ['r a @19 e1,e2,e3']);
  assert.deepEqual(found(tumbling('n <= 2'), events), []);
});

test('S8 window_start and window_end: of SLIDING e.time - n and e.time, of TUMBLING start and end', () => {
  const rule = (window: string) =>
    `CREATE RULE r AS SELECT k, window_start, window_end FROM events GROUP BY k WINDOW ${window} HAVING count(*) >= 2;`;
  const bounds = (window: string) =>
    find(rule(window), [
      [11, a],
      [14, a],
    ]).detections.map(({ values, window }) => [values[1], values[2], window]);
  assert.deepEqual(bounds('SLIDING 10 MILLISECONDS'), [[4, 14, { start: 4, end: 14 }]]);
  assert.deepEqual(bounds('TUMBLING 10 MILLISECONDS'), [[10, 20, { start: 10, end: 20 }]]);
});

test('S8 values and evidence are as of what decided: the last n events in order, and the total', () => {
  const events = [
    [10, { k: 'a', x: 1 }],
    [13, { k: 'a', x: 7 }],
    [11, { k: 'a', x: 2 }],
    [14, { k: 'a', x: 9 }],
  ] as const;
  const of = (rule: string) => {
    const { values, evidence, evidence_total, first_event_at, last_event_at } = find(rule, events).detections[0];
    return { values, evidence, evidence_total, first_event_at, last_event_at };
  };
  const times = { first_event_at: 10, last_event_at: 13 };
  assert.deepEqual(of(sliding('n >= 3', 'EVIDENCE 2')), {
    ...{ values: ['a', 3, 10, 7, 1], evidence: ['e3', 'e2'], evidence_total: 3, ...times },
  });
  assert.deepEqual(of(tumbling('n >= 3', 'EVIDENCE 2')), {
    ...{ values: ['a', 3, 7, 1], evidence: ['e3', 'e2'], evidence_total: 3, ...times },
  });
  assert.deepEqual(of(tumbling('n >= 3', 'EVIDENCE 2 EMIT AT END')), {
    ...{ values: ['a', 4, 9, 1], evidence: ['e2', 'e4'], evidence_total: 4, first_event_at: 10, last_event_at: 14 },
  });
  const many = Array.from({ length: 25 }, (_, i) => [10, { k: 'a', seq: i }] as const);
  const [{ evidence, evidence_total }] = find(tumbling('n >= 25'), many).detections;
  assert.deepEqual([evidence.length, evidence[0], evidence_total], [20, 'e6', 25]);
});

test('S8 keys include tenant_id silently', () => {
  const events = [
    [10, { k: 'a', tenant: 'T' }],
    [11, { k: 'a', tenant: 'U' }],
    [12, { k: 'a', tenant: 'U' }],
  ] as const;
  for (const rule of [sliding('n >= 2'), tumbling('n >= 2'), tumbling('n >= 2', 'EMIT AT END')]) {
    const { detections } = find(rule, events);
    assert.deepEqual(
      detections.map(({ tenant, key, evidence }) => [tenant, key, evidence]),
      [['U', ['a'], ['e2', 'e3']]],
    );
  }
  const whole = 'CREATE RULE r AS SELECT count(*) AS n FROM events WINDOW SLIDING 10 MILLISECONDS HAVING n >= 3;';
  assert.deepEqual(found(whole, events), [], 'without GROUP BY the group is the tenant');
});

test('S8 NULL in a key: the row joins no group and is counted in null_key', () => {
  const { detections, run } = find(sliding('n >= 2'), [
    [10, {}],
    [11, {}],
    [12, a],
    [13, a],
  ]);
  assert.deepEqual(
    detections.map(({ key }) => key),
    [['a']],
  );
  const [{ events, null_key }] = run.stats().operators;
  assert.deepEqual({ events, null_key }, { events: 4, null_key: 2 });
});

test('S8 NULL never matches in WHERE and HAVING', () => {
  const where = (text: string) => `CREATE RULE r AS SELECT k FROM events WHERE ${text};`;
  const events = [
    [10, { k: 'a', x: null }],
    [11, { k: 'b' }],
    [12, { k: 'c', x: 1 }],
  ] as const;
  assert.deepEqual(found(where('x <> 5'), events), ['r @12 e3']);
  assert.deepEqual(found(where('NOT x = 5'), events), ['r @12 e3']);
  assert.deepEqual(found(where('x IN (1) OR x NOT IN (1)'), events), ['r @12 e3']);
  for (const having of ['mx < 5', 'NOT mx >= 5', 'mn <> 5']) {
    assert.deepEqual(found(sliding(having), events), ['r c @12 e3'], having);
    assert.deepEqual(found(tumbling(having), events), ['r c @19 e3'], having);
  }
});
