import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import type { StoreLimits } from '../../../engine/fold/store-limits.ts';
import { Engine, type Program } from '../../../engine/index.ts';
import { KeyWalk } from '../../../engine/state/key-walk.ts';
import type { Condition, WindowRule } from '../../simulation/case.ts';
import { seeded } from '../../simulation/random.ts';
import { batchOf, ProgramBuilder } from '../fold/programs.ts';
import { type CaseEvent, find, programOf, recordsOf } from '../fold/weir-sql.ts';

type UnnamedRule = Omit<WindowRule, 'name'>;

/** Windows of all kinds here. A gap near MAX, so that sessions end by both; HAVING that needs one row, a few, or many. */
const rule = fc
  .record({
    window: fc.constantFrom<WindowRule['window']>(
      { type: 'session', gap: 40 },
      { type: 'session', gap: 40, max: 50 },
      { type: 'session', gap: 30, max: 200 },
      { type: 'hopping', size: 100, advance: 20 },
      { type: 'hopping', size: 60, advance: 60 },
    ),
    least: fc.constantFrom(1, 2, 3, 5, 5, 20, 30),
    where: fc.constantFrom<Condition | null>(null, null, ['=', ['f', 'type'], ['v', 'A']], ['>', ['f', 'x'], ['v', 0]]),
    emit: fc.constantFrom('auto' as const, 'auto' as const, 'end' as const),
    view: fc.boolean(),
  })
  .map(
    ({ window, least, where, emit, view }): UnnamedRule => ({
      ...{ kind: 'window', where, group_by: ['k1'], window, view, emit, input: undefined },
      ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', least]] },
    }),
  );

