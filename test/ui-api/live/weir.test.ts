import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Engine, ManualClock } from '../../../engine/index.ts';
import { Weir, type WeirParts } from '../../../ui-api/live/weir.ts';

test('law 5: the status names and counts what bounds dropped, and walks the tables once a second at most', () => {
  const clock = new ManualClock(1_000_000);
  let walks = 0;
  const engine = {
    counters: {},
    watermark_ms: null,
    stats: () => {
      walks++;
      const operators = [
        { name: 'spray', null_key: 3 },
        { name: 'other', null_key: 0 },
      ];
      const parts = { 'rows of spray': 3000, 'rows of other': 1000, 'join 1': 90, 'join 2': 6 };
      const state = { state_bytes: 4096, parts, dictionary_size: 12 };
      const failed_values = new Map([['spray', new Map([['x::int', 4]])]]);
      return { operators, drops: { keys_per_group: 7 }, failed_casts: new Map([['n', 2]]), failed_values, ...state };
    },
  };
  const watch = { snapshot: () => ({ active: [], aside: [] }) };
  const delivery = { counters: {} };
  const program = { operators: [], hash: 'h' };
  const parts = {
    watch,
    delivery,
    clock,
    blind: { open: [] },
    driver: { last_checkpoint_ms: null, running: { engine: engine as unknown as Engine, program } },
    log: {},
  };
  const weir = new Weir(parts as unknown as WeirParts);
  const { drops, failed_casts, failed_values, null_key, state_bytes } = weir.status();
  assert.deepEqual(
    { drops, failed_casts, failed_values, null_key, state_bytes },
    {
      drops: { keys_per_group: 7 },
      failed_casts: { n: 2 },
      failed_values: { spray: { 'x::int': 4 } },
      null_key: { spray: 3 },
      state_bytes: 4096,
    },
  );
  assert.deepEqual(weir.status().state_parts, { rows: 4000, joins: 96 });
  assert.equal(walks, 1);
  clock.advance(1000);
  weir.status();
  assert.equal(walks, 2);
});

test('law 7: of a source whose events are all rejected nothing is heard: it is as silent as one that sends nothing', async () => {
  const heard: string[] = [];
  const submit = (_: string, lines: readonly Uint8Array[]) =>
    Promise.resolve(lines.map(({ length }) => ({ status: length > 0 ? 'late' : 'rejected' })));
  const parts = {
    clock: new ManualClock(1_000_000),
    blind: { heard: (partition: string) => heard.push(partition) },
    fields: { wants: () => false },
    driver: { submit },
  };
  const weir = new Weir(parts as unknown as WeirParts);
  const [bad, good] = [new Uint8Array(), new Uint8Array(1)];
  await weir.submit('broken', [bad, bad]);
  await weir.submit('mixed', [bad, good]);
  await Promise.resolve();
  assert.deepEqual(heard, ['mixed']);
});
