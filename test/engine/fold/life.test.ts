import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toRecord } from '../../../engine/index.ts';
import { runFold } from './run.ts';
import { type CaseEvent, find, programOf } from './weir-sql.ts';

const sliding = (foot: string, head = '') =>
  `CREATE RULE r ${head} AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 100 MILLISECONDS HAVING n >= 2 ${foot};`;
const tumbling = (foot: string) =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 100 MILLISECONDS HAVING n >= 2 ${foot};`;

const at = (...times: readonly number[]): CaseEvent[] => times.map((time) => [time, { k: 'a' }]);
const both = (...times: readonly (readonly [number, string])[]): CaseEvent[] => times.map(([time, k]) => [time, { k }]);

/** Each revision in short, with a letter for each detection. */
function lives(rule: string, events: readonly CaseEvent[]): string[] {
  const letters = new Map<string, string>();
  return find(rule, events).detections.map(({ id, revision, status, severity, decided_at, values }) => {
    if (!letters.has(id)) letters.set(id, String.fromCharCode(65 + letters.size));
    return `${letters.get(id)}${revision} @${decided_at} ${status} ${severity} n${values[1]}`;
  });
}

test('ESCALATE: the same id at the event of the run that makes it true, once; at the firing it is the first revision', () => {
  const rule = sliding('ESCALATE WHEN n > 3 TO high ESCALATE WHEN n > 4 TO critical', 'SEVERITY low');
  assert.deepEqual(lives(rule, at(0, 10, 20, 30, 40, 50)), [
    'A1 @10 open low n2',
    'A2 @30 updated high n4',
    'A3 @40 updated critical n5',
  ]);
  const few = rule.replace('n >= 2', 'n >= 4');
  assert.deepEqual(lives(few, at(0, 10, 20, 30)), ['A1 @30 open high n4']);
  assert.deepEqual(lives(tumbling('ESCALATE WHEN n > 3 TO high'), at(0, 10, 20, 30, 100, 110)), [
    'A1 @10 open medium n2',
    'A2 @30 updated high n4',
    'B1 @110 open medium n2',
  ]);
});

test('ESCALATE breaks through SUPPRESS once for each severity; an event of another run is another id', () => {
  const rule = sliding('SUPPRESS BY k FOR 1 SECONDS ESCALATE WHEN n > 2 TO high ESCALATE WHEN n > 3 TO critical');
  assert.deepEqual(lives(rule, at(0, 10, 200, 210, 220, 400, 410, 420, 430, 600, 610, 620, 630)), [
    'A1 @10 open medium n2',
    'B1 @210 suppressed medium n2',
    'B2 @220 open high n3',
    'C1 @410 suppressed medium n2',
    'C2 @430 open critical n4',
    'D1 @610 suppressed medium n2',
  ]);
  const atOnce = rule.replace('n >= 2', 'n >= 3');
  assert.deepEqual(lives(atOnce, at(0, 10, 20, 200, 210, 220, 230)), [
    ...['A1 @20 open high n3', 'B1 @220 suppressed high n3', 'B2 @230 open critical n4'],
  ]);
});

test('a severity never falls: SEVERITY CASE on a later revision gives what it gave before, or more', () => {
  const head = 'SEVERITY CASE WHEN n > 3 THEN critical ELSE low END';
  const rule = sliding('UPDATE AT END', head);
  assert.deepEqual(lives(rule, at(0, 10, 20, 30, 125)), ['A1 @10 open low n2', 'A2 @225 updated low n2']);
  assert.deepEqual(lives(rule.replace('n >= 2', 'n > 3'), at(0, 10, 20, 30, 31)), [
    ...['A1 @30 open critical n4', 'A2 @131 updated critical n5'],
  ]);
});

test('UPDATE AT END: what the last event of the run showed, a window after it; nothing where nothing changed', () => {
  const rule = sliding('UPDATE AT END');
  assert.deepEqual(lives(rule, at(0, 10, 20, 120, 300)), ['A1 @10 open medium n2', 'A2 @220 updated medium n2']);
  assert.deepEqual(lives(rule, at(0, 10, 20, 90)), ['A1 @10 open medium n2', 'A2 @190 updated medium n4']);
  assert.deepEqual(lives(rule, at(0, 10, 300)), ['A1 @10 open medium n2']);
});

test('UPDATE AT END: a firing ends the run before it, in the order of the events', () => {
  const rule = sliding('UPDATE AT END').replace('n >= 2', 'n >= 4');
  // At 119 only three events are left; at 120, when the run would be over by itself, it is true again.
  assert.deepEqual(lives(rule, at(0, 5, 10, 20, 20, 119, 120)), [
    ...['A1 @20 open medium n4', 'A2 @120 updated medium n5', 'B1 @120 open medium n4'],
  ]);
});

test('UPDATE AT END of TUMBLING: all of the window, at its end', () => {
  assert.deepEqual(lives(tumbling('UPDATE AT END'), at(0, 10, 20, 99, 100, 101)), [
    ...['A1 @10 open medium n2', 'A2 @99 updated medium n4', 'B1 @101 open medium n2'],
  ]);
});

test('CLOSE AFTER: so long after the last event of the run; exactly at the deadline is not quiet', () => {
  const rule = sliding('CLOSE AFTER 50 MILLISECONDS QUIET');
  assert.deepEqual(lives(rule, at(0, 10, 60)), ['A1 @10 open medium n2', 'A2 @110 closed medium n3']);
  assert.deepEqual(lives(rule, at(0, 10)), ['A1 @10 open medium n2', 'A2 @60 closed medium n2']);
});

test('CLOSE AFTER: an event of the run opens it again; closing says what an update would', () => {
  const rule = sliding('CLOSE AFTER 50 MILLISECONDS QUIET UPDATE AT END');
  assert.deepEqual(lives(rule, at(0, 10, 20, 71, 80)), [
    ...['A1 @10 open medium n2', 'A2 @70 closed medium n3', 'A3 @71 open medium n4', 'A4 @130 closed medium n5'],
  ]);
  const slow = sliding('CLOSE AFTER 500 MILLISECONDS QUIET UPDATE AT END');
  assert.deepEqual(lives(slow, at(0, 10, 20)), [
    ...['A1 @10 open medium n2', 'A2 @120 updated medium n3', 'A3 @520 closed medium n3'],
  ]);
});

test('what a detection suppresses keeps it open and opens it again; suppressed ones do not close', () => {
  const rule = sliding('SUPPRESS BY k FOR 1 SECONDS CLOSE AFTER 150 MILLISECONDS QUIET');
  assert.deepEqual(lives(rule, at(0, 10, 140, 150, 600, 610, 2000)), [
    'A1 @10 open medium n2',
    'B1 @150 suppressed medium n2',
    'A2 @300 closed medium n2',
    'A3 @610 open medium n2',
    'C1 @610 suppressed medium n2',
    'A4 @760 closed medium n2',
  ]);
});

test('what a detection suppresses opens it again in its interval, which does not hold the millisecond of its end', () => {
  const rule = sliding('SUPPRESS BY k FOR 200 MILLISECONDS CLOSE AFTER 20 MILLISECONDS QUIET');
  const before = [
    'A1 @10 open medium n2',
    'A2 @30 closed medium n2',
    'A3 @160 open medium n2',
    'B1 @160 suppressed medium n2',
  ];
  const closed = 'A4 @180 closed medium n2';
  assert.deepEqual(lives(rule, at(0, 10, 150, 160, 209)), [
    ...[...before, closed],
    ...['A5 @209 open medium n2', 'A6 @229 closed medium n2'],
  ]);
  assert.deepEqual(lives(rule, at(0, 10, 150, 160, 210)), [...before, closed]);
});

test('a rule on single events closes too, and a window that is decided at its end', () => {
  const single = "CREATE RULE r AS SELECT k, x AS n FROM events WHERE g = 'x' CLOSE AFTER 50 MILLISECONDS QUIET;";
  assert.deepEqual(lives(single, [[10, { k: 'a', g: 'x', x: 7 }]]), [
    'A1 @10 open medium n7',
    'A2 @60 closed medium n7',
  ]);
  const atEnd = tumbling('EMIT AT END CLOSE AFTER 50 MILLISECONDS QUIET');
  assert.deepEqual(lives(atEnd, at(0, 10, 20)), ['A1 @99 open medium n3', 'A2 @149 closed medium n3']);
});

test('S2 deadlines act after the events of their millisecond and before window ends, by rule, tenant, key', () => {
  const rules = [
    sliding('CLOSE AFTER 89 MILLISECONDS QUIET'),
    sliding('').replace('RULE r', 'RULE z').replace('n >= 2', 'n >= 5'),
    tumbling('EMIT AT END').replace('RULE r', 'RULE q'),
    tumbling('UPDATE AT END').replace('RULE r', 'RULE p'),
  ].join('\n');
  const { detections } = find(
    rules,
    both([1, 'b'], [1, 'a'], [5, 'b'], [5, 'a'], [10, 'b'], [10, 'a'], [98, 'c'], [99, 'c']),
  );
  const late = detections.filter(({ decided_at }) => decided_at === 99);
  assert.deepEqual(
    late.map(({ rule, key, status }) => `${rule} ${key} ${status}`),
    [
      'p c open',
      'r c open',
      'r a closed',
      'r b closed',
      'p a updated',
      'p b updated',
      'q a open',
      'q b open',
      'q c open',
    ],
  );
});

test('S2 deadlines of a tuned rule stand by tenant, whichever of its operators they are of', () => {
  for (const tuned of ['A', 'Z']) {
    const rules = `CREATE RULE r PARAM many int = 3 IN 2 TO 9 AS SELECT k, count(*) AS n FROM events GROUP BY k
      WINDOW SLIDING 100 MILLISECONDS HAVING n >= 2 ESCALATE WHEN n >= :many TO high
      CLOSE AFTER 50 MILLISECONDS QUIET;
      TUNE r WHERE tenant_id = '${tuned}' SET many = 4 BECAUSE 'a test';`;
    const events = ['Z', 'A', 'Z', 'A'].map((tenant, i): CaseEvent => [i < 2 ? 0 : 10, { k: 'a', tenant }]);
    const closed = find(rules, events).detections.filter(({ status }) => status === 'closed');
    assert.deepEqual(
      closed.map(({ tenant, decided_at }) => `${tenant} ${decided_at}`),
      ['A 60', 'Z 60'],
    );
  }
});

test('RESET begins a run at each firing', () => {
  const rule = sliding(
    'SUPPRESS BY k FOR 1 MILLISECONDS RESET ESCALATE WHEN n > 2 TO high CLOSE AFTER 60 MILLISECONDS QUIET',
  );
  assert.deepEqual(lives(rule, at(0, 10, 20, 30)), [
    ...['A1 @10 open medium n2', 'B1 @30 open medium n2', 'A2 @70 closed medium n2', 'B2 @90 closed medium n2'],
  ]);
});

test('RESPOND WHILE OPEN is recommended until the detection closes', () => {
  const rule = sliding('CLOSE AFTER 50 MILLISECONDS QUIET RESPOND pause_moderation ON k WHILE OPEN');
  const program = programOf(rule);
  const records = find(rule, at(0, 10)).detections.map((detection) => toRecord(program, detection, { mode: 'live' }));
  assert.deepEqual(
    records.map(({ status, revision, recommended }) => [status, revision, recommended.length]),
    [
      ['open', 1, 1],
      ['closed', 2, 0],
    ],
  );
});

test('RISK is added once, with the first revision that is not suppressed', () => {
  const rule = sliding('SUPPRESS BY k FOR 1 SECONDS ESCALATE WHEN n > 2 TO high RISK n ON account k HALF LIFE 1 DAY');
  const { detections } = find(rule, at(0, 10, 200, 210, 220));
  assert.deepEqual(
    detections.map(({ revision, risk }) => [revision, risk?.added, risk?.score]),
    [
      [1, 2, 2],
      [1, 0, 2],
      [2, 3, 5],
    ],
  );
});

test('SESSION and TUMBLING with OFFSET or IN TIME ZONE: the run goes on to the end of what is open', () => {
  const over = (window: string, foot: string) =>
    `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= 2 ${foot};`;
  const all = 'ESCALATE WHEN n > 3 TO high UPDATE AT END CLOSE AFTER 40 MILLISECONDS QUIET';
  // The session of five events ends at 79 + 50; what comes then is another one.
  assert.deepEqual(lives(over('SESSION GAP 50 MILLISECONDS', all), at(0, 10, 20, 30, 79, 130, 140)), [
    ...['A1 @10 open medium n2', 'A2 @30 updated high n4', 'A3 @70 closed high n4', 'A4 @79 open high n5'],
    ...['A5 @119 closed high n5', 'B1 @140 open medium n2', 'B2 @180 closed medium n2'],
  ]);
  assert.deepEqual(lives(over('SESSION GAP 50 MILLISECONDS', 'UPDATE AT END'), at(0, 10, 20, 69)), [
    ...['A1 @10 open medium n2', 'A2 @118 updated medium n4'],
  ]);
  // MAX ends it before the gap does.
  assert.deepEqual(lives(over('SESSION GAP 50 MILLISECONDS MAX 80 MILLISECONDS', 'UPDATE AT END'), at(0, 10, 59)), [
    ...['A1 @10 open medium n2', 'A2 @79 updated medium n3'],
  ]);
  const offset = over('TUMBLING 100 MILLISECONDS OFFSET 30 MILLISECONDS', 'UPDATE AT END');
  assert.deepEqual(lives(offset, at(0, 10, 20, 30, 40, 50)), [
    ...['A1 @10 open medium n2', 'A2 @29 updated medium n3', 'B1 @40 open medium n2', 'B2 @129 updated medium n3'],
  ]);
  const hour = 3_600_000;
  const day = over("TUMBLING 1 DAY IN TIME ZONE 'Europe/Berlin'", 'UPDATE AT END');
  assert.deepEqual(lives(day, at(0, hour, 2 * hour)), [
    'A1 @3600000 open medium n2',
    `A2 @${23 * hour - 1} updated medium n3`,
  ]);
});

test('HOPPING at its ends: each further true window goes on from the one before, the first that is not ends the run', () => {
  const rule = (foot: string) =>
    `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k
     WINDOW HOPPING 100 MILLISECONDS ADVANCE BY 50 MILLISECONDS HAVING n >= 2 ${foot} EMIT AT END;`;
  const events = at(0, 60, 70, 80, 90, 120);
  // Windows from -50 (one event), 0 (five), 50 (five), 100 (one): false, true, true, false.
  assert.deepEqual(lives(rule('ESCALATE WHEN n > 4 TO high'), events), ['A1 @99 open high n5']);
  assert.deepEqual(lives(rule('ESCALATE WHEN n > 5 TO high UPDATE AT END'), at(0, 60, 70, 80, 90, 120, 130)), [
    ...['A1 @99 open medium n5', 'A2 @149 updated high n6', 'A3 @249 updated high n2'],
  ]);
  assert.deepEqual(lives(rule('CLOSE AFTER 60 MILLISECONDS QUIET'), events), [
    ...['A1 @99 open medium n5', 'A2 @209 closed medium n5'],
  ]);
});

test('HOPPING at its ends IN TIME ZONE: the next window ends 23, 24 or 25 hours later', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k
    WINDOW HOPPING 2 DAYS ADVANCE BY 1 DAY IN TIME ZONE 'America/New_York' HAVING n >= 2
    ESCALATE WHEN n > 2 TO high UPDATE AT END EMIT AT END;`;
  const hour = 3_600_000;
  const before = (day: number, hours: number) => (day * 24 + hours) * hour - 1;
  const around = (day: number) => at((day * 24 - 6) * hour, (day * 24 - 5) * hour, (day * 24 + 18) * hour);
  // 26 April 1970, the 115th day, had 23 hours; 25 October, the 297th, had 25. New York's midnight is 05:00 or 04:00 UTC.
  assert.deepEqual(lives(rule, [...around(115), ...around(297)]), [
    ...[`A1 @${before(115, 5)} open medium n2`, `A2 @${before(116, 4)} updated high n3`],
    ...[`B1 @${before(297, 4)} open medium n2`, `B2 @${before(298, 5)} updated high n3`],
  ]);
});

test('S14 a window that fires once more, because a bound dropped its key, has one life: its id is closed once', () => {
  const program = programOf(tumbling('CLOSE AFTER 500 MILLISECONDS QUIET'));
  const keys = { 0: 'a', 10: 'a', 20: 'b', 30: 'a', 40: 'a', 45: 'a', 700: 'c' };
  const events = Object.entries(keys).map(([time, k], seq) => {
    const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, x: 0, ip: null, res: null };
    return { ...blank, k, seq, timestamp: Number(time), event_id: `e${seq}` };
  });
  for (const restart_every of [1, 100]) {
    const limits = { key_groups: 1, keys_per_group: 1 };
    const { detections } = runFold(program, events, { shards: 1, batch_rows: 3, limits, restart_every });
    assert.equal(new Set(detections.map(({ id }) => id)).size, 1);
    assert.deepEqual(
      detections.map(({ status, revision, decided_at }) => `${revision} ${status} @${decided_at}`),
      ['1 open @10', '1 open @40', '2 closed @545'],
    );
  }
});
