import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SortedRun } from '../../../engine/index.ts';
import { type CaseEvent, find, programOf, recordsOf } from '../fold/weir-sql.ts';

const session = (having: string, more = '', gap = 'GAP 10 MILLISECONDS') =>
  `CREATE RULE r AS SELECT k, count(*) AS n, min(x) AS mn FROM events
   GROUP BY k WINDOW SESSION ${gap} HAVING ${having} ${more};`;
const a = { k: 'a' };

/** Sessions that were found: window, what decided them, their first event. */
function sessions(rules: string, events: readonly CaseEvent[]): string[] {
  return find(rules, events).detections.map(({ window, decided_at, anchor }) => {
    const first = 'id' in anchor ? `${anchor.timestamp}/${anchor.id}` : 'none';
    return `[${window?.start}, ${window?.end}) @${decided_at} ${first}`;
  });
}

const at = (...times: number[]): CaseEvent[] => times.map((time) => [time, a]);

test('S8 SESSION: an event exactly GAP after the last begins a new session, one millisecond less does not', () => {
  assert.deepEqual(sessions(session('n >= 1', 'EMIT AT END'), at(100, 109)), ['[100, 119) @118 100/e1']);
  assert.deepEqual(sessions(session('n >= 1', 'EMIT AT END'), at(100, 110)), [
    '[100, 110) @109 100/e1',
    '[110, 120) @119 110/e2',
  ]);
});

test('S8 SESSION: an event MAX or more after the first begins a new session', () => {
  const max = 'GAP 10 MILLISECONDS MAX 20 MILLISECONDS';
  assert.deepEqual(sessions(session('n >= 1', 'EMIT AT END', max), at(100, 108, 116, 119)), ['[100, 120) @119 100/e1']);
  assert.deepEqual(sessions(session('n >= 1', 'EMIT AT END', max), at(100, 108, 116, 120)), [
    '[100, 120) @119 100/e1',
    '[120, 130) @129 120/e4',
  ]);
});

test('S8 SESSION: decided early where more rows make HAVING truer, with the end as known then; once a session', () => {
  assert.deepEqual(sessions(session('n >= 2'), at(100, 105, 112, 130, 131)), [
    '[100, 115) @105 100/e1',
    '[130, 141) @131 130/e4',
  ]);
});

test('S8 SESSION: NOT, min, first and last are decided at the end, in the order of time', () => {
  const events: CaseEvent[] = [
    [100, { k: 'a', x: 5 }],
    [101, { k: 'b', x: 5 }],
    [105, { k: 'a', x: 4 }],
    [140, { k: 'c', x: 1 }],
  ];
  assert.deepEqual(sessions(session('mn >= 3'), events), ['[101, 111) @110 101/e2', '[100, 115) @114 100/e1']);
});

test('S7 the anchor of a session is its first event, of a view’s its row', () => {
  const rules = `CREATE VIEW v AS SELECT k, x FROM events WHERE x > 0;
    CREATE RULE r AS SELECT k, count(*) AS n FROM v GROUP BY k WINDOW SESSION GAP 10 MILLISECONDS HAVING n >= 2;`;
  const events: CaseEvent[] = [
    [100, { k: 'a', x: 0 }],
    [101, { k: 'a', x: 1 }],
    [102, { k: 'a', x: 1 }],
  ];
  const [detection] = find(rules, events).detections;
  assert.ok(detection && 'id' in detection.anchor);
  assert.equal(detection.anchor.timestamp, 101);
  assert.match(detection.anchor.id, /^[0-9a-f]{32}$/);
  assert.deepEqual(detection.evidence, ['e2', 'e3']);
});

test('S14 a session without MAX keeps its rows as long as it lasts, and no longer', () => {
  const program = programOf(session('n >= 5', 'EMIT AT END'));
  const engine = new Engine(program);
  recordsOf([...at(...Array.from({ length: 50 }, (_, i) => 100 + i)), [5000, { k: 'b' }]]).forEach(
    (record, position) => {
      engine.apply(position, { kind: 'record', record });
    },
  );
  engine.advance();
  // LATENESS is a second: everything before 4000 is released.
  const { keys, rows } = engine.stats();
  assert.deepEqual([keys, rows], [0, 0]);
});

test('S14 where a session began cannot be known from a part of the history: partial, for its readers too', () => {
  const rules = `CREATE VIEW v AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SESSION GAP 10 MILLISECONDS;
    CREATE RULE plain AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 5 MILLISECONDS HAVING n >= 2;
    CREATE RULE reader AS SELECT k, n FROM v;
    ${session('n >= 2')}`;
  const run = new SortedRun(programOf(rules), { since_ms: 900 });
  for (const record of recordsOf(at(100, 200, 950))) run.add(record);
  [...run.finish()].flat();
  const coverage = Object.fromEntries(run.stats().coverage.map((one) => [one.rule, one.coverage]));
  assert.deepEqual(coverage, { plain: 'warm', reader: 'partial', r: 'partial' });
});
