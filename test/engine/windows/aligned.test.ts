import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../../engine/index.ts';
import { brief, type CaseEvent, find, found, programOf, recordsOf } from '../fold/weir-sql.ts';

const hopping = (having: string, more = '', kind = 'RULE') =>
  `CREATE ${kind} r AS SELECT k, count(*) AS n, min(x) AS mn FROM events
   GROUP BY k WINDOW HOPPING 30 MILLISECONDS ADVANCE BY 10 MILLISECONDS HAVING ${having} ${more};`;
const a = { k: 'a' };

/** Windows that were found: their start, and the time that decided each. */
function windows(rules: string, events: readonly CaseEvent[]): string[] {
  return find(rules, events).detections.map(({ window, decided_at }) => `[${window?.start} @${decided_at}`);
}

test('S8 HOPPING: windows that turn true at one event are one run, with the earliest start', () => {
  // The two rows at 105 and 108 are in the windows from 80, 90 and 100 on.
  assert.deepEqual(
    windows(hopping('n >= 2'), [
      [105, a],
      [108, a],
    ]),
    ['[80 @108'],
  );
});

test('S8 HOPPING: one detection per run of consecutive true windows, its first window’s', () => {
  const run: CaseEvent[] = [100, 105, 110, 115, 120, 125, 130, 135].map((time) => [time, a]);
  assert.deepEqual(windows(hopping('n >= 2'), run), ['[80 @105']);
  assert.deepEqual(windows(hopping('n >= 2', 'EMIT AT END'), run), ['[80 @109']);
});

test('S8 HOPPING: a window that is not true, and one without rows, end a run', () => {
  // [100, 130) is the last with both rows; those from 110 and 120 on have none; 127 and 129 begin a new run.
  const events: CaseEvent[] = [
    [100, a],
    [101, a],
    [127, a],
    [143, a],
    [144, a],
  ];
  assert.deepEqual(windows(hopping('n >= 2'), events), ['[80 @101', '[120 @143']);
  assert.deepEqual(
    windows(hopping('n >= 1'), [
      [100, a],
      [131, a],
    ]),
    ['[80 @100'],
  );
  // The windows from 80 to 100 have the first row, that from 110 on has none, the next has the second.
  assert.deepEqual(
    windows(hopping('n >= 1'), [
      [100, a],
      [140, a],
    ]),
    ['[80 @100', '[120 @140'],
  );
});

test('S8 HOPPING: a run goes on where the next window is true later, also when the key had no row meanwhile', () => {
  const events: CaseEvent[] = [
    [100, a],
    [101, a],
    [138, a],
    [139, a],
  ];
  // [110, 140) follows [100, 130) and has the two last rows.
  assert.deepEqual(windows(hopping('n >= 2'), events), ['[80 @101']);
  assert.deepEqual(windows(hopping('n >= 2', 'EMIT AT END'), events), ['[80 @109']);
});

test('S8 HOPPING: NOT, min, first and last are decided at the end', () => {
  assert.deepEqual(windows(hopping('n < 2'), [[105, a]]), ['[80 @109']);
  assert.deepEqual(
    windows(hopping('mn >= 3'), [
      [105, { k: 'a', x: 4 }],
      [112, { k: 'a', x: 1 }],
    ]),
    ['[80 @109'],
  );
});

test('S8 HOPPING: a view gives its row per true window', () => {
  const reader = 'CREATE RULE t AS SELECT k, n, w FROM r;';
  const view = (more: string) =>
    `CREATE VIEW r AS SELECT k, count(*) AS n, window_start AS w FROM events
     GROUP BY k WINDOW HOPPING 30 MILLISECONDS ADVANCE BY 10 MILLISECONDS HAVING n >= 2 ${more};\n${reader}`;
  const events: CaseEvent[] = [
    [105, a],
    [108, a],
  ];
  const starts = (rules: string) =>
    find(rules, events).detections.map(({ values: [, , start], decided_at }) => `[${start} @${decided_at}`);
  assert.deepEqual(starts(view('')), ['[80 @108', '[90 @108', '[100 @108']);
  assert.deepEqual(starts(view('EMIT AT END')), ['[80 @109', '[90 @119', '[100 @129']);
});

