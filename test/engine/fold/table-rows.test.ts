import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import type { TableRow } from '../../../engine/detection.ts';
import type { Emission } from '../../../engine/fold/emission.ts';
import { TableRows } from '../../../engine/fold/table-rows.ts';

test('200,000 windows of a table may end at once', () => {
  const text = `CREATE STREAM events;
    CREATE TABLE per_ip AS SELECT actor.ip, count(*) AS n FROM events GROUP BY actor.ip WINDOW TUMBLING 1 HOUR;
    CREATE RULE many AS SELECT ip, n FROM per_ip WHERE n > 100;`;
  const { plan } = compile([{ path: 'table.sql', text }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  const operator = program.operators.findIndex(({ table }) => table === 'per_ip');
  const emission: Emission = {
    ...{ operator, spec: program.operators[operator], time: 3_599_999, stamp: 3_599_999, at_end: 2, root: 0 },
    ...{ tenant: 'default', anchor: { window_start: 0 }, window: { start: 0, end: 3_600_000 }, values: [1] },
    ...{ first_event_at: 0, last_event_at: 0, evidence: [], evidence_total: 1, continues: false, event_id: '' },
    ...{ row: 0, key: [] },
  };
  let count = 0;
  let last: TableRow | null = null;
  const rows = new TableRows(program, (row) => {
    count++;
    last = row;
  });
  const emissions = Array.from({ length: 200_000 }, (_, row) => ({ ...emission, row, key: [row] }));
  rows.add(operator, emissions);
  rows.give({ end: 0, until: Number.POSITIVE_INFINITY, reached: 0, isLast: true });
  assert.equal(count, emissions.length);
  assert.deepEqual((last as TableRow | null)?.key, [199_999]);
});
