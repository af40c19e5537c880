import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../engine/index.ts';
import { batchRowsOf } from '../../../engine/runtime/batch-rows.ts';
import { programOf } from '../fold/weir-sql.ts';

const counted = 'SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 MINUTE HAVING n >= 2';

for (const [title, rules, rows] of [
  ['rows that stay one', `CREATE RULE r AS ${counted};`, limits.batch_rows],
  ['a view', `CREATE RULE r AS WITH v AS (${counted}) SELECT k FROM v;`, limits.batch_rows],
  [
    'a row that makes a pair with each that waits',
    'CREATE RULE r AS SELECT a.k FROM events AS a JOIN events AS b WITHIN (AFTER 1 MINUTE) ON b.k = a.k;',
    limits.growing_batch_rows,
  ],
  [
    'a row that becomes one for each element',
    'CREATE RULE r AS SELECT k, el FROM events CROSS JOIN UNNEST(tags) AS u(el);',
    limits.growing_batch_rows,
  ],
] as const) {
  test(`a batch of ${title}`, () => {
    assert.equal(batchRowsOf(programOf(rules)), rows);
  });
}
