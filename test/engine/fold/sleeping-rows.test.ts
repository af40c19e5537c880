import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import { type Detection, lookupContent, type Program } from '../../../engine/index.ts';
import { Lookups } from '../../../engine/lookups/lookups.ts';
import { batchOf } from './programs.ts';
import { type RunOptions, runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

type TestEvent = Parameters<typeof batchOf>[0][number] & { k: string | null; g: string; x: number };

const columns = [
  { name: 'k', type: 'string' },
  { name: 'level', type: 'int' },
] as const;

/** Contents of the lookup from a time on. */
type Versions = readonly { readonly at: number; readonly rows: readonly (readonly [k: string, level: number])[] }[];

function lookupsOf(program: Program, versions: Versions): Lookups {
  const lookups = new Lookups(program);
  for (const { at, rows } of versions) lookups.activate({ ...lookupContent('known', columns, rows), from_ms: at });
  return lookups;
}

/** g of the left rows is asked of the lookup, that of the right rows too where `both`. */
function pairsOf(within: string, both: boolean, on = 'a.k = b.k'): Program {
  const right = both ? 'AND b.g IN LOOKUP known' : '';
  return programOf(
    `CREATE LOOKUP known (k string PRIMARY KEY, level int) WITH (source = 'known.csv');
     CREATE RULE r AS SELECT a.k FROM events AS a JOIN events AS b WITHIN ${within} ON ${on}
     WHERE a.x < 3 AND b.x > 1 AND a.g IN LOOKUP known ${right};`,
  );
}

const shapes = [
  { before: 0, after: 4, both: false },
  { before: 3, after: 0, both: false },
  { before: 2, after: 5, both: true },
].map((shape) => {
  const within = [`BEFORE ${shape.before} MILLISECONDS`, `AFTER ${shape.after} MILLISECONDS`];
  const used = within.filter((_, i) => (i === 0 ? shape.before : shape.after) > 0);
  return { ...shape, program: pairsOf(`(${used.join(', ')})`, shape.both) };
});

const names = ['p', 'q', 's'];
const events = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3 }),
      k: fc.constantFrom('u', 'v', 'w', null),
      g: fc.constantFrom(...names),
      x: fc.integer({ min: 0, max: 4 }),
      isLong: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
    }),
    { minLength: 10, maxLength: 60 },
  )
  .map((drawn) => {
    let timestamp = 1000;
    return drawn.map(({ gap, isLong, ...fields }, seq): TestEvent => {
      timestamp += gap;
      const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, ip: null, res: null };
      return { ...blank, ...fields, timestamp, seq, event_id: `${isLong ? 'e'.repeat(40) : 'e'}${seq + 10}` };
    });
  });

const versions: fc.Arbitrary<Versions> = fc
  .uniqueArray(fc.integer({ min: 0, max: 90 }), { maxLength: 4 })
  .chain((times) =>
    fc.tuple(
      ...times
        .sort((a, b) => a - b)
        .map((time) =>
          fc.subarray(names).map((keys) => ({
            at: time < 10 ? Number.NEGATIVE_INFINITY : 990 + time,
            rows: keys.map((k) => [k, 1] as const),
          })),
        ),
    ),
  );

/** S9: both rows of one key within the time, the lookup asked as of the later one's. */
function pairs(rows: readonly TestEvent[], all: Versions, { before, after, both }: (typeof shapes)[number]): string[] {
  const isKnown = (g: string, time: number) =>
    all
      .filter(({ at }) => at <= time)
      .at(-1)
      ?.rows.some(([k]) => k === g);
  return rows
    .flatMap((a) =>
      rows.map((b) => {
        const distance = b.timestamp - a.timestamp;
        const time = Math.max(a.timestamp, b.timestamp);
        const isPair = a !== b && a.k !== null && a.k === b.k && distance >= -before && distance <= after;
        const passes = a.x < 3 && b.x > 1 && isKnown(a.g, time) && (!both || isKnown(b.g, time));
        return isPair && passes ? `${a.event_id} ${b.event_id}` : '';
      }),
    )
    .filter((text) => text !== '')
    .sort();
}

const variants: readonly Pick<RunOptions, 'batch_rows' | 'form' | 'restart_every'>[] = [
  { batch_rows: 64, form: 'judge' },
  { batch_rows: 5, form: 'judge', restart_every: 2 },
  { batch_rows: 64 },
  { batch_rows: 7 },
  { batch_rows: 3, restart_every: 1 },
];

