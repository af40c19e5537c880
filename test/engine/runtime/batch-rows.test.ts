import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../engine/index.ts';
import { batchRowsOf } from '../../../engine/runtime/batch-rows.ts';
import { programOf } from '../fold/weir-sql.ts';

const counted = (window: string) => `SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= 2`;
const [few, many] = ['HOPPING 128 SECONDS ADVANCE BY 1 SECOND', 'HOPPING 129 SECONDS ADVANCE BY 1 SECOND'];

for (const [title, rules, rows] of [
  ['windows that are one for an event', `CREATE RULE r AS ${counted('SLIDING 1 MINUTE')};`, limits.batch_rows],
  ['a view of few windows', `CREATE RULE r AS WITH v AS (${counted(few)}) SELECT k FROM v;`, limits.batch_rows],
  ['a view of many windows', `CREATE RULE r AS WITH v AS (${counted(many)}) SELECT k FROM v;`, limits.piece_rows],
  ['a table of many windows', `CREATE TABLE t AS ${counted(many)};`, limits.piece_rows],
  ['a rule that tells one of many windows', `CREATE RULE r AS ${counted(many)};`, limits.batch_rows],
  [
    'a rule that goes on in each of them',
    `CREATE RULE r AS ${counted(many)} EMIT AT END UPDATE AT END;`,
    limits.piece_rows,
  ],
] as const) {
  test(`a batch of ${title} has ${rows} rows, and less where it is sent`, () => {
    const program = programOf(rules);
    assert.equal(batchRowsOf(program), rows);
    assert.equal(batchRowsOf(program, true), limits.sent_batch_rows);
  });
}
