import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read } from './ask.ts';

const rules = `CREATE LOOKUP roles (account_id string PRIMARY KEY, role string) WITH (source = 'roles.csv');
CREATE TABLE hourly AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'a'
GROUP BY account_id WINDOW TUMBLING 1 HOUR RETENTION 2 HOURS;
CREATE RULE with_table SEVERITY low AS SELECT e.account_id, h.n AS n FROM events AS e
LEFT JOIN hourly AS h ON h.account_id = e.account_id WHERE e.event_type = 'q';
CREATE RULE with_role SEVERITY low AS SELECT e.account_id, r.role AS role FROM events AS e
LEFT JOIN roles AS r ON r.account_id = e.account_id WHERE e.event_type = 'q';`;
const ask = asker(rules, [
  { event_id: 'a0', second: 0 },
  { event_id: 'a1', second: 60 },
  { event_id: 'q0', second: 120, event_type: 'q' },
  { event_id: 'q1', second: 3600, event_type: 'q' },
]);

test('LEFT JOIN of a table shows what it has beside the event, or that it has no row', async () => {
  assert.equal(read(await ask('with_table', 'q0'))[1], 'LEFT JOIN hourly AS h | no row | NULL in SELECT');
  assert.equal(read(await ask('with_table', 'q1'))[1], 'LEFT JOIN hourly AS h | n 2');
});

test('LEFT JOIN of a lookup shows that it has no row for the key', async () => {
  assert.equal(read(await ask('with_role', 'q0'))[1], 'lookup roles for account_id | no row | NULL in SELECT');
});
