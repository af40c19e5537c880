import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read, start_ms } from './ask.ts';

const of_a = 'SELECT account_id, count(*) AS n FROM events GROUP BY account_id';
const rules = `CREATE RULE hour SEVERITY low AS ${of_a} WINDOW TUMBLING 1 HOUR HAVING n >= 3;
CREATE RULE hop SEVERITY low AS ${of_a} WINDOW HOPPING 15 MINUTES ADVANCE BY 5 MINUTES HAVING n >= 3;
CREATE RULE rst SEVERITY low AS ${of_a} WINDOW SLIDING 1 HOUR HAVING n >= 2
  SUPPRESS BY account_id FOR 5 MINUTES RESET;
CREATE RULE elements SEVERITY low AS SELECT account_id, count(DISTINCT r) AS n FROM events
  CROSS JOIN UNNEST(details.to) AS t(r) GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 3;
CREATE RULE pairs SEVERITY low AS SELECT a.account_id FROM events AS a
  JOIN events AS b WITHIN (AFTER 2 MINUTES) ON b.account_id = a.account_id
  WHERE a.event_type = 'from' AND b.event_type = 'a';`;
const ask = asker(
  rules,
  [0, 60, 120, 660, 720].map((second, i) => ({
    ...{ event_id: `e${i}`, second },
    event_type: i === 0 ? 'from' : 'a',
    details: i === 3 ? { to: ['x', 'y', 'z', 'w'] } : {},
  })),
);

test('a window that has an end shows what it held when it fired, and how many rows came after', async () => {
  const lines = [
    'events of the key | 3',
    'count(*) >= 3 | 3 / 3',
    'fired at 120 s: detection',
    'the figures are those at the firing; 2 more rows passed WHERE in the window after it',
  ];
  assert.deepEqual(read(await ask('hour', 'k')), lines);
  // An event behind the firing is of the same window.
  assert.equal(read(await ask('hour', 'e4'))[1], 'count(*) >= 3 | 3 / 3');
});

test('without a time the window of HOPPING is that of the last firing', async () => {
  const answer = await ask('hop', 'k');
  assert.ok(!('error' in answer) && answer.outcome === 'fired');
  const { window, firing, conditions } = answer;
  assert.ok(firing !== null && firing.at_ms >= window.from_ms && firing.at_ms <= window.to_ms);
  assert.deepEqual([firing.at_ms - start_ms, window.from_ms - start_ms, conditions[0].left], [120_000, -600_000, 3]);
});

test('RESET: HAVING shows what came since the firing before, as the detection has it', async () => {
  const lines = read(await ask('rst', 'k'));
  assert.equal(lines[1], 'count(*) >= 2 | 2 / 2');
  assert.match(lines.at(-1) ?? '', /^RESET empties the window at each firing: HAVING was asked of what came since/);
});

test('of several elements of one event the one that made HAVING true is shown', async () => {
  assert.equal(read(await ask('elements', 'k'))[1], 'count(DISTINCT r) >= 3 | 3 / 3');
});

test('a left row that fired with several right rows names each detection', async () => {
  assert.deepEqual(read(await ask('pairs', 'k')).slice(-2), [
    'fired at 120 s: detection',
    'also fired, with another right row, at 60 s: detection',
  ]);
});
