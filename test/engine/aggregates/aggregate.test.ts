import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulationEvent, WindowRule } from '../../simulation/case.ts';
import { ProgramBuilder } from '../fold/programs.ts';
import { runFold } from '../fold/run.ts';
import { type CaseEvent, find } from '../fold/weir-sql.ts';

const most = Number.MAX_SAFE_INTEGER;

/** sum and avg over the ints of one window that is decided at its end. */
function sumAndAverage(...values: readonly number[]): readonly unknown[] {
  const rule = `CREATE RULE r AS SELECT sum(x) AS s, avg(x) AS a, sum(f) AS h FROM events
    GROUP BY k WINDOW TUMBLING 1 SECOND HAVING count(*) >= 1 EMIT AT END;`;
  const { detections } = find(
    rule,
    values.map((x, i) => [i, { k: 'a', x, f: x }]),
  );
  return detections[0].values;
}

test('sum and avg of ints that leave the exact range are NULL, as of scalar functions; floats go on', () => {
  assert.deepEqual(sumAndAverage(most - 1, 1), [most, most / 2, most]);
  assert.deepEqual(sumAndAverage(most, 1), [null, null, 2 ** 53]);
  assert.deepEqual(sumAndAverage(-most, -2), [null, null, -most - 2]);
});

test('a sum that has left the exact range does not come back into it, where it would be rounded', () => {
  assert.deepEqual(sumAndAverage(most, 2, -2).slice(0, 2), [null, null]);
  assert.deepEqual(sumAndAverage(most, -2, 2).slice(0, 2), [most, most / 3]);
});

const values = (select: string, having: string, events: readonly CaseEvent[]) =>
  find(
    `CREATE RULE r AS SELECT ${select} FROM events GROUP BY k WINDOW TUMBLING 1 SECOND HAVING ${having} EMIT AT END;`,
    events,
  ).detections.map((detection) => detection.values);

test('sum, avg and stddev of floats are NULL where they are beyond all floats, in HAVING as on the detection', () => {
  const far: CaseEvent[] = [1.7e308, 1.7e308, -1.7e308].map((f, i) => [i, { k: 'a', f }]);
  const select = 'sum(f) AS s, avg(f) AS a, stddev(f) AS sd, max(f) AS m';
  assert.deepEqual(values(select, 's IS NULL AND a IS NULL AND sd IS NULL', far), [[null, null, null, 1.7e308]]);
  assert.deepEqual(values(select, 's > 0 OR NOT s > 0 OR a > 0 OR sd > 0', far), []);
});

test('records.md: times in a list are ISO texts, as they are beside it; a cast reads them', () => {
  const events: CaseEvent[] = [0, 1, 1].map((time) => [time, { k: 'a' }]);
  const [first, second] = ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z'];
  const select = `array_agg(timestamp, 2) AS l, array_agg(timestamp, 9)[1]::timestamp AS t, top(timestamp, 2) AS c,
    array_agg(timestamp - '1970-01-01T00:00:00Z'::timestamp, 2) AS d`;
  assert.deepEqual(values(select, 'count(*) > 0', events), [
    [
      [first, second],
      1,
      [
        [second, 2],
        [first, 1],
      ],
      [0, 1],
    ],
  ]);
});

/** Decided early: x is never negative here. */
const summing: WindowRule = {
  ...{ name: 'r', kind: 'window', where: null, group_by: ['k1'], window: { type: 'tumbling', size: 1000 } },
  ...{ aggs: [{ as: 's', fn: 'sum', field: 'x' }], having: ['>=', ['a', 's'], ['v', most]], emit: 'auto' },
};

test('the running sum of the hot form is NULL where the judge says so', () => {
  const fired = (form: 'hot' | 'judge', values: readonly number[]) => {
    const blank = { tenant_id: 'T', type: 'A', k1: 'a', k2: null, ip: null, res: null };
    const events = values.map((x, seq): SimulationEvent & { event_id: string; seq: number } => {
      return { ...blank, x, seq, event_id: `e${seq}`, timestamp: 5000 + seq };
    });
    const program = new ProgramBuilder({ sums_are_bounds: true }).add(summing).build();
    return runFold(program, events, { form, shards: 1, batch_rows: 1 }).detections.map(({ values: [, s] }) => s);
  };
  for (const form of ['judge', 'hot'] as const) {
    assert.deepEqual(fired(form, [most - 1, 1]), [most], form);
    assert.deepEqual(fired(form, [most - 1, 3, 4]), [], form);
  }
});
