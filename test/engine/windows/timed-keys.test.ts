import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type Program } from '../../../engine/index.ts';
import { ProgramBuilder } from '../fold/programs.ts';
import { runFold } from '../fold/run.ts';
import { type CaseEvent, programOf, recordsOf } from '../fold/weir-sql.ts';

const rule = (window: string, key = 'k') =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY ${key} WINDOW ${window} HAVING n >= 1000;`;
const hopping = 'HOPPING 100 MILLISECONDS ADVANCE BY 10 MILLISECONDS';

function statsAfter(program: Program, events: readonly CaseEvent[]) {
  const engine = new Engine(program);
  recordsOf(events).forEach((record, position) => {
    engine.apply(position, { kind: 'record', record });
  });
  engine.advance();
  return engine.stats();
}

test('S14 rows that no window reaches go, also of a key that is never silent', () => {
  const busy = Array.from({ length: 20_000 }, (_, i): CaseEvent => [i, { k: 'a' }]);
  const { rows, keys } = statsAfter(programOf(rule(hopping)), busy);
  // 19,000 ms are released; a window has 100 rows, and the key is trimmed when they have doubled.
  assert.equal(keys, 1);
  assert.ok(rows <= 220, `${rows} rows`);
});

for (const window of [
  hopping,
  'SESSION GAP 50 MILLISECONDS',
  'TUMBLING 50 MILLISECONDS WITH EMPTY FOR 200 MILLISECONDS',
]) {
  test(`S14 a stream of fresh keys leaves memory flat: ${window}`, () => {
    const after = (count: number) => {
      const fresh = Array.from({ length: count }, (_, i): CaseEvent => [i, { k: `key${i}`, g: 'g' }]);
      // Two parts: a key of one is found by its dictionary id, in a table that grows with the dictionary.
      return statsAfter(programOf(rule(window, 'k, g')), fresh);
    };
    const [few, many] = [after(20_000), after(40_000)];
    assert.ok(many.keys <= 300 && many.rows <= 300, `${many.keys} keys, ${many.rows} rows`);
    const bytes = [few, many].map(({ operators }) => operators[0]?.state_bytes ?? 0) as [number, number];
    assert.ok(bytes[1] < bytes[0] * 1.1, `${bytes[0]} bytes, then ${bytes[1]}`);
  });
}

test('S14 a bound evicts the key that was silent longest, with its states, and is counted', () => {
  const builder = new ProgramBuilder();
  builder.add({
    ...{ name: 'r', kind: 'window', where: null, group_by: ['k1'], window: { type: 'session', gap: 100 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 2]], emit: 'end' },
  });
  const blank = { seq: 0, tenant_id: 'T', type: 'A', k2: null, x: null, ip: null, res: null };
  const rows = ['a', 'a', 'b', 'b', 'c', 'c'].map((k1, i) => ({ ...blank, k1, timestamp: i, event_id: `e${i}` }));
  const limits = { key_groups: 1, keys_per_group: 2, rows_per_key: 100, rows_per_group: 100 };
  const { detections, fold } = runFold(builder.build(), rows, { limits, shards: 1, batch_rows: 1 });
  assert.deepEqual(
    detections.map(({ key }) => key[0]),
    ['b', 'c'],
  );
  assert.deepEqual(fold.stats().drops, { keys_per_group: 1 });
  assert.equal(fold.stats().keys, 0);
});
