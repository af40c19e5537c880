import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read } from './ask.ts';

const counted = 'SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 2';
const joined = `SELECT a.account_id FROM events AS a JOIN events AS b WITHIN (AFTER 2 MINUTES)
  ON b.account_id = a.account_id WHERE a.event_type = 'from' AND b.event_type = 'a'`;
const rules = `CREATE RULE live SEVERITY low AS ${counted};
CREATE RULE shadowed SEVERITY low MODE shadow AS ${counted};
CREATE RULE signals SEVERITY low MODE signal AS ${counted} RISK 5 ON account account_id HALF LIFE 1 DAY;
CREATE RULE pairs SEVERITY low AS ${joined};`;
const ask = asker(rules, [
  { event_id: 'e0', second: 0, event_type: 'from' },
  { event_id: 'e1', second: 60 },
]);

test('a rule in MODE shadow or signal that fired is said to tell nobody', async () => {
  assert.match(read(await ask('shadowed', 'k')).at(-1) ?? '', /^nobody is told: the rule is in MODE shadow/);
  assert.match(read(await ask('signals', 'k')).at(-1) ?? '', /^nobody is told: the rule is in MODE signal/);
  assert.equal(read(await ask('live', 'k')).at(-1), 'fired at 60 s: detection');
});

test('a key of two tenants is asked about with its tenant, and the hint says how', async () => {
  const events = [
    { event_id: 's0', second: 0, event_type: 'from', tenant_id: 'shop' },
    { event_id: 'b0', second: 0, event_type: 'from', tenant_id: 'bank' },
    { event_id: 's1', second: 60, tenant_id: 'shop' },
  ];
  const of_two = asker(rules, events);
  for (const rule of ['live', 'pairs']) {
    const open = await of_two(rule, 'k');
    assert.ok('error' in open, JSON.stringify(open));
    assert.deepEqual(
      [open.error, open.hint],
      ['k is in 2 tenants', 'say whose is meant: --tenant shop | --tenant bank'],
    );
    const shop = await of_two(rule, 'k', null, 'shop');
    const bank = await of_two(rule, 'k', null, 'bank');
    assert.ok('outcome' in shop && 'outcome' in bank);
    assert.deepEqual([shop.tenant, shop.outcome, bank.tenant], ['shop', 'fired', 'bank']);
    assert.notEqual(bank.outcome, 'fired');
    const none = await of_two(rule, 'k', null, 'shoo');
    assert.ok('error' in none && none.error.endsWith('in tenant shoo'));
  }
});
