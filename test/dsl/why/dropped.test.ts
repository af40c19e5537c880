import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read } from './ask.ts';

const of_a = 'SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 DAY';
const rules = `CREATE RULE capped SEVERITY low AS ${of_a} HAVING n >= 2 STATE MAX 256 KEYS;
CREATE RULE high SEVERITY low AS ${of_a} HAVING n >= 3 STATE MAX 100000 KEYS;`;
const others = Array.from({ length: 600 }, (_, i) => ({ event_id: `o${i}`, second: 1 + i, account_id: `o${i}` }));
const ask = asker(rules, [{ event_id: 'k0', second: 0 }, ...others, { event_id: 'k1', second: 1000 }]);

test('a window that STATE MAX took rows from, and that did not fire for it, is told so, with what it would have held', async () => {
  const lines = read(await ask('capped', 'k'));
  assert.ok(lines.includes('count(*) >= 2 | 1 / 2 | ← one short of 2'), lines.join('\n'));
  assert.deepEqual(lines.slice(-2), [
    'STATE MAX 256 KEYS dropped rows of this key to make room for other keys: with all of them n 2 / 2, and HAVING is true',
    'give it more keys, or let fewer pass WHERE',
  ]);
});

test('a window that no bound took rows from is told of none', async () => {
  const lines = read(await ask('high', 'k'));
  assert.equal(lines.at(-1), 'did not fire: HAVING was not true');
});
