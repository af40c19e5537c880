import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

/** Messages of the errors in a rule; the whole texts are goldens. */
function errors(rule: string): string[] {
  const { plan, diagnostics } = compile([{ path: 'r.sql', text: rule }]);
  const messages = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  assert.equal(plan === null, messages.length > 0);
  return messages;
}

test('S3 rules cannot read received_at or the clock', () => {
  const where = (condition: string) => errors(`CREATE RULE r AS SELECT account_id FROM events WHERE ${condition};`);
  assert.deepEqual(where('received_at - timestamp > 5 MINUTES'), ['rules cannot read received_at']);
  assert.deepEqual(where('timestamp > now() - 15 MINUTES'), ['rules cannot read the clock']);
  for (const clock of ['current_timestamp()', 'current_date()']) assert.equal(where(`timestamp > ${clock}`).length, 1);
  assert.deepEqual(where("timestamp > '2026-01-01T00:00:00Z'::timestamp"), []);
});

const grouped = (window: string, more: string) =>
  errors(`CREATE RULE r AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
    WINDOW ${window} HAVING n >= 2 ${more};`);

test('S8 EMIT AT END on SLIDING is refused', () => {
  assert.deepEqual(grouped('SLIDING 5 MINUTES', 'EMIT AT END'), [
    'EMIT AT END needs a window that has an end: TUMBLING, HOPPING or SESSION',
  ]);
  assert.deepEqual(grouped('TUMBLING 5 MINUTES', 'EMIT AT END'), []);
});

test('S13 RESET is for SLIDING only', () => {
  assert.equal(grouped('TUMBLING 5 MINUTES', 'SUPPRESS BY account_id FOR 1 HOUR RESET').length, 1);
  assert.deepEqual(grouped('SLIDING 5 MINUTES', 'SUPPRESS BY account_id FOR 1 HOUR RESET'), []);
});
