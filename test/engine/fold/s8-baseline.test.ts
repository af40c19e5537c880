import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { storeLimits } from '../../../engine/fold/store-limits.ts';
import { type Detection, SortedRun } from '../../../engine/index.ts';
import type { SingleRule, WindowRule } from '../../simulation/case.ts';
import { programOf as programOfCase } from '../../simulation/parity.ts';
import { runFold } from './run.ts';
import { type CaseEvent, find, programOf, recordsOf } from './weir-sql.ts';

const table = `CREATE TABLE t AS SELECT k, count(*) AS n, max(x) AS most FROM events WHERE g IS NULL
GROUP BY k WINDOW TUMBLING 10 MILLISECONDS;`;

/** What a rule found: when, and its values. */
const brief = ({ decided_at, values }: Detection): string => `@${decided_at} ${values.join(' ')}`;

const asked = (join: string, more = '') => `${table}
CREATE RULE r AS SELECT e.k AS k, t.n AS n, t.most AS most FROM events AS e ${join} t ON t.k = e.k
WHERE e.g = 'ask' ${more};`;

const found = (rules: string, events: readonly CaseEvent[]): string[] => find(rules, events).detections.map(brief);

test('S8 a baseline is the last window that ended at or before the row: one that ends at its very time counts', () => {
  const events: CaseEvent[] = [
    [100, { k: 'a', x: 1 }],
    [109, { k: 'a', x: 2 }],
    [109, { k: 'a', g: 'ask' }],
    [110, { k: 'a', g: 'ask' }],
    [110, { k: 'a', x: 7 }],
    [119, { k: 'a', g: 'ask' }],
    [120, { k: 'a', g: 'ask' }],
    // Its last window is the last that has a row, however long ago.
    [175, { k: 'a', g: 'ask' }],
  ];
  assert.deepEqual(found(asked('JOIN'), events), ['@110 a 2 2', '@119 a 2 2', '@120 a 1 7', '@175 a 1 7']);
});

test('S8 without a window LEFT JOIN has NULLs, at the row’s own place, and JOIN leaves the row out', () => {
  const events: CaseEvent[] = [
    [100, { k: 'a', g: 'ask' }],
    [100, { k: 'b' }],
    [115, { k: 'b', g: 'ask' }],
    [115, { g: 'ask' }],
  ];
  assert.deepEqual(found(asked('LEFT JOIN'), events), ['@100 a  ', '@115 b 1 ', '@115   ']);
  assert.deepEqual(found(asked('JOIN'), events), ['@115 b 1 ']);
});

test('S8 WHERE is asked of the row that was found: it does not look for an older one', () => {
  const events: CaseEvent[] = [
    [100, { k: 'a' }],
    [101, { k: 'a' }],
    [110, { k: 'a' }],
    [115, { k: 'a', g: 'ask' }],
    [125, { k: 'a', g: 'ask' }],
  ];
  assert.deepEqual(found(asked('JOIN', 'AND t.n >= 2'), events), ['@115 a 2 ']);
});

test('S8 a window’s end is judged at end - 1, so that a window never stands beside itself', () => {
  const events: CaseEvent[] = [
    [100, { k: 'a' }],
    [110, { k: 'a' }],
    [111, { k: 'a' }],
    [122, { k: 'a' }],
  ];
  const own = `${table} CREATE RULE r AS SELECT e.n AS now, b.n AS before FROM t AS e JOIN t AS b ON b.k = e.k;`;
  assert.deepEqual(found(own, events), ['@119 2 1', '@129 1 2']);
  const other = `${table} CREATE VIEW v AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 5 MILLISECONDS EMIT AT END;
CREATE RULE r AS SELECT v.n AS now, t.n AS before FROM v JOIN t ON t.k = v.k;`;
  assert.deepEqual(found(other, events), ['@114 2 1', '@124 1 2']);
});

test('S7 a row beside a table is the row: its anchor, its evidence, its place', () => {
  const [one] = find(asked('JOIN'), [
    [100, { k: 'a' }],
    [112, { k: 'a', g: 'ask', id: 'asking' }],
  ]).detections;
  assert.deepEqual(one.anchor, { timestamp: 112, id: 'asking' });
  assert.deepEqual([one.key, one.evidence, one.evidence_total], [[], ['asking'], 1]);
  const many = `${table} CREATE RULE r AS SELECT e.k, count(*) AS now, max(t.n) AS before FROM events AS e JOIN t ON t.k = e.k
WHERE e.g = 'ask' GROUP BY e.k WINDOW SLIDING 10 MILLISECONDS HAVING now > before;`;
  const events = [100, 112, 113].map((time, i): CaseEvent => [time, i === 0 ? { k: 'a' } : { k: 'a', g: 'ask' }]);
  const [window] = find(many, events).detections;
  assert.deepEqual([brief(window), window.evidence], ['@113 a 2 1', ['e2', 'e3']]);
});

