import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tablesOf } from '../../../ui-api/live/store-tables.ts';
import { programOf } from '../../engine/fold/weir-sql.ts';

test('the store shows a table once, also one that several SELECTs write, with types that all of them have', () => {
  const tables = tablesOf(
    programOf(`CREATE TABLE one AS SELECT count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 1 HOUR;
CREATE TABLE two AS SELECT k, sum(x) AS total FROM events GROUP BY k WINDOW TUMBLING 1 HOUR
UNION ALL SELECT g, sum(f) FROM events GROUP BY g WINDOW TUMBLING 1 DAY;`),
  );
  assert.deepEqual(tables, [
    { name: 'one', key: [{ name: 'k', type: 'string' }], values: [{ name: 'n', type: 'int' }] },
    {
      name: 'two',
      key: [{ name: 'g', type: 'string' }],
      values: [
        { name: 'k', type: 'string' },
        { name: 'total', type: 'float' },
      ],
    },
  ]);
});
