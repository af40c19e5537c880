import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asStoreTakesIt, meantBy } from '../../../ui-api/cli/sql-help.ts';

const columns = async (name: string): Promise<string[]> =>
  name === 'events' ? ['timestamp', 'account_id', 'actor_ip'] : [];
const unknown = (name: string) => `Unknown expression identifier \`${name}\` in scope SELECT`;

test('DESCRIBE of a view with a value is one of a query; every other statement stays as it is', () => {
  const query = "DESCRIBE (SELECT * FROM account_timeline(account = ''))";
  for (const text of [
    'DESCRIBE account_timeline',
    "desc table account_timeline(account='x')",
    ' DESCRIBE account_timeline ',
  ]) {
    assert.equal(asStoreTakesIt(text), query);
  }
  assert.equal(asStoreTakesIt('DESCRIBE alert_events'), "DESCRIBE (SELECT * FROM alert_events(alert = ''))");
  for (const text of ['DESCRIBE events', 'DESCRIBE url(1)', "SELECT * FROM account_timeline(account = 'x')"]) {
    assert.equal(asStoreTakesIt(text), text);
  }
});

test('a misspelt statement is told as that, one that writes is not', async () => {
  const denied = 'weir_reader may only read: SELEC is not allowed.';
  assert.deepEqual(await meantBy(497, denied, 'SELEC 1', columns), {
    message: 'there is no statement SELEC',
    hint: 'did you mean SELECT?',
  });
  assert.match((await meantBy(497, denied, 'hello', columns))?.hint ?? '', /begins with SELECT, WITH/);
  assert.equal(await meantBy(497, denied, 'DROP TABLE events', columns), null);
});

test('a value without its name, a path, an unknown column: what is written instead', async () => {
  const unset = 'Substitution `account` is not set.';
  const hint = async (code: number, message: string, statement: string) =>
    (await meantBy(code, message, statement, columns))?.hint ?? null;
  assert.equal(await hint(456, unset, "SELECT * FROM account_timeline('x')"), "write account_timeline(account = 'x')");
  assert.equal(await hint(456, unset, 'SELECT {account:String}'), null);
  assert.equal(await hint(47, unknown('actor.ip'), 'SELECT actor.ip FROM events'), 'here it is actor_ip');
  assert.equal(
    await hint(47, unknown('nonsense'), 'SELECT nonsense\nFROM events'),
    'columns of events: timestamp, account_id, actor_ip',
  );
  assert.equal(await hint(47, unknown('nonsense'), 'SELECT nonsense FROM nowhere'), null);
  assert.equal(await hint(62, 'Syntax error', 'SELECT'), null);
});
