import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { batchOf } from './programs.ts';
import { type RunOptions, runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

type TestEvent = Parameters<typeof batchOf>[0][number];

const joined = (within: string) =>
  programOf(
    `CREATE RULE r AS SELECT a.k FROM events AS a JOIN events AS b WITHIN ${within} ON a.k = b.k
     WHERE a.g = 'a' AND b.g = 'b';`,
  );
const programs = [
  joined('(AFTER 3 MILLISECONDS)'),
  joined('(BEFORE 3 MILLISECONDS)'),
  joined('(BEFORE 2 MILLISECONDS, AFTER 5 MILLISECONDS)'),
];

/** Mostly left rows, some of which leave before a right one comes; ids of some do not fit into a row. */
const events = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 4 }),
      k: fc.constantFrom('p', 'q', 's', 't'),
      g: fc.constantFrom('a', 'a', 'a', 'a', 'b'),
      isLong: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
    }),
    { minLength: 10, maxLength: 60 },
  )
  .map((drawn) => {
    let timestamp = 1000;
    return drawn.map(({ gap, k, g, isLong }, seq): TestEvent & { k: string; g: string } => {
      timestamp += gap;
      const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, x: null, ip: null, res: null };
      return { ...blank, timestamp, seq, k, g, event_id: `${isLong ? 'e'.repeat(40) : 'e'}${seq}` };
    });
  });

const limits: fc.Arbitrary<NonNullable<RunOptions['limits']>> = fc
  .integer({ min: 1, max: 5 })
  .chain((most) =>
    fc.constantFrom(
      { key_groups: 1, rows_per_key: most },
      { key_groups: 1, keys_per_group: most },
      { key_groups: 1, rows_per_group: most },
      { key_groups: 1, keys_per_group: 2, text_bytes_per_group: 60 },
    ),
  );

test('S14 rows that leave before the other side’s next one are dropped and drop others as if they were kept', () => {
  const same = fc.property(fc.constantFrom(...programs), events, limits, (program, rows, bounds) => {
    const run = (options: Pick<RunOptions, 'batch_rows' | 'form'>) => {
      const { detections, fold } = runFold(program, rows, { shards: 1, limits: bounds, ...options });
      return { detections, drops: fold.stats().drops };
    };
    const plain = run({ form: 'judge', batch_rows: 64 });
    for (const batch_rows of [64, 7, 1]) assert.deepEqual(run({ batch_rows }), plain);
  });
  fc.assert(same, { numRuns: 60 });
});
