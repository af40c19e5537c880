import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

const body = 'AS SELECT account_id FROM events';
const lookup = "CREATE LOOKUP n (account_id string PRIMARY KEY) WITH (source = 'n.csv')";
const exception = "CREATE EXCEPTION n FOR r IGNORE WHERE account_id = 'a' VALID TO '2027-06-30' BECAUSE 'a load test'";
const callable = 'CREATE FUNCTION n(a int) RETURNS int AS a + 1';
const table =
  'CREATE TABLE n AS SELECT account_id, count(*) AS c FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR';

/** The statement that stands first, the second one, and what is said of the second one. */
const pairs: readonly (readonly [string, string, string])[] = [
  [`CREATE RULE n ${body}`, `CREATE RULE n ${body}`, 'there is already a rule named n'],
  [`CREATE VIEW n ${body}`, `CREATE RULE n ${body}`, 'there is already a view named n'],
  [table, `CREATE VIEW n ${body}`, 'there is already a table named n'],
  [lookup, lookup, 'there is already a lookup named n'],
  [lookup, `CREATE RULE n ${body}`, 'there is already a lookup named n'],
  [callable, callable, 'there is already a function named n'],
  [exception, exception, 'there is already an exception named n'],
  ['CREATE STREAM events LATENESS 5 SECONDS', 'CREATE STREAM events LATENESS 9 SECONDS', 'a second CREATE STREAM'],
];

for (const [first, second, message] of pairs) {
  test(`${message}: where it stands is said, for ${first.slice(0, 16)}, ${second.slice(0, 16)}`, () => {
    const rule = `CREATE RULE r ${body} WHERE event_type = 'login';\n`;
    // An emoji counts as one column, and the name stands behind the words that declare it.
    const before = `${rule}\n/* 😀 */ `;
    const name = / (n|events)\b/.exec(first)?.index as number;
    const column = [...'/* 😀 */ '].length + name + 2;
    const files = [
      { path: 'a.sql', text: `${before}${first};\n` },
      { path: 'b.sql', text: `${second};\n` },
    ];
    const found = compile(files).diagnostics.filter(({ code }) => code === 'W0101');
    const place = `a.sql:3:${column}`;
    assert.deepEqual(
      found.map((one) => [one.message, one.place?.path, one.hints]),
      [[message, 'b.sql', [`the other one stands in ${place}`]]],
    );
  });
}

test('a second statement of one file is told the line of the first as well', () => {
  const text = `CREATE VIEW n ${body};\nCREATE VIEW n ${body};\nCREATE RULE events ${body};\n`;
  const found = compile([{ path: 'a.sql', text }]).diagnostics.filter(({ code }) => code === 'W0101');
  assert.deepEqual(
    found.map(({ message, hints }) => [message, hints]),
    [
      ['there is already a view named n', ['the other one stands in a.sql:1:13']],
      // Nobody wrote it.
      ['there is already a stream named events', []],
    ],
  );
});
