import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';
import { find } from '../../engine/fold/weir-sql.ts';

/** Numbers from 0 to 1, the same each time (a linear congruential generator, Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

test('where check says that a count is at its threshold, it is, in every detection', () => {
  const windows = ['SLIDING 10 SECONDS', 'TUMBLING 10 SECONDS', 'HOPPING 12 SECONDS ADVANCE BY 3 SECONDS'];
  for (const [i, window] of [...windows, 'SESSION GAP 3 SECONDS MAX 20 SECONDS'].entries()) {
    for (const count of ['count(*)', 'count(DISTINCT g)', "count(*) FILTER (WHERE g <> 'a')"]) {
      const rule = `CREATE RULE r SEVERITY CASE WHEN n > 3 THEN high ELSE low END AS
        SELECT k, ${count} AS n FROM events GROUP BY k WINDOW ${window} HAVING n > 2;`;
      const fields = 'k string, g string';
      const files = [`CREATE STREAM events (${fields});`, rule].map((text, at) => ({ path: `${at}.sql`, text }));
      const { diagnostics } = compile(files);
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        ['W0332'],
        rule,
      );
      const next = numbers(i + 1);
      const events = Array.from({ length: 80 }, () => Math.floor(next() * 190_000)).sort((a, b) => a - b);
      const { detections } = find(
        rule,
        events.map((at) => [at, { k: next() < 0.5 ? 'x' : 'y', g: 'abcdef'[Math.floor(next() * 6)] as string }]),
      );
      assert.ok(detections.length > 0, `${window} ${count}`);
      for (const { values } of detections) assert.equal(values[1], 3, rule);
    }
  }
});
