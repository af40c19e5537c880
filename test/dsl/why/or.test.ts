import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read } from './ask.ts';

const rules = `CREATE RULE either SEVERITY low PARAM a int = 3 IN 1 TO 9 PARAM b int = 4 IN 1 TO 9 AS
SELECT account_id, count(*) AS n, count(DISTINCT actor.ip) AS ips FROM events
GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n >= :a AND (ips >= 2 OR n >= :b);
CREATE RULE one SEVERITY low AS SELECT account_id FROM events WHERE event_type = 'b' OR platform = 'p' AND account_id = 'z';`;
const ip = { actor: { ip: '1.1.1.1' } };
const ask = asker(rules, [
  { event_id: 'e0', second: 0, ...ip },
  { event_id: 'e1', second: 60, ...ip },
  { event_id: 'e2', second: 120, ...ip },
  { event_id: 'z0', second: 120, account_id: 'z' },
]);

test('an OR in HAVING shows each of its sides, and the PARAM in it that would have made the rule fire', async () => {
  assert.deepEqual(read(await ask('either', 'k')), [
    'events of the key | 3',
    'count(*) >= 3 | 3 / 3',
    'count(DISTINCT actor.ip) >= 2 OR count(*) >= 4 | false | ← not true',
    '  count(DISTINCT actor.ip) >= 2 | 1 / 2 | ← one short of 2',
    '  count(*) >= 4 | 3 / 4 | ← one short of 4',
    'did not fire: HAVING was not true',
    'would have fired with b = 3 (now 4)',
  ]);
});

test('an AND in an OR is taken apart, too; where one side is true nothing points at the others', async () => {
  const [whole, ...sides] = read(await ask('one', 'z'));
  assert.match(whole, / \| true \| true$/);
  assert.deepEqual(sides.slice(0, 4), [
    "  event_type = 'b' | a | not true",
    "  platform = 'p' AND account_id = 'z' | true | true",
    "    platform = 'p' | p | true",
    "    account_id = 'z' | z | true",
  ]);
});