function eventsOf(seed: number, count: number, pace: number) {
  const random = seeded(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  let timestamp = 1_000_000;
  return Array.from({ length: count }, (_, i) => {
    timestamp += pace * pick([0, 0, 1, 1, 2, 5, random() < 0.1 ? 60 : 3]);
    return {
      ...{ timestamp, event_id: `e${i}`, seq: i, tenant_id: pick(['T', 'T', 'U']), type: pick(['A', 'B']) },
      ...{ k1: pick(['a', 'a', 'a', 'b', 'c', 'd', 'e', null]), k2: null, x: pick([0, 1]), ip: null, res: null },
    };
  });
}

/**
 * What can be seen of a fold after each push: no key is cold in the judge form, where every operator of every key has a
 * state from the first row on.
 */
function seen(program: Program, case_: Traffic, options: FoldForm) {
  const symbols = new Dictionary();
  let fold = new Fold(program, symbols, options);
  const events = eventsOf(case_.seed, case_.count, case_.pace);
  const all: { detections: readonly unknown[] }[] = [];
  const see = (detections: readonly unknown[]) => {
    const { keys, rows, drops, operators } = fold.stats();
    const seen = { detections, keys, rows, drops, created: operators.map((operator) => operator.keys) };
    all.push(seen);
  };
  for (let at = 0, push = 0; at < events.length; at += 7, push++) {
    const batch = batchOf(events.slice(at, at + 7), symbols, program);
    // Of some batches the rows have timestamps of their own, as those of EMIT EARLY do.
    if (options.own_stamps && push % 5 === 4) batch.stamp = batch.time.map((time) => time - 3);
    see(fold.push(batch, events[at + 7]?.timestamp ?? Number.NEGATIVE_INFINITY));
    if (options.restarts && push % 3 === 0) {
      const snapshot = structuredClone(fold.snapshot());
      fold = new Fold(program, symbols, options);
      fold.restore(snapshot);
    }
  }
  see(fold.push(batchOf([], symbols, program), Number.POSITIVE_INFINITY));
  return all;
}

/** Holds the hot form, also with restarts, equal to the judge's after each push; how many detections there were. */
function foundAlike(program: Program, traffic: Traffic, bounds: Pick<FoldForm, 'limits' | 'own_stamps'>): number {
  const options = { ...bounds, shards: 1, restarts: false };
  const judge = seen(program, traffic, { ...options, form: 'judge' });
  assert.deepEqual(seen(program, traffic, { ...options, form: 'hot' }), judge);
  assert.deepEqual(seen(program, traffic, { ...options, form: 'hot', restarts: true }), judge);
  return judge.reduce((sum, { detections }) => sum + detections.length, 0);
}

interface Traffic {
  readonly seed: number;
  readonly count: number;
  readonly pace: number;
}

interface FoldForm {
  readonly form: 'hot' | 'judge';
  readonly shards: number;
  readonly limits: Partial<StoreLimits>;
  readonly own_stamps: boolean;
  readonly restarts: boolean;
}

for (const [title, limits, own_stamps] of [
  ['S8 a cold key shows in nothing: detections, keys, rows', {}, false],
  ['S7 a cold key shows in nothing where events have timestamps of their own', {}, true],
  ['S14 a cold key shows in nothing that bounds on rows drop', { rows_per_key: 6 }, false],
  ['S14 a cold key shows in nothing that bounds on rows of a group drop', { key_groups: 1, rows_per_group: 20 }, false],
  ['S14 a cold key shows in nothing that bounds on keys drop', { key_groups: 1, keys_per_group: 3 }, false],
] as const) {
  test(title, () => {
    let found = 0;
    const property = fc.property(
      fc.array(rule, { minLength: 1, maxLength: 4 }),
      fc.record({
        seed: fc.integer({ min: 1 }),
        count: fc.integer({ min: 1, max: 300 }),
        pace: fc.constantFrom(1, 4, 9),
      }),
      (rules, traffic) => {
        const builder = new ProgramBuilder();
        for (const [i, one] of rules.entries()) builder.add({ name: `r${i}`, ...one });
        const program = builder.build();
        found += foundAlike(program, traffic, { limits, own_stamps });
      },
    );
    fc.assert(property, { numRuns: 150 });
    assert.ok(found > 300);
  });
}

const slow = (window: string, least: number) =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= ${least};`;

function statsAfter(rules: string, events: readonly CaseEvent[]) {
  const engine = new Engine(programOf(rules));
  recordsOf(events).forEach((record, position) => {
    engine.apply(position, { kind: 'record', record });
  });
  engine.advance();
  return engine.stats();
}

for (const window of ['HOPPING 10 SECONDS ADVANCE BY 1 SECOND', 'SESSION GAP 5 SECONDS MAX 8 SECONDS']) {
  test(`S14 a key costs no states before it has as many rows as a rule needs: ${window}`, () => {
    const events = Array.from({ length: 3000 }, (_, i): CaseEvent => [i, { k: `key${i % 1000}` }]);
    const bytes = (least: number) => statsAfter(slow(window, least), events).operators[0]?.state_bytes ?? 0;
    // 56 of a state, and the record that names it.
    assert.ok(bytes(10) < bytes(2) - 1000 * 56, `${bytes(10)} bytes of cold keys, ${bytes(2)} of others`);
  });
}

test('S14 rows of a key that stays cold go when no window reaches them', () => {
  const events = Array.from({ length: 2000 }, (_, i): CaseEvent => [i * 40, { k: 'a' }]);
  const { keys, rows } = statsAfter(slow('HOPPING 200 MILLISECONDS ADVANCE BY 100 MILLISECONDS', 100), events);
  assert.equal(keys, 1);
  assert.ok(rows <= 20, `${rows} rows`);
});

test('S8 a session of a key that is trimmed while it is cold begins where it did, after one that MAX ended', () => {
  const rules = `CREATE RULE s AS SELECT k, count(*) AS n FROM events
      GROUP BY k WINDOW SESSION GAP 40 MILLISECONDS MAX 50 MILLISECONDS HAVING n >= 20;
    CREATE RULE h AS SELECT k, count(*) AS n FROM events
      GROUP BY k WINDOW HOPPING 60 MILLISECONDS ADVANCE BY 20 MILLISECONDS HAVING n >= 1000;`;
  const slow = Array.from({ length: 16 }, (_, i): CaseEvent => [1000 + 5 * i, { k: 'a' }]);
  const burst = Array.from({ length: 18 }, (_, i): CaseEvent => [1076 + i, { k: 'a' }]);
  // At its sixteenth row the key is trimmed: of the session from 1000 to 1050 what came before 1020 goes.
  const found = find(rules, [...slow, ...burst]).detections.map(({ window, decided_at }) => [
    window?.start,
    decided_at,
  ]);
  assert.deepEqual(found, [[1050, 1089]]);
});

test('S8 a session that is judged at its end tells which sums fail, however few its rows are', () => {
  const rules = `CREATE RULE r AS SELECT k, count(*) AS n, sum(f) AS s FROM events
    GROUP BY k WINDOW SESSION GAP 10 MILLISECONDS HAVING n >= 5 AND s > 0 EMIT AT END;`;
  const { failed_values } = statsAfter(rules, [
    [100, { k: 'a', f: 1e308 }],
    [101, { k: 'a', f: 1e308 }],
    [5000, { k: 'b', f: 1 }],
  ]);
  assert.deepEqual(failed_values, new Map([['r', new Map([['sum(f)', 1]])]]));
});

test('S14 a cold key with many rows that MAX ends again and again is not read at each of its due times', () => {
  const rules = [10_000, 13_300, 17_700, 23_900, 31_100].map((max, i) => {
    const window = `SESSION GAP 1 SECOND MAX ${max} MILLISECONDS`;
    return `CREATE RULE r${i} AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= 300;`;
  });
  const burst = Array.from({ length: 200 }, (_, i): CaseEvent => [1000 + i, { k: 'a' }]);
  const slow = Array.from({ length: 100 }, (_, i): CaseEvent => [1200 + 990 * (i + 1), { k: 'a' }]);
  const end = Array.from({ length: 300 }, (_, i): CaseEvent => [100_300 + i, { k: 'a' }]);
  const events = [...burst, ...slow, ...end];
  let loaded = 0;
  const { load } = KeyWalk.prototype;
  KeyWalk.prototype.load = function counted(this: KeyWalk) {
    loaded++;
    load.call(this);
  };
  try {
    const found = find(rules.join('\n'), events).detections;
    assert.ok(found.length > 0 && found.every(({ key }) => key[0] === 'a'));
  } finally {
    KeyWalk.prototype.load = load;
  }
  // The slow rows alone would read 20,000 and more.
  assert.ok(loaded < 20 * events.length, `${loaded} rows read for ${events.length} events`);
});

test('S8 a cold key that wakes because it has many rows shows in nothing', () => {
  const windows: WindowRule['window'][] = [
    { type: 'session', gap: 40, max: 210 },
    { type: 'session', gap: 40, max: 330 },
    { type: 'session', gap: 60, max: 900 },
  ];
  const builder = new ProgramBuilder();
  for (const [i, window] of windows.entries()) {
    const one: UnnamedRule = {
      ...{ kind: 'window', where: null, group_by: ['k1'], window, view: false, emit: 'auto', input: undefined },
      ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 90]] },
    };
    builder.add({ name: `r${i}`, ...one });
  }
  const program = builder.build();
  let found = 0;
  const property = fc.property(fc.integer({ min: 1 }), (seed) => {
    found += foundAlike(program, { seed, count: 900, pace: 1 }, { limits: {}, own_stamps: false });
  });
  fc.assert(property, { numRuns: 40 });
  assert.ok(found > 0);
});
