import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '../../../dsl/packs/random.ts';
import type { ScriptItem, ScriptRecord } from '../../../dsl/packs/script.ts';
import { shuffleArrival, variantsOf } from '../../../dsl/packs/variants.ts';

const lateness_ms = 5_000;

function record(time_ms: number, stays = false): ScriptRecord {
  const bytes = new Uint8Array();
  return { kind: 'record', partition: 'p', time_ms, received_at: time_ms, bytes, line: 1, stays };
}

test('a shuffle changes no verdict: nothing comes later than LATENESS behind the greatest time before it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60_000), { maxLength: 50 }), fc.nat(), (times, seed) => {
      const items = times.map((time_ms) => record(time_ms));
      const shuffled = shuffleArrival(items, lateness_ms, new SeededRandom(seed)) as ScriptRecord[];
      assert.deepEqual(new Set(shuffled), new Set(items));
      let greatest = Number.NEGATIVE_INFINITY;
      for (const { time_ms } of shuffled) {
        assert.ok(time_ms >= greatest - lateness_ms);
        greatest = Math.max(greatest, time_ms);
      }
    }),
  );
});

test('restarts, silences and records that are late on purpose keep their place', () => {
  const late = record(0, true);
  const restart: ScriptItem = { kind: 'restart' };
  const before = [1, 2, 3, 4].map((time) => record(time));
  const between = [5, 6, 7, 8].map((time) => record(time));
  const after = [9, 10, 11, 12].map((time) => record(time));
  const items: ScriptItem[] = [...before, late, ...between, restart, ...after];
  const orders = new Set<string>();
  for (let seed = 1; seed < 20; seed++) {
    const shuffled = shuffleArrival(items, lateness_ms, new SeededRandom(seed));
    assert.deepEqual(new Set<ScriptItem>(shuffled.slice(0, 4)), new Set<ScriptItem>(before));
    assert.equal(shuffled[4], late);
    assert.deepEqual(new Set<ScriptItem>(shuffled.slice(5, 9)), new Set<ScriptItem>(between));
    assert.equal(shuffled[9], restart);
    orders.add(JSON.stringify(shuffled.map((item) => items.indexOf(item))));
  }
  assert.ok(orders.size > 10, 'different seeds give different orders');
});

test('the same seed gives the same order, on every machine', () => {
  const random = new SeededRandom(1);
  assert.deepEqual([random.below(100), random.below(100), random.below(100)], [62, 0, 52]);
  const items = Array.from({ length: 20 }, (_, i) => record(i * 1_000));
  const shuffle = () => shuffleArrival(items, lateness_ms, new SeededRandom(3));
  assert.deepEqual(shuffle(), shuffle());
  assert.notDeepEqual(shuffle(), items);
});

test('the variants: as listed first, batches of 1 and 7, three shuffles, restarts at every event or as many as fit', () => {
  const few = variantsOf([record(1), record(2)], lateness_ms);
  assert.deepEqual(
    few.map(({ batch_rows }) => batch_rows),
    [256, 1, 7, 1, 256, 256, 256],
  );
  assert.deepEqual(
    few.map(({ restart_every }) => restart_every),
    [0, 0, 0, 0, 0, 0, 1],
  );
  const many = variantsOf(
    Array.from({ length: 1_000 }, (_, i) => record(i)),
    lateness_ms,
  );
  assert.equal(many.at(-1)?.name, 'restarted at every 3 events');
});
