import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../simulation/random.ts';
import { runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

/** Events of two keys in floods and lulls; of some the id is long. */
function flood(seed: number, longs: number) {
  const random = seeded(seed);
  let timestamp = 1000;
  return Array.from({ length: 600 }, (_, i) => {
    timestamp += random() < 0.02 ? 150 : Math.floor(random() * 3);
    const id = `e${String(i).padStart(4, '0')}`;
    return {
      ...{ timestamp, seq: i, tenant_id: 'T', type: 'A', k1: null, k2: null, ip: null, res: null, f: null },
      ...{ event_id: random() < longs ? id.padEnd(200, '.') : id, k: `k${Math.floor(random() * 2)}`, x: i, g: 'g' },
    };
  });
}

/** HAVING that bounds do not decide, true at many events, each of which may show another evidence. */
const rule = (
  evidence: number,
) => `CREATE RULE r SEVERITY low AS SELECT k, count(*) AS n, last(x) AS latest FROM events GROUP BY k
  WINDOW SLIDING 60 MILLISECONDS HAVING n >= 17 AND last(x) % 3 <> 0 EVIDENCE ${evidence}
  ESCALATE WHEN n > 21 TO medium ESCALATE WHEN n > 26 TO high UPDATE AT END CLOSE AFTER 90 MILLISECONDS QUIET;`;

for (const [title, longs] of [
  ['short', 0],
  ['short and long', 0.05],
  ['long', 1],
] as const) {
  test(`of a window whose aggregates run along the evidence is that of its rows: ${title} ids`, () => {
    for (const evidence of [1, 2, 20, 30, 100]) {
      for (let seed = 1; seed <= 4; seed++) {
        const events = flood(seed, longs) as never;
        const run = (form: 'judge' | 'hot', more: object) =>
          runFold(programOf(rule(evidence)), events, { form, shards: 1, batch_rows: 100, ...more }).detections;
        const expected = run('judge', {});
        assert.ok(expected.length > 10 && expected.some(({ severity }) => severity === 'high'));
        assert.deepEqual(run('hot', {}), expected);
        assert.deepEqual(run('hot', { restart_every: 1 }), expected);
        assert.deepEqual(run('hot', { batch_rows: 600 }), expected);
      }
    }
  });
}