test('S8 HOPPING: windows need not be a whole number of advances', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events
    GROUP BY k WINDOW HOPPING 25 MILLISECONDS ADVANCE BY 10 MILLISECONDS HAVING n >= 2;`;
  assert.deepEqual(
    windows(rule, [
      [105, a],
      [114, a],
    ]),
    ['[90 @114'],
  );
  assert.deepEqual(
    windows(rule, [
      [105, a],
      [115, a],
    ]),
    ['[100 @115'],
  );
});

const aligned = (more: string, having = 'n >= 1', size = '1 DAY') =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING ${size} ${more} HAVING ${having} EMIT AT END;`;
const hour_ms = 3_600_000;
const span = (rules: string, times: readonly number[]) =>
  find(
    rules,
    times.map((time): CaseEvent => [time, a]),
  ).detections.map(({ window }) => [
    new Date(window?.start ?? 0).toISOString().slice(0, 16),
    ((window?.end ?? 0) - (window?.start ?? 0)) / hour_ms,
  ]);

test('S8 OFFSET shifts where windows start', () => {
  const at = Date.UTC(1970, 2, 1, 5, 59, 59, 999);
  assert.deepEqual(span(aligned('OFFSET 6 HOURS'), [at, at + 1]), [
    ['1970-02-28T06:00', 24],
    ['1970-03-01T06:00', 24],
  ]);
});

test('S8 IN TIME ZONE: days begin at midnight there, and have 23, 24 or 25 hours', () => {
  // New York, 1970: the clock leaps at 2:00 on 26 April and is turned back at 2:00 on 25 October.
  const noon = (month: number, day: number) => Date.UTC(1970, month - 1, day, 16);
  assert.deepEqual(span(aligned("IN TIME ZONE 'America/New_York'"), [noon(4, 25), noon(4, 26), noon(4, 27)]), [
    ['1970-04-25T05:00', 24],
    ['1970-04-26T05:00', 23],
    ['1970-04-27T04:00', 24],
  ]);
  assert.deepEqual(span(aligned("IN TIME ZONE 'America/New_York'"), [noon(10, 25)]), [['1970-10-25T04:00', 25]]);
  assert.deepEqual(span(aligned("OFFSET 6 HOURS IN TIME ZONE 'America/New_York'"), [noon(10, 25)]), [
    ['1970-10-25T11:00', 24],
  ]);
});

test('S8 IN TIME ZONE: HOPPING days end where a later one starts', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k
    WINDOW HOPPING 2 DAYS ADVANCE BY 1 DAY IN TIME ZONE 'America/New_York' HAVING n >= 2;`;
  const late = Date.UTC(1970, 9, 26, 4, 59);
  assert.deepEqual(span(rule, [Date.UTC(1970, 9, 24, 4), late]), [['1970-10-24T04:00', 49]]);
});

const silence = (more = '', empty = 'WITH EMPTY FOR 35 MILLISECONDS') =>
  `CREATE RULE r AS SELECT k, count(*) AS n, max(x) AS mx FROM events
   GROUP BY k WINDOW TUMBLING 10 MILLISECONDS ${empty} HAVING n < 2 ${more};`;

test('S8 WITH EMPTY FOR: a window without events of a key that was seen lately gives a row with count 0', () => {
  const events: CaseEvent[] = [
    [100, a],
    [101, a],
    [160, { k: 'b' }],
  ];
  const { detections } = find(silence(), events);
  // 101 + 35 = 136: the window that ends at 140 is decided at 139. b is alone in its window.
  assert.deepEqual(detections.map(brief), ['r a @119 ', 'r a @129 ', 'r b @169 e3']);
  const [first] = detections;
  assert.deepEqual(first?.values, ['a', 0, null]);
  assert.deepEqual([first?.evidence_total, first?.first_event_at, first?.last_event_at], [0, 101, 101]);
});

test('S8 WITH EMPTY FOR: exactly the time is inside', () => {
  const ends = (last: number) =>
    found(silence(), [
      [last - 1, a],
      [last, a],
      [160, { k: 'b' }],
      [161, { k: 'b' }],
    ]).map((text) => text.split(' ')[2]);
  // The third empty window is decided at 129.
  assert.deepEqual(ends(94), ['@109', '@119', '@129']);
  assert.deepEqual(ends(93), ['@109', '@119']);
});

test('S8 WITH EMPTY FOR: nothing is known of what comes after a file’s last event', () => {
  // The window of the last event is closed; those behind it are not silence.
  assert.deepEqual(
    found(silence(), [
      [100, a],
      [101, a],
      [115, { k: 'b' }],
      [116, { k: 'b' }],
    ]),
    ['r a @119 '],
  );
});

test('S8 WITH EMPTY FOR: absence fires when W moves, also when no event comes any more', () => {
  const engine = new Engine(programOf(silence()));
  recordsOf([
    [100, a],
    [101, a],
  ]).forEach((record, position) => {
    engine.apply(position, { kind: 'record', record });
  });
  engine.apply(2, { kind: 'idle', partition: 'p' });
  const decided = (position: number, W: number) => {
    // All are aside: W is the clock less IDLE (5 s) and LATENESS (1 s).
    engine.apply(position, { kind: 'tick', now_ms: W + 6000 });
    return engine.advance().detections.map((detection) => detection.decided_at);
  };
  assert.deepEqual(decided(3, 119), []);
  assert.deepEqual(decided(4, 120), [119]);
  assert.deepEqual(decided(5, 1000), [129]);
});

test('S8 WITH EMPTY FOR on HOPPING: a run goes on through empty windows', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k
    WINDOW HOPPING 20 MILLISECONDS ADVANCE BY 10 MILLISECONDS WITH EMPTY FOR 60 MILLISECONDS HAVING n = 0;`;
  assert.deepEqual(
    windows(rule, [
      [100, a],
      [145, a],
      [200, { k: 'b' }],
    ]),
    ['[110 @129', '[150 @169'],
  );
});
