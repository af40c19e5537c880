import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker, read } from './ask.ts';

const rules = `CREATE RULE pairs SEVERITY low AS SELECT a.account_id, count(*) AS pairs FROM events AS a
JOIN events AS b WITHIN (AFTER 5 MINUTES) ON b.account_id = a.account_id
WHERE a.event_type = 'pa' AND b.event_type = 'pb' GROUP BY a.account_id WINDOW SLIDING 1 HOUR HAVING pairs >= 2;
CREATE RULE alone SEVERITY low AS SELECT a.account_id, count(*) AS n FROM events AS a WHERE a.event_type = 'pa'
AND NOT EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = a.account_id AND s.event_type = 'pb'
  WITHIN (AFTER 10 MINUTES)) GROUP BY a.account_id WINDOW SLIDING 1 HOUR HAVING n >= 2;`;
const ask = asker(rules, [
  { event_id: '1', second: 0, event_type: 'pa' },
  { event_id: '2', second: 360, event_type: 'pb' },
  { event_id: '3', second: 420, event_type: 'pa' },
  { event_id: '4', second: 480, event_type: 'pb' },
  { event_id: '6', second: 480, event_type: 'pa', account_id: 'm' },
]);

test('a window over a JOIN shows the left row that found no partner, and by how much', async () => {
  assert.deepEqual(read(await ask('pairs', 'k')), [
    'rows of a JOIN b of the key | 1',
    'count(*) >= 2 | 1 / 2 | ← one short of 2',
    'a row that gave none: 1 of 0 s',
    "a.event_type = 'pa' | pa | true",
    'JOIN events AS b within 5 minutes after',
    '  events of the same account_id nearby | 3',
    '  in reach of WITHIN | 0',
    "  b.event_type = 'pb' | 0",
    'did not fire: HAVING was not true',
    'of 1: no partner: nothing matches JOIN events AS b within 5 minutes after',
    'of 1: nearest in time: the event at 360 s would match, 1 minute too late',
  ]);
});

test('a key, or an event, of which no row came as far as GROUP BY is asked of the join', async () => {
  for (const subject of ['m', '6']) {
    const lines = read(await ask('pairs', subject));
    assert.deepEqual(lines.slice(-3), [
      "  b.event_type = 'pb' | 0",
      'did not fire: it gave no row for the window',
      'no partner: nothing matches JOIN events AS b within 5 minutes after',
    ]);
  }
  const late = read(await ask('pairs', '1'));
  assert.equal(late.at(-1), 'nearest in time: the event at 360 s would match, 1 minute too late');
});

test('an event that NOT EXISTS kept out of the window is told what stood against it', async () => {
  assert.deepEqual(read(await ask('alone', '1')), [
    "event_type = 'pa' | pa | true",
    'NOT EXISTS events AS s within 10 minutes after',
    '  events of the same account_id nearby | 3',
    '  in reach of WITHIN | 3',
    "  s.event_type = 'pb' | 2",
    'did not fire: it gave no row for the window',
    'NOT EXISTS was not true: 2 rows match',
  ]);
});

test('either row of a pair that the window counts names its key', async () => {
  for (const subject of ['3', '4']) {
    const answer = await ask('pairs', subject);
    assert.ok(!('error' in answer));
    assert.deepEqual([answer.key, answer.conditions[0].left], [['k'], 1]);
  }
});