test('S9 S13 rows that a lookup refuses sleep, and wake when its content changes: pairs are those of the definition', () => {
  const property = fc.property(fc.constantFrom(...shapes), events, versions, (shape, rows, all) => {
    const expected = pairs(rows, all, shape);
    for (const variant of variants) {
      const lookups = lookupsOf(shape.program, all);
      const { detections } = runFold(shape.program, rows, { shards: 1, lookups, ...variant });
      assert.deepEqual(detections.map(({ anchor }) => nameOf(anchor)).sort(), expected, JSON.stringify(variant));
    }
  });
  fc.assert(property, { numRuns: 80 });
});

function nameOf(anchor: Detection['anchor']): string {
  const { left, right } = anchor as { left: { id: string }; right: { id: string } };
  return `${left.id} ${right.id}`;
}

test('S14 rows that sleep count for no key, and those of a group are bounded; both forms drop the same', () => {
  const limits = fc
    .integer({ min: 1, max: 4 })
    .chain((most) =>
      fc.constantFrom(
        { key_groups: 1, rows_per_key: most },
        { key_groups: 1, keys_per_group: most },
        { key_groups: 1, rows_per_group: most },
      ),
    );
  const property = fc.property(
    fc.constantFrom(...shapes),
    events,
    versions,
    limits,
    ({ program }, rows, all, bounds) => {
      const [first, ...others] = variants.map((variant) => {
        const lookups = lookupsOf(program, all);
        const { detections, fold } = runFold(program, rows, { shards: 1, lookups, limits: bounds, ...variant });
        return { detections, drops: fold.stats().drops };
      });
      for (const other of others) assert.deepEqual(other, first);
    },
  );
  fc.assert(property, { numRuns: 80 });
});

test('S14 rows that sleep are of the group of their key, of times and tenants too', () => {
  const programs = ['a.k = b.k AND a.timestamp = b.timestamp', 'a.tenant_id = b.tenant_id AND a.k = b.k'].map((on) =>
    pairsOf('(AFTER 9 MILLISECONDS)', false, on),
  );
  const property = fc.property(fc.constantFrom(...programs), events, versions, (program, rows, all) => {
    const limits = { key_groups: 4, rows_per_group: 1 };
    const [plain, typed] = (['judge', 'hot'] as const).map((form) => {
      const lookups = lookupsOf(program, all);
      return runFold(program, rows, { shards: 1, batch_rows: 7, form, lookups, limits }).fold.stats().drops;
    });
    assert.deepEqual(typed, plain);
  });
  fc.assert(property, { numRuns: 60 });
});

const event = (timestamp: number, event_id: string, fields: { k: string; g: string; x: number }): TestEvent => {
  const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, ip: null, res: null };
  return { ...blank, ...fields, timestamp, event_id, seq: 1 };
};

for (const form of ['hot', 'judge'] as const) {
  test(`a row that sleeps has no key until the lookup has it (${form})`, () => {
    const program = pairsOf('(AFTER 100 MILLISECONDS)', false);
    const versions = [
      { at: Number.NEGATIVE_INFINITY, rows: [] },
      { at: 1050, rows: [['p', 1]] },
    ] as const;
    const symbols = new Dictionary();
    const fold = new Fold(program, symbols, { shards: 1, form, lookups: lookupsOf(program, versions) });
    const push = (one: TestEvent) => fold.push(batchOf([one], symbols, program), Number.NEGATIVE_INFINITY).length;
    assert.equal(push(event(1000, 'a', { k: 'u', g: 'p', x: 0 })), 0);
    assert.equal(fold.stats().keys, 0);
    assert.equal(push(event(1040, 'b', { k: 'u', g: 'z', x: 4 })), 0);
    assert.equal(push(event(1060, 'c', { k: 'u', g: 'z', x: 4 })), 1, 'since 1050 the left row is awake');
  });
}

test('texts of rows that sleep are kept by the dictionary until the rows leave', () => {
  const program = pairsOf('(AFTER 10 MILLISECONDS)', false);
  const symbols = new Dictionary();
  const lookups = lookupsOf(program, [{ at: Number.NEGATIVE_INFINITY, rows: [] }]);
  const fold = new Fold(program, symbols, { shards: 1, lookups });
  const push = (rows: TestEvent[], time: number) => fold.push(batchOf(rows, symbols, program), time);
  push([event(1000, 'a', { k: 'key', g: 'p', x: 0 })], 1000);
  const isUsed = () => {
    const used = new Uint8Array(symbols.capacity);
    fold.markUsed(used);
    return ['key', 'p', 'T'].map((text) => used[symbols.idOf(text)]);
  };
  assert.deepEqual(isUsed(), [1, 1, 1]);
  push([], 1011);
  assert.deepEqual(isUsed().slice(0, 2), [0, 0]);
});

