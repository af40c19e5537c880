import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killAtRandom } from './store-kill.ts';

test('law 4: kill -9 of Weir and of its store at random points: log, alerts and tables of the events that were sent', async (t) => {
  const seed = Number(process.env.WEIRTEST_SEED ?? Date.now() % 1_000_000);
  const figures = await killAtRandom(4, seed, () => undefined);
  t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`);
  assert.deepEqual([figures.lost, figures.doubled], [0, 0]);
  assert.ok(figures.sent > 0 && figures.weir_killed + figures.child_killed >= 4);
});