test('S8 two tables, of a key and of a whole tenant; joins and EXISTS of rows that have a table beside them', () => {
  const beside = `${table}
CREATE TABLE every AS SELECT count(*) AS n FROM events WHERE g IS NULL WINDOW TUMBLING 20 MILLISECONDS;
CREATE RULE r AS SELECT e.k AS k, t.n AS own, w.n AS whole`;
  const from = 'FROM events AS e JOIN t ON t.k = e.k LEFT JOIN every AS w ON w.tenant_id = e.tenant_id';
  const events: CaseEvent[] = [
    [100, { k: 'a', x: 1 }],
    [101, { k: 'b' }],
    [101, { k: 'a', tenant: 'U' }],
    [115, { k: 'a', g: 'ask' }],
    [119, { k: 'a', g: 'ask' }],
    [121, { k: 'a', g: 'ask' }],
  ];
  assert.deepEqual(found(`${beside} ${from} WHERE e.g = 'ask';`, events), ['@115 a 1 ', '@119 a 1 ', '@121 a 1 2']);
  // An event is no partner of itself, and not the row that its NOT EXISTS speaks of, with a table beside it too.
  const joined = `${beside}, s.x AS x ${from} JOIN events AS s WITHIN (BEFORE 5 MILLISECONDS) ON s.k = e.k WHERE e.g = 'ask';`;
  assert.deepEqual(found(joined, events), ['@119 a 1  ', '@121 a 1 2 ']);
  const alone = `${beside} ${from} WHERE e.g = 'ask' AND NOT EXISTS (SELECT 1 FROM events AS b
WHERE b.k = e.k AND b.g = 'ask' WITHIN (BEFORE 3 MILLISECONDS));`;
  assert.deepEqual(found(alone, events), ['@115 a 1 ', '@119 a 1 ']);
});

test('S8 UNNEST of a table’s own array: in a view over the rows that have it beside them', () => {
  const text = `CREATE TABLE t AS SELECT k, array_agg(g, 5) AS list FROM events WHERE x = 1 GROUP BY k WINDOW TUMBLING 10 MILLISECONDS;
CREATE VIEW known AS SELECT e.k AS k, t.list AS list FROM events AS e JOIN t ON t.k = e.k WHERE e.g = 'ask';
CREATE RULE r AS SELECT k, el FROM known CROSS JOIN UNNEST(list) AS u(el);`;
  const { detections } = find(text, [
    [1, { k: 'a', g: 'm', x: 1 }],
    [2, { k: 'a', g: 'n', x: 1 }],
    [12, { k: 'a', g: 'ask' }],
  ]);
  assert.deepEqual(
    detections.map(({ values }) => values),
    [
      ['a', 'm'],
      ['a', 'n'],
    ],
  );
  assert.equal(new Set(detections.map(({ id }) => id)).size, 2);
});

test('S8 UNNEST: each element has what its event has beside it', () => {
  const rules = `${table} CREATE RULE r AS SELECT e.k AS k, u.el AS el, t.n AS n
FROM events AS e LEFT JOIN t ON t.k = e.k CROSS JOIN UNNEST(e.tags) AS u(el) WHERE e.g = 'ask';`;
  const events: CaseEvent[] = [
    [100, { k: 'a' }],
    [101, { k: 'a', g: 'ask', tags: ['x'] }],
    [112, { k: 'a', g: 'ask', tags: ['y', 'z'] }],
  ];
  assert.deepEqual(found(rules, events), ['@101 a x ', '@112 a y 1', '@112 a z 1']);
  const ids = find(rules, events).detections.map(({ anchor }) => ('id' in anchor ? anchor.id : ''));
  assert.deepEqual(ids, ['e2[0]', 'e3[0]', 'e3[1]']);
});

test('S9 a row that EXISTS held back sees the window before its own time, as with a lookup', () => {
  const rules = `${table}
CREATE VIEW held AS SELECT e.k AS k, e.id AS id FROM (SELECT k, x AS id, g FROM events) AS e
WHERE e.g = 'ask' AND EXISTS (SELECT 1 FROM events AS s WHERE s.k = e.k AND s.g = 'after' WITHIN (AFTER 100 MILLISECONDS));
CREATE RULE r AS SELECT h.id AS id, t.n AS n FROM held AS h JOIN t ON t.k = h.k;`;
  const events: CaseEvent[] = [
    [100, { k: 'a' }],
    [111, { k: 'a', g: 'ask', x: 1 }],
    [112, { k: 'a' }],
    [113, { k: 'a' }],
    [121, { k: 'a', g: 'ask', x: 2 }],
    [125, { k: 'a' }],
    [160, { k: 'a', g: 'after' }],
  ];
  assert.deepEqual(found(rules, events), ['@160 1 1', '@160 2 2']);
});