for (const form of ['hot', 'judge'] as const) {
  test(`S14 rows of other keys do not decide what a bound drops when a lookup changes (${form})`, () => {
    const program = pairsOf('(AFTER 10 MILLISECONDS)', false);
    const versions = [
      { at: Number.NEGATIVE_INFINITY, rows: [['q', 1]] },
      {
        at: 1007,
        rows: [
          ['p', 1],
          ['q', 1],
        ],
      },
    ] as const;
    const run = (others: readonly TestEvent[], watermark_ms: number) => {
      const own = [
        event(1000, 'a1', { k: 'u', g: 'p', x: 0 }),
        event(1001, 'a2', { k: 'u', g: 'p', x: 0 }),
        event(1005, 'a3', { k: 'u', g: 'q', x: 0 }),
        event(1014, 'b', { k: 'u', g: 'z', x: 4 }),
      ];
      const symbols = new Dictionary();
      const lookups = lookupsOf(program, versions);
      const fold = new Fold(program, symbols, { shards: 1, form, lookups, limits: { rows_per_key: 2 } });
      const rows = [...own, ...others].sort((a, b) => a.timestamp - b.timestamp);
      const found = fold.push(batchOf(rows.slice(0, -1), symbols, program), watermark_ms);
      found.push(...fold.push(batchOf(rows.slice(-1), symbols, program), Number.POSITIVE_INFINITY));
      return { found: found.map(({ anchor }) => nameOf(anchor)), drops: fold.stats().drops };
    };
    const alone = run([], 1005);
    assert.deepEqual(alone.drops, { rows_per_key: 1 }, 'both rows wake at 1007, when they can still be matched');
    assert.deepEqual(run([event(1008, 'o', { k: 'w', g: 'z', x: 4 })], 1008), alone);
    assert.deepEqual(run([], 1014), alone);
  });
}

test('S14 rows that sleep and that a bound drops take no room until they would have left', () => {
  const program = pairsOf('(AFTER 1 HOUR)', false);
  const symbols = new Dictionary();
  const lookups = lookupsOf(program, [{ at: Number.NEGATIVE_INFINITY, rows: [] }]);
  const fold = new Fold(program, symbols, { shards: 1, lookups, limits: { rows_per_group: 10 } });
  const bytesAfter = (events: number, from: number) => {
    const rows = Array.from({ length: events }, (_, i) => event(from + i, `e${from + i}`, { k: 'u', g: 'p', x: 0 }));
    fold.push(batchOf(rows, symbols, program), Number.NEGATIVE_INFINITY);
    return fold.stats().state_bytes;
  };
  const before = bytesAfter(500, 1000);
  assert.equal(bytesAfter(5000, 2000), before);
  assert.equal(fold.stats().rows, 10);
  assert.deepEqual(fold.stats().drops, { rows_per_group: 5490 });
});

test('of thousands of rows that sleep those wake that a change concerns, in their order, the others later', () => {
  const program = pairsOf('(AFTER 1 HOUR)', false);
  const g = (i: number) => (i % 7 === 0 ? 'p' : i % 3 === 0 ? 'q' : 's');
  const left = Array.from({ length: 3000 }, (_, i) => event(1000 + i, `a${i}`, { k: `k${i % 90}`, g: g(i), x: 0 }));
  const rights = [4100, 4200, 4300].map((time) => event(time, `b${time}`, { k: 'k0', g: '', x: 4 }));
  const all = ['p', 'q', 's'].map((k, n) => ({ at: 4050 + 100 * n, rows: [[k, 1]] as const }));
  const nothing = { at: Number.NEGATIVE_INFINITY, rows: [] };
  for (const rows_per_group of [200, 2000, 5000]) {
    const [plain, typed] = (['judge', 'hot'] as const).map((form) => {
      const lookups = lookupsOf(program, [nothing, ...all]);
      const options = { shards: 1, form, lookups, limits: { key_groups: 2, rows_per_group }, batch_rows: 512 };
      const { detections, fold } = runFold(program, [...left, ...rights], { ...options, restart_every: 3 });
      return { found: detections.map(({ anchor }) => nameOf(anchor)), drops: fold.stats().drops };
    });
    assert.deepEqual(typed, plain);
    assert.ok(typed.found.length > 2);
  }
});
