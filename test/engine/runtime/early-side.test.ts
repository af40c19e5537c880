import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type LogEntry } from '../../../engine/index.ts';
import { early, earlyFolds, run } from '../../simulation/early-folds.ts';
import { coreText, programOf, recordOf } from '../../simulation/parity.ts';
import { keptCases, runProperty, seedOfRun } from '../../simulation/run-property.ts';
import { programOf as compiled, recordsOf } from '../fold/weir-sql.ts';

test('S5 early and final notes folded by id equal the final set, on 10,000 shuffles', (t) => {
  const property = earlyFolds();
  runProperty('early', property, seedOfRun(), 500);
  const { count } = property;
  t.diagnostic(JSON.stringify(count));
  assert.ok(
    count.early > 1000 && count.revised > 100 && count.withdrawn > 100 && count.further > 100,
    'the shuffles exercise every kind of note',
  );
  assert.equal(count.shuffles, 10_000);
});

test('S5 early and final notes of the cases that failed once fold to the final set', () => {
  const property = earlyFolds();
  for (const [, parity] of keptCases()) property.check(parity);
});

test('S5 what comes in order leaves on arrival, with the id and core that become final', () => {
  const program = early(
    programOf(
      [
        {
          ...{ name: 'three', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 100 } },
          ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 3]], emit: 'auto' },
        },
      ],
      1000,
    ),
  );
  const event = { tenant_id: 'T', type: 'A', k1: 'a', k2: null, x: null, ip: null, res: null };
  const engine = new Engine(program);
  [0, 10, 20].forEach((time, i) => {
    const record = recordOf({ ...event, timestamp: 1_000_000_000_000 + time, event_id: `e${i}` }, i + 1);
    engine.apply(i, { kind: 'record', record });
  });
  const first = engine.advance();
  assert.equal(first.detections.length, 0, 'W has not passed the third event');
  assert.deepEqual(
    first.early.map(({ kind, revision }) => [kind, revision]),
    [['early', 1]],
  );
  engine.apply(3, { kind: 'end' });
  const second = engine.advance();
  assert.deepEqual(
    second.early.map(({ kind, revision }) => [kind, revision]),
    [['final', 1]],
  );
  assert.deepEqual(
    second.detections.map(coreText),
    first.early.map(({ detection }) => coreText(detection)),
  );
});

test('S5 of a detection with a life the opening leaves early; further revisions are final, each with the next number', () => {
  const program = early(
    programOf(
      [
        {
          ...{ name: 'five', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 100 } },
          ...{
            aggs: [
              { as: 'n', fn: 'count' },
              { as: 'mx', fn: 'max', field: 'x' },
            ],
            emit: 'auto',
          },
          ...{ having: ['>=', ['a', 'mx'], ['v', 5]] },
          life: { escalate: [{ on: 'n', over: 3, to: 'high' }], update: false, close: 500 },
        },
      ],
      1000,
    ),
  );
  /** Events at these times, in the order of arrival; the one at 20 fires. */
  const told = (times: readonly number[]) => {
    const event = { tenant_id: 'T', type: 'A', k1: 'a', k2: null, ip: null, res: null };
    const entries = times.map((time, i): LogEntry => {
      const own = { ...event, timestamp: 1_000_000_000_000 + time, event_id: `e${time}`, x: time === 20 ? 5 : 0 };
      return { kind: 'record', record: recordOf(own, i + 1) };
    });
    const every = [1, 100].map((count) => {
      const { notes } = run(program, entries, count, new Set());
      return notes.map(
        ({ kind, revision, detection }) => `${kind} ${revision} ${detection.status} ${detection.severity}`,
      );
    });
    assert.deepEqual(every[0], every[1], 'when the watermark is told cannot show');
    return every[0];
  };
  assert.deepEqual(told([0, 10, 20, 30]), [
    ...['early 1 open medium', 'final 1 open medium', 'final 2 updated high', 'final 3 closed high'],
  ]);
  // The event at 0 comes last: at 20 there were more than the early one knew.
  assert.deepEqual(told([10, 20, 30, 40, 0]), [
    ...['early 1 open medium', 'final 2 open medium', 'final 3 updated high', 'final 4 closed high'],
  ]);
});

test('S5 a snapshot has the texts that the rows which arrived last bring, though nothing was asked of the engine since', () => {
  const shown = compiled(`CREATE VIEW v AS SELECT upper(k) AS key FROM events;
    CREATE RULE r AS SELECT key, count(*) AS n FROM v GROUP BY key WINDOW SLIDING 1 MINUTE HAVING n >= 3 EMIT EARLY;`);
  let engine = new Engine(shown);
  const records = recordsOf(['ab', 'ab', 'cd', 'ab'].map((k, i) => [1000 + i, { k }]));
  records.forEach((record, i) => {
    // The third brings other texts, which would be given the ids of those that were lost.
    if (i === 2) engine = Engine.restore(shown, structuredClone(engine.snapshot()));
    engine.apply(i, { kind: 'record', record });
  });
  const told = engine.advance().early.map(({ detection }) => detection.values);
  assert.deepEqual(told, [['AB', 3]]);
});
