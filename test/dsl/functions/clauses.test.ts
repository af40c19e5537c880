import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ClauseGroup, clauseHelp } from '../../../dsl/functions/clause-help.ts';
import { clausePage, clausesOf } from '../../../dsl/functions/clause-page.ts';
import { compile, renderDiagnostics } from '../../../dsl/index.ts';
import { contextual, reserved } from '../../../dsl/syntax/tokens.ts';

const counted = 'SELECT account_id, count(*) AS failures, count(*) AS n FROM events GROUP BY account_id';

/** The statement in which a clause stands. */
const frames: Record<ClauseGroup, (example: string) => string> = {
  Statements: (text) => text,
  'Head of a rule': (text) => `CREATE RULE r ${text} AS ${counted} WINDOW SLIDING 1 HOUR HAVING failures >= 9;`,
  SELECT: (text) => `CREATE RULE r AS ${text};`,
  Windows: (text) => `CREATE RULE r AS ${counted} ${text} HAVING n = 0 OR n > 9;`,
  'Behind the SELECT': (text) =>
    `CREATE RULE r AS ${counted} WINDOW ${text === 'EMIT AT END' ? 'TUMBLING' : 'SLIDING'} 1 HOUR HAVING failures >= 9 ${text};`,
};
const beside = `CREATE LOOKUP vips (account_id string PRIMARY KEY, owner string) WITH (source = 'vips.csv');
CREATE TABLE counted AS ${counted} WINDOW TUMBLING 1 HOUR;`;
const sharing = "CREATE STREAM events SHARING TENANTS 'a', 'b';";

for (const { group, syntax, example } of clauseHelp) {
  test(`the example of ${syntax} compiles`, () => {
    const statement = frames[group](example);
    const stream = syntax === 'ACROSS TENANTS' ? [sharing] : [];
    const files = [...stream, beside, statement].map((text, i) => ({ path: `${i}.sql`, text }));
    const { diagnostics } = compile(files);
    const errors = diagnostics.filter(({ severity, code }) => severity === 'error' || code === 'W0302');
    assert.equal(renderDiagnostics(errors, files, { color: false }), '', statement);
    const words = (text: string) =>
      [...text.replaceAll(/'[^']*'/g, ' ').matchAll(/\b[A-Z]{2,}\b/g)].map(([word]) => word);
    const [first] = words(syntax);
    assert.ok(words(example).includes(first as string), `${first} stands in its example`);
  });
}

test('rules/clauses.md is current: npm run reference writes it; a row has three cells', () => {
  const page = readFileSync(new URL('../../../rules/clauses.md', import.meta.url), 'utf8');
  assert.equal(page, clausePage(), 'run npm run reference');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  assert.equal(rows.length, clauseHelp.length);
  for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 5, row);
});

test('every word of the language stands in it, but for those of conditions, which are in the reference', () => {
  const conditions = [
    'AND',
    'OR',
    'NOT',
    'IS',
    'NULL',
    'TRUE',
    'FALSE',
    'BETWEEN',
    'LIKE',
    'ILIKE',
    'DISTINCT',
    'CAST',
    'EXTRACT',
  ];
  // INTERVAL stands at the top of the page; ORDER BY and LIMIT are there to be refused.
  const others = ['INTERVAL', 'ORDER', 'LIMIT'];
  const said = clauseHelp.map(({ syntax, example }) => `${syntax} ${example}`).join(' ');
  const missing = [...Object.keys(reserved), ...Object.keys(contextual)].filter(
    (word) => ![...conditions, ...others].includes(word) && !new RegExp(`\\b${word}\\b`).test(said),
  );
  assert.deepEqual(missing, []);
});

test('a word finds its clauses, in any case of letters; what is in quotes is none', () => {
  assert.deepEqual(
    clausesOf('sliding').map(({ syntax }) => syntax),
    ['WINDOW SLIDING n UNIT'],
  );
  assert.ok(clausesOf('WITHIN').length >= 3);
  assert.equal(clausesOf('with empty').length, 2);
  assert.deepEqual(clausesOf('zone').length, 1);
  assert.deepEqual(clausesOf('T'), []);
  assert.deepEqual(clausesOf(''), []);
});
