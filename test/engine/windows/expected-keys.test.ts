import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBatch } from '../../../engine/door/event-batch.ts';
import { type Detection, Dictionary, Engine, Fold, type LogEntry, lookupContent } from '../../../engine/index.ts';
import { coreText, runLive, runSorted } from '../../simulation/parity.ts';
import { batchOf } from '../fold/programs.ts';
import { type CaseEvent, programOf, recordsOf } from '../fold/weir-sql.ts';

const declared = "CREATE LOOKUP expected (k string PRIMARY KEY) WITH (source = 'expected.csv');";
const rule = (window: string, more = '') =>
  `${declared} CREATE RULE r AS SELECT k, count(*) AS n FROM events ${more}
   GROUP BY k WINDOW ${window} WITH EMPTY KEYS OF expected HAVING n = 0;`;
const tumbling = rule('TUMBLING 10 MILLISECONDS');

function version(keys: readonly string[], from_ms = Number.NEGATIVE_INFINITY) {
  const rows = keys.map((key) => [key]);
  const content = lookupContent('expected', [{ name: 'k', type: 'string' }], rows);
  return { kind: 'lookup', name: 'expected', version: content.version, bytes: content.bytes, from_ms } as const;
}

/** What a backtest finds, held equal to the live engine that is restarted at every entry. */
function find(rules: string, events: readonly CaseEvent[], versions = [version(['a', 'b'])]): Detection[] {
  const program = programOf(rules);
  const records = recordsOf(events);
  const detections = runSorted(program, records, versions);
  const entries: LogEntry[] = [...versions, ...records.map((record) => ({ kind: 'record', record }) as const)];
  const restarts = new Set(entries.keys());
  const live = runLive(program, entries, { shards: 2, batch_rows: 1, arrival_batch: 1, restarts });
  assert.deepEqual(live.map(coreText), detections.map(coreText));
  return detections;
}

const found = (...given: Parameters<typeof find>): string[] =>
  find(...given).map(({ tenant, key, window }) => `${tenant} ${key.join()} [${window?.start}, ${window?.end})`);

test('S8 WITH EMPTY KEYS OF: a key of the lookup without events gives a row with count 0, whether it was ever seen or not', () => {
  const [first, ...others] = find(tumbling, [
    [100, { k: 'a' }],
    [112, { k: 'c' }],
    [120, { k: 'a' }],
  ]);
  assert.deepEqual([first?.key, first?.window, first?.decided_at], [['b'], { start: 100, end: 110 }, 109]);
  assert.deepEqual([first?.values, first?.evidence, first?.evidence_total], [['b', 0], [], 0]);
  assert.deepEqual([first?.first_event_at, first?.last_event_at], [100, 100]);
  assert.deepEqual(
    others.map(({ key, decided_at }) => `${key.join()} @${decided_at}`),
    ['a @119', 'b @119', 'b @129'],
  );
});

test('S8 WITH EMPTY KEYS OF: what lies before the first event of a tenant is unknown, and so is what follows the last one', () => {
  const events: CaseEvent[] = [
    [103, { k: 'c', tenant: 'T' }],
    [120, { k: 'c', tenant: 'U' }],
    [125, { k: 'c', tenant: 'T' }],
  ];
  assert.deepEqual(found(tumbling, events, [version(['a'])]), ['T a [110, 120)', 'T a [120, 130)', 'U a [120, 130)']);
});

test('S8 WITH EMPTY KEYS OF: the lookup is read as of the window’s last moment', () => {
  const events: CaseEvent[] = [
    [100, { k: 'c' }],
    [140, { k: 'c' }],
  ];
  // b comes within the second window, a goes with the first moment of the third.
  const versions = [version(['a']), version(['a', 'b'], 119), version(['b'], 120)];
  assert.deepEqual(found(tumbling, events, versions), [
    'T a [100, 110)',
    'T a [110, 120)',
    'T b [110, 120)',
    'T b [120, 130)',
    'T b [130, 140)',
    'T b [140, 150)',
  ]);
  assert.deepEqual(found(tumbling, events, []), [], 'before the first version nothing is known of the lookup');
});

