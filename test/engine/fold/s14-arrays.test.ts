import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../engine/index.ts';
import { type RunOptions, runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

const views = `CREATE VIEW v AS SELECT k, array_agg(g, 100) AS list, top(g, 100) AS often FROM events GROUP BY k WINDOW TUMBLING 10 MILLISECONDS;
  CREATE VIEW w AS SELECT k, array_agg(list, 100) AS lists, array_agg(often, 100) AS oftens FROM v GROUP BY k WINDOW TUMBLING 50 MILLISECONDS;
  CREATE RULE r AS SELECT lists, oftens FROM w;`;

/** An event a millisecond, each with a text of its own of ten characters. */
const events = Array.from({ length: 200 }, (_, i) => ({
  ...{ timestamp: i, seq: 0, tenant_id: 'T', event_id: `e${i}`, type: 'A', k1: null, k2: null, ip: null, res: null },
  ...{ x: 1, k: 'k', g: `text-${i}`.padEnd(10, '.') },
}));

function run(options: Partial<RunOptions>) {
  const { detections, fold } = runFold(programOf(views), events as never, { shards: 1, batch_rows: 16, ...options });
  return { values: detections.map(({ values }) => values), drops: fold.stats().drops };
}

test('S14 arrays of arrays of views are bounded in their text; elements that are left out are counted by the bound’s name', () => {
  const whole = run({});
  assert.equal(whole.values.length, 4);
  assert.deepEqual(whole.drops, {});
  // '["text-0....","text-1...."]': 27 units; three would be 40. A pair of top takes 15: '[["text-0....",1]]'.
  const cut = run({ limits: { array_text_units: 39 } });
  assert.deepEqual(cut.values[0], [
    [['text-0....', 'text-1....']],
    [
      [
        ['text-0....', 1],
        ['text-1....', 1],
      ],
    ],
  ]);
  const [lists, oftens] = [8, 8];
  // Of each of 20 windows of v 8 texts and 8 pairs; of each of 4 windows of w 4 arrays of each.
  assert.deepEqual(cut.drops, { array_text_units: 20 * (lists + oftens) + 4 * (4 + 4) });
  for (const options of [
    { batch_rows: 1, restart_every: 1 },
    { batch_rows: 7, shards: 2 },
  ]) {
    const other = run({ ...options, limits: { array_text_units: 39 } });
    assert.deepEqual(other, cut);
  }
});

test('S14 an array that came in a record is never cut', () => {
  assert.ok(limits.array_text_units >= limits.record_bytes);
});
