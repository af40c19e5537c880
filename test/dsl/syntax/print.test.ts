import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, printTokens, printTree } from '../../../dsl/index.ts';
import type { ParsedFile } from '../../../dsl/syntax/parse.ts';

const file = {
  path: 'r.sql',
  text: `CREATE RULE r TITLE 'it''s' AS -- comment
SELECT account_id, -count(*) AS "n" FROM events WINDOW SLIDING 5 MINUTES;`,
};

test('tokens with their places', () => {
  const { parsed } = compile([file]);
  assert.deepEqual(
    printTokens(parsed[0] as ParsedFile, file)
      .split('\n')
      .slice(0, 8),
    [
      '1:1     CREATE      CREATE',
      '1:8     RULE        RULE',
      '1:13    Identifier  r',
      '1:15    TITLE       TITLE',
      "1:21    Text        'it''s'",
      '1:29    AS          AS',
      '2:1     SELECT      SELECT',
      '2:8     Identifier  account_id',
    ],
  );
});

test('the syntax tree, indented', () => {
  const { parsed } = compile([file]);
  assert.equal(
    printTree(parsed[0]?.statements ?? []),
    `rule name=r
  select:
    items:
      item
        expression: name parts=account_id
      item alias=n
        expression: negate
          argument: call name=count star=true
    from: name=events
    window: sliding
      size: duration digits="5" unit="MINUTES"
  header:
    title
      text: text value="it's"
`,
  );
});