test('S8 WITH EMPTY KEYS OF on HOPPING: one detection per run, whichever of its windows had rows', () => {
  const hopping = `${declared} CREATE RULE r AS SELECT k, count(*) AS n FROM events
    GROUP BY k WINDOW HOPPING 20 MILLISECONDS ADVANCE BY 10 MILLISECONDS WITH EMPTY KEYS OF expected HAVING n < 2;`;
  const events: CaseEvent[] = [
    [100, { k: 'c' }],
    [125, { k: 'a' }],
    [145, { k: 'a' }],
    [146, { k: 'a' }],
    [180, { k: 'c' }],
  ];
  // Silent in [100, 120), then one row a window; two in [130, 150) and [140, 160); silent again from 150 on.
  assert.deepEqual(
    found(hopping, events, [version(['a'])]).filter((text) => text.includes(' a ')),
    ['T a [100, 120)', 'T a [150, 170)'],
  );
});

test('S8 WITH EMPTY KEYS OF: a key that WHERE excludes by itself is not expected; another condition excludes rows', () => {
  const events: CaseEvent[] = [
    [100, { k: 'c', x: 1 }],
    [109, { k: 'b', x: 5 }],
  ];
  const where = rule('TUMBLING 10 MILLISECONDS', "WHERE k <> 'a' AND x < 3 AND tenant_id <> 'U'");
  assert.deepEqual(found(where, events), ['T b [100, 110)']);
  assert.deepEqual(found(where.replace("k <> 'a'", "k <> 'b'"), events), ['T a [100, 110)']);
  assert.deepEqual(found(where.replace("<> 'U'", "<> 'T'"), events), []);
});

test('S8 WITH EMPTY KEYS OF: a view gives rows of silence, which rest on no event', () => {
  const rules = `${declared} CREATE VIEW v AS SELECT k, count(*) AS n FROM events
      GROUP BY k WINDOW TUMBLING 10 MILLISECONDS WITH EMPTY KEYS OF expected;
    CREATE RULE r AS SELECT k, count(*) AS windows, min(n) AS least FROM v
      GROUP BY k WINDOW SLIDING 1 SECOND HAVING windows >= 3;`;
  const detections = find(rules, [
    [100, { k: 'a' }],
    [125, { k: 'c' }],
  ]);
  assert.deepEqual(
    detections.map(({ key, values, evidence, evidence_total }) => [key, values, evidence, evidence_total]),
    [
      [['a'], ['a', 3, 0], ['e1'], 3],
      [['b'], ['b', 3, 0], [], 3],
    ],
  );
});

test('S8 WITH EMPTY KEYS OF: absence fires when W moves, also when no event comes any more', () => {
  const engine = new Engine(programOf(tumbling));
  engine.apply(0, version(['a']));
  recordsOf([[100, { k: 'c' }]]).forEach((record) => {
    engine.apply(1, { kind: 'record', record });
  });
  engine.apply(2, { kind: 'idle', partition: 'p' });
  const decided = (position: number, W: number) => {
    // All are aside: W is the clock less IDLE (5 s) and LATENESS (1 s).
    engine.apply(position, { kind: 'tick', now_ms: W + 6000 });
    return engine.advance().detections.map((detection) => detection.decided_at);
  };
  assert.deepEqual(decided(3, 109), []);
  assert.deepEqual(decided(4, 110), [109]);
  assert.deepEqual(decided(5, 135), [119, 129]);
});

test('S14 WITH EMPTY KEYS OF: where a bound drove keys out, their group’s silence is unknown and not told', () => {
  const keys = Array.from({ length: 600 }, (_, i) => `k${i}`);
  const events = keys.map((k, i): CaseEvent => [100 + Math.floor(i / 60), { k }]);
  const bounded = tumbling.replace('n = 0;', 'n = 0 STATE MAX 256 KEYS;');
  const detections = found(bounded, [...events, [119, { k: 'k0' }]], [version(keys)]);
  // Each key had an event in [100, 110): that most of them were forgotten does not make them silent there.
  assert.equal(detections.length, keys.length - 1);
  assert.ok(detections.every((text) => text.endsWith('[110, 120)')));
});

