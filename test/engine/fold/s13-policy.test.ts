import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseEvent, find } from './weir-sql.ts';

const every = (suppress: string) =>
  `CREATE RULE r AS SELECT k, g, count(*) AS n FROM events GROUP BY k, g WINDOW TUMBLING 1 MILLISECONDS HAVING n >= 1 ${suppress};`;
const at = (time: number, k = 'a', g = 'g', more: object = {}): CaseEvent => [time, { k, g, ...more }];

/** Time of each detection, and of the one that suppresses it. */
function outcome(rules: string, events: readonly CaseEvent[]): (number | string)[] {
  const { detections } = find(rules, events);
  const times = new Map(detections.map(({ id, decided_at }) => [id, decided_at]));
  return detections.map(({ decided_at, suppressed_by }) => {
    return suppressed_by === null ? decided_at : `${decided_at} by ${times.get(suppressed_by)}`;
  });
}

test('S13 SUPPRESS covers [t0, t0 + t) from the first detection that was not suppressed', () => {
  const rule = every('SUPPRESS BY k FOR 10 MILLISECONDS');
  assert.deepEqual(outcome(rule, [at(100), at(109), at(110), at(111), at(119), at(120)]), [
    ...[100, '109 by 100', 110, '111 by 110', '119 by 110', 120],
  ]);
});

test('S13 NULL in a SUPPRESS key is a value like any other: what is the same as far as is known is told once', () => {
  const rule = 'CREATE RULE r AS SELECT k, x FROM events SUPPRESS BY x FOR 10 MILLISECONDS;';
  const events = [at(100, 'a', 'g', { x: 1 }), at(101), at(102, 'b'), at(103, 'c', 'g', { x: 0 }), at(111, 'b')];
  assert.deepEqual(outcome(rule, events), [100, 101, '102 by 101', 103, 111]);
});

test('S13 a suppressed detection is kept, linked to the one that covers it, and counted', () => {
  const { detections, run } = find(every('SUPPRESS BY k FOR 10 MILLISECONDS'), [at(100), at(101), at(102)]);
  assert.deepEqual(
    detections.map(({ suppressed_by }) => suppressed_by),
    [null, detections[0].id, detections[0].id],
  );
  const [{ detections: all, suppressed }] = run.stats().operators;
  assert.deepEqual({ all, suppressed }, { all: 3, suppressed: 2 });
});

test('S13 SUPPRESS BY part of the key covers the groups that share it, and no other tenant', () => {
  const events = [at(100, 'a', 'g'), at(101, 'a', 'h'), at(102, 'b', 'g'), at(103, 'a', 'g', { tenant: 'U' })];
  assert.deepEqual(outcome(every('SUPPRESS BY k FOR 10 MILLISECONDS'), events), [100, '101 by 100', 102, 103]);
  assert.deepEqual(outcome(every('SUPPRESS BY k, g FOR 10 MILLISECONDS'), events), [100, 101, 102, 103]);
  assert.deepEqual(outcome(every('SUPPRESS BY () FOR 10 MILLISECONDS'), events), [
    ...[100, '101 by 100', '102 by 100', 103],
  ]);
});

test('S13 t0 of a window’s end is end - 1', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 10 MILLISECONDS
    HAVING n >= 1 SUPPRESS BY k FOR 20 MILLISECONDS EMIT AT END;`;
  assert.deepEqual(outcome(rule, [at(100), at(111), at(125), at(131)]), [109, '119 by 109', 129, '139 by 129']);
});

const reset = (suppress: string) =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 100 MILLISECONDS HAVING n >= 2 ${suppress};`;

test('S13 RESET removes the rows up to each firing, also a suppressed one', () => {
  const events = [at(100), at(101), at(102), at(103), at(104)];
  assert.deepEqual(outcome(reset('SUPPRESS BY k FOR 3 MILLISECONDS RESET'), events), [101, '103 by 101']);
  const { detections } = find(reset('SUPPRESS BY k FOR 3 MILLISECONDS RESET'), events);
  assert.deepEqual(
    detections.map(({ evidence }) => evidence),
    [
      ['e1', 'e2'],
      ['e3', 'e4'],
    ],
  );
  assert.deepEqual(outcome(reset('SUPPRESS BY k FOR 3 MILLISECONDS'), events), [101]);
});

test('S13 RESET: the event that fired counts as having left, so that the next one may fire at once', () => {
  const rule = (suppress: string) =>
    `CREATE RULE r AS SELECT k, sum(x) AS s FROM events GROUP BY k WINDOW SLIDING 100 MILLISECONDS HAVING s >= 5 ${suppress};`;
  const events = [at(100, 'a', 'g', { x: 5 }), at(101, 'a', 'g', { x: 6 })];
  assert.deepEqual(outcome(rule('SUPPRESS BY k FOR 1 MILLISECONDS RESET'), events), [100, 101]);
  assert.deepEqual(outcome(rule('SUPPRESS BY k FOR 1 MILLISECONDS'), events), [100]);
});

test('S13 RESET takes rows from its own rule only', () => {
  const rules = `${reset('SUPPRESS BY k FOR 1 MILLISECONDS RESET')}
    CREATE RULE z AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 100 MILLISECONDS HAVING n >= 4;`;
  const { detections } = find(rules, [at(100), at(101), at(102), at(103)]);
  assert.deepEqual(
    detections.map(({ rule, evidence }) => `${rule} ${evidence}`),
    ['r e1,e2', 'r e3,e4', 'z e1,e2,e3,e4'],
  );
});
