import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregateNames } from '../../../dsl/check/aggregates.ts';
import { foreignFunctions } from '../../../dsl/check/foreign-functions.ts';
import { functions } from '../../../dsl/functions/index.ts';
import { compile } from '../../../dsl/index.ts';

/** Code and message of the first diagnostic; the whole texts of the common ones are goldens. */
function first(text: string): string {
  const [diagnostic] = compile([{ path: 'r.sql', text }]).diagnostics;
  return diagnostic === undefined ? 'none' : `${diagnostic.code} ${diagnostic.message}`;
}

const select = 'SELECT account_id, count(*) AS n FROM events';
const windowed = (rest: string, list = 'account_id, count(*) AS n') =>
  first(`CREATE RULE r AS SELECT ${list} FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR ${rest};`);

test('every construct of a later version is refused by its name', () => {
  const rules: [string, string][] = [
    [
      `CREATE RULE r AS ${select} WINDOW SLIDING 1 DAY HAVING lag(n, 1) OVER (LAST 3 WINDOWS) > 2`,
      'OVER (history and statistics per key)',
    ],
    [`CREATE RULE r AS ${select} WINDOW SLIDING 1 DAY HAVING anomaly(n, method => 'x') > 1`, 'named arguments'],
    [
      'CREATE RULE r AS SELECT x FROM events CROSS JOIN UNNEST(details.x) WITH ORDINALITY AS t(x, n)',
      'WITH ORDINALITY',
    ],
    ['CREATE STREAM logins (a string)', 'a stream named logins'],
  ];
  for (const [text, construct] of rules) assert.equal(first(`${text};`), `W0010 not yet: ${construct}`, text);
});

test('aggregates: where they can stand and what they take', () => {
  assert.match(windowed('HAVING sum(*) > 1'), /W0202 sum\(\*\) means nothing/);
  assert.match(windowed('HAVING min(DISTINCT net.asn) > 1'), /W0202 DISTINCT/);
  assert.match(windowed('HAVING count() > 1'), /W0202 count takes one column, not 0/);
  assert.match(windowed('HAVING count(*) FILTER (WHERE count(*) > 1) > 1'), /W0210 an aggregate inside FILTER/);
  assert.match(windowed('', 'array_agg(account_id, 1000) AS a'), /W0202 array_agg keeps at most 100 values, not 1000/);
  assert.match(windowed('', 'array_agg(account_id, net.asn) AS a'), /W0202 how many values array_agg keeps/);
  assert.match(windowed('', 'top(account_id, 0) AS a'), /W0202 how many values top keeps/);
  assert.match(windowed('', 'approx_percentile(net.asn, net.asn) AS a'), /W0202 approx_percentile takes a share/);
  assert.match(windowed('', 'approx_percentile(net.asn, 0 - 0.1) AS a'), /W0202 approx_percentile takes a share/);
  assert.match(windowed('', 'entropy(account_id, 2) AS a'), /W0202 entropy takes one column, not 2/);
  assert.match(windowed('HAVING lower(DISTINCT account_id) = 1'), /W0202 DISTINCT is for aggregates/);
  assert.match(windowed('HAVING net.asn > 1'), /W0212/);
  assert.match(first('CREATE RULE r AS SELECT window_start FROM events'), /W0210 window_start is not known in SELECT/);
});

test('types: what cannot be compared, added, cast or chosen between', () => {
  const where = (condition: string) => first(`CREATE RULE r AS SELECT account_id FROM events WHERE ${condition};`);
  assert.match(where('timestamp + 5 > timestamp'), /W0201 a timestamp and an int cannot be added/);
  assert.match(where("timestamp > 'yesterday'"), /W0204 'yesterday' is no time/);
  assert.match(where("geo.lat::timestamp > 'x'"), /W0201/);
  assert.match(where("'abc'::int = 1"), /W0204 'abc' is no int/);
  assert.match(where('account_id::text = 1'), /W0105 there is no type `text`/);
  assert.match(where("CASE WHEN TRUE THEN 1 ELSE 'x' END = 1"), /W0201 CASE gives an int in one branch and a string/);
  assert.match(where('details.a = details.b'), /W0203/);
  assert.match(where('lower(details.a) = 1'), /W0203/);
  assert.match(where('details.a'), /W0206/);
  assert.match(where("details.ip IN '10.0.0.0/8' AND net.asn"), /W0206/);
  assert.match(where('extract(FORTNIGHT FROM timestamp) = 1'), /W0202/);
  assert.match(where("extract(HOUR FROM timestamp AT TIME ZONE 'Mars/Olympus') = 1"), /W0202/);
  assert.match(where('-account_id = 1'), /W0201/);
  assert.match(where('account_id.x() = 1'), /W0104/);
});

test('a comparison of details with a number holds for any JSON number, with a text only for texts', () => {
  const { plan } = compile([
    {
      path: 'r.sql',
      text: "CREATE RULE r AS SELECT account_id FROM events WHERE details.n > 5 AND details['a.b'] IN ('x') AND details.c::int = 3",
    },
  ]);
  assert.deepEqual(
    plan?.operators[0]?.where.map((condition) => {
      const column =
        condition.kind === 'call' ? condition.arguments[0] : condition.kind === 'in' ? condition.argument : null;
      return column?.kind === 'column' && [column.name, column.path, column.type, column.conversion];
    }),
    [
      ['details.n', ['details', 'n'], 'float', 'literal'],
      ["details['a.b']", ['details', 'a.b'], 'string', 'literal'],
      ['details.c', ['details', 'c'], 'int', 'cast'],
    ],
  );
});

test('a fault of the stream is said once and its defaults stand in', () => {
  assert.match(first('CREATE STREAM events (a string, a int)'), /W0109/);
  assert.match(first('CREATE STREAM events (a duration)'), /W0105/);
  assert.match(first('CREATE STREAM events LATENESS 8 DAYS'), /W0220/);
  assert.match(first('CREATE STREAM events; CREATE STREAM events'), /W0101 a second CREATE STREAM/);
  assert.match(first('CREATE STREAM events (details.x string)'), /W0220/);
});

test('functions of other systems are answered with what to write, and hide none of the language', () => {
  const known = new Set([...functions.keys(), ...aggregateNames]);
  assert.deepEqual(
    [...foreignFunctions.keys()].filter((name) => known.has(name)),
    [],
  );
  // Every function that an answer names is one.
  for (const answer of foreignFunctions.values()) {
    for (const [, name] of answer.matchAll(/\b([a-z_]+)\(/g))
      assert.ok(known.has(name as string) || name === 'any', answer);
  }
});