test('S14 RETENTION says how long after its end a window is a baseline, and how far back a rule remembers', () => {
  const rules = asked('JOIN').replace('TUMBLING 10 MILLISECONDS', 'TUMBLING 10 MILLISECONDS RETENTION 5 MILLISECONDS');
  const events: CaseEvent[] = [
    [100, { k: 'a' }],
    [115, { k: 'a', g: 'ask' }],
    [116, { k: 'a', g: 'ask' }],
  ];
  const { detections } = find(rules, events);
  assert.deepEqual(detections.map(brief), ['@115 a 1 ']);
  const run = new SortedRun(programOf(rules), { since_ms: 115 });
  for (const record of recordsOf(events)) run.add(record);
  for (const _ of run.finish());
  assert.deepEqual(run.stats().coverage, [{ rule: 'r', coverage: 'warm', horizon_ms: 15, quiet_ms: 0 }]);
  const [own] = find(asked('JOIN'), events).detections;
  assert.notEqual(own.plan_hash, detections[0].plan_hash);
});

test('S14 a window is a baseline for 31 days after its end, and a rule is warm that saw so far back', () => {
  const day_ms = 86_400_000;
  const end = 110;
  const events = (ask: number): CaseEvent[] => [
    [100, { k: 'a' }],
    [ask, { k: 'a', g: 'ask' }],
  ];
  assert.deepEqual(found(asked('JOIN'), events(end + 31 * day_ms)), [`@${end + 31 * day_ms} a 1 `]);
  assert.deepEqual(found(asked('JOIN'), events(end + 31 * day_ms + 1)), []);
  const coverage = (since_ms: number) => {
    const run = new SortedRun(programOf(asked('JOIN')), { since_ms });
    for (const record of recordsOf(events(40 * day_ms))) run.add(record);
    for (const _ of run.finish());
    return run.stats().coverage;
  };
  const horizon_ms = 31 * day_ms + 10;
  assert.deepEqual(coverage(100 + horizon_ms), [{ rule: 'r', coverage: 'warm', horizon_ms, quiet_ms: 0 }]);
  assert.deepEqual(coverage(99 + horizon_ms), [{ rule: 'r', coverage: 'partial', horizon_ms, quiet_ms: 0 }]);
});

/** Events of these keys, 10 ms apart, a window each; behind them a row of each key asks. */
function asking(keys: string, limits: Partial<typeof storeLimits>) {
  const table: WindowRule = {
    ...{
      name: 'base',
      kind: 'window',
      view: true,
      table: true,
      where: ['=', ['f', 'type'], ['v', 'A']],
      group_by: ['k1'],
      emit: 'end',
    },
    ...{
      window: { type: 'tumbling', size: 10 },
      aggs: [{ as: 'n', fn: 'count' }],
      having: ['>=', ['a', 'n'], ['v', 1]],
    },
  };
  const rule: SingleRule = {
    ...{ name: 'r', kind: 'single', where: ['=', ['f', 'type'], ['v', 'ask']] },
    baseline: { table: 'base', left_join: true, where: null },
  };
  const blank = { tenant_id: 'T', k2: null, x: null, ip: null, res: null, seq: 0 };
  const events = [...keys].map((k1, i) => ({ ...blank, type: 'A', k1, timestamp: 1000 + 10 * i, event_id: `e${i}` }));
  const all = [...new Set(keys)].map((k1) => ({ ...blank, type: 'ask', k1, timestamp: 9000, event_id: `ask ${k1}` }));
  const program = programOfCase([table, rule], 0);
  const options = { shards: 1, batch_rows: 1, limits: { key_groups: 1, ...limits } };
  return (['hot', 'judge'] as const).map((form) => {
    const { detections, fold } = runFold(program, [...events, ...all], { ...options, form });
    const seen = detections.map(({ evidence, values }) => `${evidence[0].slice(4)}${values[1] ?? '-'}`).join(' ');
    return { seen, drops: fold.stats().drops };
  });
}

test('S14 a bound on a baseline drops the key whose last window ended first, counted by the bound’s name', () => {
  for (const { seen, drops } of asking('abca', {})) assert.deepEqual([seen, drops], ['a1 b1 c1', {}]);
  for (const { seen, drops } of asking('abca', { keys_per_group: 2 })) {
    assert.deepEqual([seen, drops], ['a1 b- c1', { keys_per_group: 2 }]);
  }
  for (const { seen, drops } of asking('abca', { rows_per_group: 1 })) {
    assert.deepEqual([seen, drops], ['a1 b- c-', { rows_per_group: 3 }]);
  }
  // Of a key one window is kept: a bound on its rows has nothing to do.
  for (const { seen, drops } of asking('aaaaaa', { rows_per_key: 1 })) assert.deepEqual([seen, drops], ['a1', {}]);
});
