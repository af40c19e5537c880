import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letterRow } from '../../../connectors/clickhouse/log-rows.ts';
import { unreadableRecord } from '../../../engine/index.ts';

const place = { source: 'here', log_position: 7, verdict_position: 9 };
const bytes = new TextEncoder().encode('{"filler":"xxx');

test('a letter of what no codec read, or of what is over the limit, shows the text of the source', () => {
  for (const [reason, form] of [
    ['bad_line', {}],
    ['too_large', { reason: 'too_large', length: 300_000 }],
  ] as const) {
    const made = unreadableRecord({ message: 'no', line: 1, record: null, bytes, ...form });
    const record = { partition: 'p', position: 12, received_at: 1_767_571_200_000, bytes: made };
    const row = letterRow(place, record, `${reason}: no (line 1)`);
    assert.deepEqual([row.reason, row.message, row.text], [reason, 'no (line 1)', '{"filler":"xxx']);
  }
});

test('a record that is too large by itself is shown as it came', () => {
  const record = { partition: 'p', position: 12, received_at: 1_767_571_200_000, bytes, length: 300_000 };
  assert.equal(letterRow(place, record, 'too_large: it is').text, '{"filler":"xxx');
});