test('S14 WITH EMPTY KEYS OF: whether the silence of a key that another rule keeps is known is a question of its own group', () => {
  const all = 'SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SESSION GAP 1 SECOND MAX 1 MINUTE HAVING n > 9';
  const program = programOf(`${rule('TUMBLING 10 MILLISECONDS', 'WHERE x > 0')} CREATE RULE all AS ${all};`);
  const silent = (shards: number) => {
    const dictionary = new Dictionary();
    // a and b are of one group, c is of the other.
    const fold = new Fold(program, dictionary, { shards, limits: { key_groups: 2, keys_per_group: 1 } });
    fold.lookups.activate(version(['a', 'b', 'c']));
    const blank = { tenant_id: 'T', seq: 0, type: 'A', x: null, ip: null, res: null, k1: null, k2: null };
    const events = [...'abc'].map((k, i) => ({ ...blank, k, timestamp: 100 + i, event_id: k }));
    const found = fold.push(batchOf(events, dictionary, program), 110).map(({ key }) => key.join());
    return { found, drops: fold.stats().drops };
  };
  for (const shards of [1, 2]) assert.deepEqual(silent(shards), { found: ['c'], drops: { keys_per_group: 1 } });
});

test('S14 WITH EMPTY KEYS OF: tenants beyond the bound are counted and named', () => {
  const program = programOf(tumbling);
  const events = Array.from({ length: 1_030 }, (_, i): CaseEvent => [100, { k: 'c', tenant: `tenant${i}` }]);
  const engine = new Engine(program);
  engine.apply(0, version(['a']));
  recordsOf(events).forEach((record, i) => {
    engine.apply(i + 1, { kind: 'record', record });
  });
  engine.apply(events.length + 1, { kind: 'end' });
  assert.equal(engine.advance().detections.length, 1_024);
  assert.deepEqual(engine.stats().drops, { expecting_tenants: 6 });
});

test('S14 WITH EMPTY KEYS OF: keys times tenants beyond the bound are counted, the same for all shards', () => {
  const program = programOf(tumbling);
  const pairs = (shards: number, expected_keys: number) => {
    const dictionary = new Dictionary();
    const fold = new Fold(program, dictionary, { shards, limits: { expected_keys } });
    fold.lookups.activate(version(['a', 'b']));
    const batch = emptyBatch(program, 3);
    ['T', 'U', 'V'].forEach((tenant, i) => {
      batch.time[i] = 100;
      batch.tenant[i] = dictionary.idOf(tenant);
      (batch.columns[0] as Int32Array)[i] = dictionary.idOf('c');
    });
    batch.count = 3;
    const found = fold.push(batch, 110).map(({ tenant, key }) => `${tenant} ${key.join()}`);
    return { found: found.join(', '), drops: fold.stats().drops };
  };
  for (const shards of [1, 2]) {
    assert.deepEqual(pairs(shards, 6), { found: 'T a, T b, U a, U b, V a, V b', drops: {} });
    assert.deepEqual(pairs(shards, 5), { found: 'T a, T b, U a, U b', drops: { expected_keys: 2 } });
    assert.deepEqual(pairs(shards, 1), { found: 'T a, T b', drops: { expected_keys: 4 } });
  }
});

test('S8 WITH EMPTY KEYS OF: what WHERE and IGNORE ask of the key holds where EXISTS or a JOIN asks them before the window', () => {
  const events: CaseEvent[] = [
    [100, { k: 'c' }],
    [125, { k: 'c' }],
  ];
  const exists = 'EXISTS (SELECT 1 FROM events AS s WHERE s.k = e.k WITHIN (BEFORE 1 MILLISECOND))';
  const of = (input: string) =>
    `${declared} CREATE RULE r AS SELECT e.k, count(*) AS n FROM events AS e ${input}
     GROUP BY e.k WINDOW TUMBLING 10 MILLISECONDS WITH EMPTY KEYS OF expected HAVING n = 0;`;
  const windows = ['T b [100, 110)', 'T b [110, 120)', 'T b [120, 130)'];
  assert.deepEqual(found(of(`WHERE e.k <> 'a' AND ${exists}`), events), windows);
  const joined = 'JOIN events AS s WITHIN (BEFORE 1 MILLISECOND) ON s.k = e.k';
  assert.deepEqual(found(of(`${joined} WHERE e.k <> 'a'`), events), windows);
  // The time in which an exception is valid is asked at the window's last moment, of rows of EXISTS too.
  const until = `CREATE EXCEPTION quiet FOR r IGNORE WHERE k = 'a' VALID TO '1970-01-01T00:00:00.112Z' BECAUSE 'it moves';`;
  assert.deepEqual(found(`${of(`WHERE ${exists}`)} ${until}`, events), [
    'T b [100, 110)',
    ...['T a [110, 120)', 'T b [110, 120)', 'T a [120, 130)', 'T b [120, 130)'],
  ]);
});
