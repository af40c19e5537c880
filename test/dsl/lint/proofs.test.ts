import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { SortedRun } from '../../../engine/index.ts';
import { type CaseEvent, recordsOf } from '../../engine/fold/weir-sql.ts';

const stream = 'CREATE STREAM events (k string, g string, x int, f float) LATENESS 1 SECOND MAX AHEAD 1 DAY;';

const text = fc.constantFrom("'a'", "'b'", "'A'", "'ab'");
const number = fc.constantFrom('0', '1', '2', '3', '-1');
const operator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');

/** A condition on one row. */
const rowTest = fc.oneof(
  fc
    .tuple(fc.constantFrom('k', 'g', 'lower(g)', 'upper(k)', "coalesce(g, 'b')"), operator, text)
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('x', 'abs(x)', 'length(g)', 'x + 1', 'x % 2'), operator, number)
    .map((parts) => parts.join(' ')),
  fc.tuple(fc.constantFrom('f', 'f / x'), operator, fc.constantFrom('0.5', '1.5')).map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('k', 'g'), fc.constantFrom('IN', 'NOT IN'), text, text)
    .map(([a, b, c, d]) => `${a} ${b} (${c}, ${d})`),
  fc.constantFrom(
    'g IS NULL',
    'g IS NOT NULL',
    'x IS NULL',
    "g LIKE 'a%'",
    "g LIKE '%b'",
    "starts_with(g, 'b')",
    "ends_with(g, 'a')",
    "NOT starts_with(g, 'ab')",
    "lower(g) LIKE '%B'",
    'k = g',
    'k < g',
    'x IS DISTINCT FROM 1',
  ),
  fc.constantFrom('CASE WHEN x > 1 THEN 1 ELSE 2 END > 1', 'extract(HOUR FROM timestamp) < 1'),
);

/** A condition on one group. */
const groupTest = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        ...[
          'count(*)',
          'count(x)',
          'count(DISTINCT g)',
          'count(DISTINCT k)',
          'count(DISTINCT x % 2)',
          'max(x)',
          'min(x)',
        ],
        ...['sum(x)', 'sum(abs(x))', 'avg(x)', 'stddev(x)', 'last(x)', 'cardinality(array_agg(g, 2))', 'entropy(g)'],
        ...['count(*) FILTER (WHERE x > 1)', 'count(DISTINCT g) FILTER (WHERE x = 1)', 'count(*) - count(g)'],
        ...[
          'count(*) FILTER (WHERE x > 1) / count(*)',
          'cardinality(top(g, 2))',
          'length(max(g))',
          'approx_percentile(x, 0.5)',
        ],
      ),
      operator,
      number,
    )
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('max(g)', 'first(g)', 'array_agg(g, 2)[1]', 'min(k)', 'any_value(lower(g))'), operator, text)
    .map((parts) => parts.join(' ')),
  fc.constantFrom(
    'max(timestamp) - min(timestamp) > 10 MILLISECONDS',
    'max(timestamp) - min(timestamp) >= 10 MILLISECONDS',
    'max(timestamp) - min(timestamp) >= 9 MILLISECONDS',
    'max(timestamp) > min(timestamp)',
    'max(timestamp) - min(timestamp) < 5 MILLISECONDS',
  ),
  fc.constantFrom(
    'min(x) > max(x)',
    'count(g) > count(*)',
    'last(x) > max(x)',
    'min(f) <= first(f)',
    'sum(x) IS NULL',
    'stddev(x) IS NULL',
  ),
);

function condition(test: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const joined = fc.tuple(test, fc.constantFrom('AND', 'OR'), test).map(([a, b, c]) => `(${a} ${b} ${c})`);
  const one = fc.oneof(
    { weight: 4, arbitrary: test },
    joined,
    test.map((a) => `NOT (${a})`),
  );
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((list) => list.join(' AND '));
}

const rule = fc.tuple(
  condition(rowTest),
  condition(groupTest),
  fc.constantFrom(
    'SLIDING 10 MILLISECONDS',
    'TUMBLING 10 MILLISECONDS',
    'SESSION GAP 4 MILLISECONDS MAX 10 MILLISECONDS',
  ),
);

const event = fc.tuple(
  fc.integer({ min: 0, max: 40 }),
  fc.record({
    k: fc.constantFrom('a', 'b', 'A'),
    g: fc.constantFrom('a', 'b', 'A', 'ab', undefined),
    x: fc.constantFrom(-1, 0, 1, 2, 3, null),
    f: fc.constantFrom(0.5, 1.5, undefined),
  }),
);

test('what lint says can never fire does not, and what fires at the first event does, on random rules and events', () => {
  const found = { never: 0, first: 0, silent: 0 };
  const property = fc.property(
    rule,
    fc.array(event, { minLength: 12, maxLength: 30 }),
    ([where, having, window], events) => {
      const rules = `CREATE RULE r AS SELECT k FROM events WHERE ${where} GROUP BY k WINDOW ${window} HAVING ${having};
      CREATE VIEW seen AS SELECT k FROM events WHERE ${where};
      CREATE RULE every AS SELECT k FROM seen;`;
      const { plan, diagnostics } = compile([{ path: 'r.sql', text: `${stream}\n${rules}` }]);
      if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
      const ofRule = diagnostics.filter(
        ({ place }) => (place?.offset ?? 0) < stream.length + rules.indexOf('CREATE VIEW'),
      );
      const codes = ofRule.map(({ code }) => code);
      const run = new SortedRun(buildProgram(plan));
      for (const record of recordsOf(events as CaseEvent[])) run.add(record);
      const detections = [...run.finish()].flat();
      const fired = detections.filter((one) => one.rule === 'r');
      if (codes.includes('W0302')) {
        found.never++;
        assert.deepEqual(fired, [], rules);
      } else if (codes.includes('W0301')) {
        found.first++;
        const timesOf = (rule: string) =>
          detections.filter((one) => one.rule === rule).map(({ values, decided_at }) => [values[0], decided_at]);
        const first = new Map(timesOf('every').reverse() as [string, number][]);
        const decided = timesOf('r').map(([k, at]) => `${k}@${at}`);
        for (const [k, at] of first) assert.ok(decided.includes(`${k}@${at}`), rules);
      } else found.silent++;
    },
  );
  fc.assert(property, {
    numRuns: Number(process.env.WEIRTEST_LINT_RUNS ?? 600),
    seed: Number(process.env.WEIRTEST_LINT_SEED ?? Date.now() % 1_000_000_007),
  });
  assert.ok(found.never > 50 && found.first > 0 && found.silent > 50, JSON.stringify(found));
});

test('a key keeps so many rows that a count reaches 100,000 and not one more, which lint knows', () => {
  for (const window of ['SLIDING 10 MINUTES', 'TUMBLING 10 MINUTES']) {
    const rules = [100_000, 100_001].map((least, i) => {
      return `CREATE RULE r${i} AS SELECT k FROM events GROUP BY k WINDOW ${window} HAVING count(*) >= ${least};`;
    });
    const { plan, diagnostics } = compile([{ path: 'r.sql', text: `${stream}\n${rules.join('\n')}` }]);
    assert.notEqual(plan, null);
    assert.equal(diagnostics.filter(({ code }) => code === 'W0302').length, 1, window);
    const run = new SortedRun(buildProgram(plan as NonNullable<typeof plan>));
    for (const record of recordsOf(Array.from({ length: 100_010 }, (_, i) => [i, { k: 'a' }] as const)))
      run.add(record);
    const rulesFired = new Set([...run.finish()].flat().map(({ rule }) => rule));
    assert.deepEqual([...rulesFired], ['r0'], window);
  }
});
