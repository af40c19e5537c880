import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { SideQuestions } from '../../../engine/fold/side-questions.ts';
import { lookupContent, type Program } from '../../../engine/index.ts';
import { Lookups } from '../../../engine/lookups/lookups.ts';
import type { batchOf } from './programs.ts';
import { runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

type TestEvent = Parameters<typeof batchOf>[0][number] & { k: string; g: string; x: number };

/** Joins of one lookup: who asks the same, and who does not. */
const asked = [
  'a.x < 3 AND a.g IN LOOKUP known',
  'a.x > 1 AND a.g IN LOOKUP known',
  'a.g NOT IN LOOKUP known',
  'a.k IN LOOKUP known',
  'b.g IN LOOKUP known',
  'b.x > 2 AND a.g IN LOOKUP known AND b.g IN LOOKUP known',
  'a.g IN LOOKUP others',
] as const;

const program = programOf(
  `CREATE LOOKUP known (k string PRIMARY KEY) WITH (source = 'known.csv');
   CREATE LOOKUP others (k string PRIMARY KEY) WITH (source = 'others.csv');
   ${asked
     .map(
       (where, n) => `CREATE RULE r${n} AS SELECT a.k, a.x, b.x AS y FROM events AS a
         JOIN events AS b WITHIN (BEFORE 2 MILLISECONDS, AFTER ${3 + n} MILLISECONDS) ON a.k = b.k WHERE ${where};`,
     )
     .join('\n')}`,
);

function lookupsOf(one: Program, versions: readonly (readonly string[])[]): Lookups {
  const lookups = new Lookups(one);
  versions.forEach((keys, n) => {
    const content = (name: string, held: readonly string[]) =>
      lookupContent(
        name,
        [{ name: 'k', type: 'string' }],
        held.map((k) => [k]),
      );
    const from_ms = n === 0 ? Number.NEGATIVE_INFINITY : 1000 + 15 * n;
    lookups.activate({ ...content('known', keys), from_ms });
    lookups.activate({ ...content('others', names.slice(keys.length)), from_ms });
  });
  return lookups;
}

test('sides of joins have one question where they ask the same of the same column and lookup', () => {
  const questions = new SideQuestions(program, new Dictionary(), lookupsOf(program, []));
  const joins = program.streams.flatMap(({ join }, stream) => (join === undefined ? [] : [stream]));
  const [first, second, not, other, right, both, others] = joins.map((stream) => questions.of(stream, 'left'));
  assert.equal(second, first);
  assert.equal(both, first);
  assert.equal(right, null);
  for (const one of [first, not, other, others]) assert.ok(one != null);
  assert.equal(new Set([first, not, other, others]).size, 4);
  assert.equal(questions.of(joins[4] as number, 'right'), first, 'of the right side, but of the same column of events');
});

const names = ['p', 'q', 's'];
const events = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3 }),
      k: fc.constantFrom('p', 'v'),
      g: fc.constantFrom(...names),
      x: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 10, maxLength: 40 },
  )
  .map((drawn) => {
    let timestamp = 1000;
    return drawn.map(({ gap, ...fields }, seq): TestEvent => {
      timestamp += gap;
      const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, ip: null, res: null };
      return { ...blank, ...fields, timestamp, seq, event_id: `e${seq + 10}` };
    });
  });

test('S9 S13 joins that ask a row together find what each finds alone, whatever the batches', () => {
  const versions = fc.array(fc.subarray(names), { minLength: 1, maxLength: 4 });
  const property = fc.property(events, versions, (rows, contents) => {
    const [plain, ...typed] = [
      { batch_rows: 64, form: 'judge' } as const,
      { batch_rows: 64 },
      { batch_rows: 7 },
      { batch_rows: 3, restart_every: 1 },
    ].map((variant) => {
      const lookups = lookupsOf(program, contents);
      return runFold(program, rows, { shards: 1, lookups, ...variant }).detections;
    });
    for (const found of typed) assert.deepEqual(found, plain);
  });
  fc.assert(property, { numRuns: 30 });
});
