import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, find, found } from './weir-sql.ts';

const every = (name: string, from = 'events') => `CREATE RULE ${name} AS SELECT k FROM ${from};`;
const passing = 'CREATE VIEW v AS SELECT k FROM events;';
const atEnd = (name: string, key: string) =>
  `CREATE RULE ${name} AS SELECT ${key}, count(*) AS n FROM events GROUP BY ${key} WINDOW TUMBLING 10 MILLISECONDS HAVING n < 9;`;

test('S2 total order: timestamp, then seq, then event_id by bytes, then tenant_id', () => {
  const events: CaseEvent[] = [
    [10, { id: 'a', seq: 2 }],
    [10, { id: '\u{1F600}', seq: 1 }],
    [10, { id: '\uFF5E', seq: 1 }],
    [9, { id: 'z', seq: 9 }],
    [10, { id: 'b', seq: 1, tenant: 'U' }],
    [10, { id: 'b', seq: 1, tenant: 'T' }],
  ];
  const { detections } = find(every('r'), events);
  assert.deepEqual(
    detections.map(({ tenant, evidence }) => `${tenant} ${evidence}`),
    ['T z', 'T b', 'U b', 'T \uFF5E', 'T \u{1F600}', 'T a'],
  );
});

test('S2 two events in one millisecond stand by seq, and without seq by their line', () => {
  assert.deepEqual(
    found(every('r'), [
      [10, { id: 'b', seq: 8 }],
      [10, { id: 'a', seq: 7 }],
    ]),
    ['r @10 a', 'r @10 b'],
  );
  assert.deepEqual(
    found(every('r'), [
      [10, { id: 'b' }],
      [10, { id: 'a' }],
    ]),
    ['r @10 b', 'r @10 a'],
  );
});

test('S2 a derived row stands directly after the event that decided it: before the next one of the same millisecond', () => {
  const rules = `${passing} ${every('a_on_view', 'v')} ${every('z_on_events')}`;
  assert.deepEqual(
    found(rules, [
      [10, {}],
      [10, {}],
    ]),
    [...['z_on_events @10 e1', 'a_on_view @10 e1', 'z_on_events @10 e2', 'a_on_view @10 e2']],
  );
});

test('S2 of one event: by depth in the rule graph, then by rule name', () => {
  const rules = `${passing} CREATE VIEW w AS SELECT k FROM v;
    ${every('a2', 'w')} ${every('b1', 'v')} ${every('c1', 'v')} ${every('e0')} ${every('d0')}`;
  assert.deepEqual(found(rules, [[10, {}]]), ['d0 @10 e1', 'e0 @10 e1', 'b1 @10 e1', 'c1 @10 e1', 'a2 @10 e1']);
});

test('S2 a window’s end has time end - 1 and stands last there: after the events of that millisecond and what they decide', () => {
  const rules = `${atEnd('a_window', 'k')} ${every('z_event')}`;
  assert.deepEqual(
    found(rules, [
      [12, { k: 'a' }],
      [19, { k: 'a' }],
      [20, { k: 'a' }],
    ]),
    [...['z_event @12 e1', 'z_event @19 e2', 'a_window a @19 e1,e2', 'z_event @20 e3', 'a_window a @29 e3']],
  );
});

test('S2 a row of a window’s end is a row of its time end - 1 for what reads it', () => {
  const rules = `CREATE VIEW w AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 10 MILLISECONDS HAVING n < 9;
    CREATE RULE r AS SELECT k, count(*) AS windows FROM w GROUP BY k WINDOW SLIDING 10 MILLISECONDS HAVING windows >= 2;`;
  const { detections } = find(rules, [
    [1, { k: 'a' }],
    [18, { k: 'a' }],
  ]);
  assert.deepEqual(
    detections.map(({ decided_at, window }) => [decided_at, window]),
    [[19, { start: 9, end: 19 }]],
  );
});

test('S2 window ends of one millisecond: by depth, rule name, tenant, key by value', () => {
  const rules = `CREATE VIEW w AS SELECT x, count(*) AS n FROM events GROUP BY x WINDOW TUMBLING 10 MILLISECONDS HAVING n < 9;
    CREATE RULE a AS SELECT x FROM w; ${atEnd('c', 'x')} ${atEnd('b', 'k')}`;
  const events: CaseEvent[] = [
    [10, { k: 'b', x: 10, tenant: 'U' }],
    [11, { k: 'B', x: 9 }],
    [12, { k: '\u{1F600}', x: 10 }],
    [13, { k: '\uFF5E', x: -1 }],
  ];
  assert.deepEqual(
    find(rules, events).detections.map(({ rule, tenant, key, values }) =>
      [rule, tenant, ...(key.length > 0 ? key : values)].join(' '),
    ),
    [
      ...['b T B', 'b T \uFF5E', 'b T \u{1F600}', 'b U b', 'c T -1', 'c T 9', 'c T 10', 'c U 10'],
      ...['a T -1', 'a T 9', 'a T 10', 'a U 10'],
    ],
  );
});

test('S2 hundreds of windows that end at once stand by tenant, then by key, by code point', () => {
  const names = Array.from({ length: 300 }, (_, i) => {
    const [first, second] = [i * 7919, i * 104_729].map((n) => n % 4);
    return `${'a\uFF5E\u{1F600}\uD7FF'.match(/./gu)?.[first]}${second}${'z'.repeat(second)}${i}`;
  });
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  for (const tenants of [['T'], ['T', 'U']]) {
    const events = names.map((k, i): CaseEvent => [10, { k, tenant: tenants[i % tenants.length] }]);
    const { detections } = find(atEnd('r', 'k'), events);
    const expected = names.map((k, i) => `${tenants[i % tenants.length]} ${k}`).sort(bytes);
    assert.deepEqual(
      detections.map(({ tenant, key }) => `${tenant} ${key[0]}`),
      expected,
    );
  }
});

test('S2 hundreds of rows of one rule, decided by events of two milliseconds, stand by their events and not by their keys', () => {
  const events = Array.from({ length: 200 }, (_, i): CaseEvent => [i < 100 ? 10 : 11, { k: `k${999 - i}` }]);
  const own = 'CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 SECONDS;';
  const { detections } = find(own, events);
  assert.deepEqual(
    detections.map(({ key }) => key[0]),
    events.map(([, fields]) => fields?.k),
  );
});
