import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DetectionRecord, toRecord } from '../../../engine/index.ts';
import { type CaseEvent, find, programOf } from '../fold/weir-sql.ts';

/** The records of a rule over these events; `head` and `foot` stand before AS and behind HAVING. */
function records(head: string, foot: string, events: readonly CaseEvent[]): DetectionRecord[] {
  const rule = `CREATE RULE r ${head} AS SELECT k, sum(x) AS total, last(g) AS lg FROM events GROUP BY k
    WINDOW SLIDING 100 MILLISECONDS HAVING count(*) >= 2 ${foot};`;
  const program = programOf(rule);
  return find(rule, events).detections.map((detection) => toRecord(program, detection, { mode: 'live' }));
}

const pair = (k: string, x: number | null, at = 0): CaseEvent[] => [
  [at, { k, x }],
  [at + 1, { k, x, g: `g of ${k}` }],
];

test('SEVERITY CASE: the first branch that is true of the detection; the rule’s own severity where none is', () => {
  const head = 'PARAM much int = 10 SEVERITY CASE WHEN total > :much THEN critical WHEN total > 5 THEN high END';
  const of = (x: number | null) => records(head, '', pair('a', x))[0]?.severity;
  assert.deepEqual([of(6), of(3), of(1), of(null)], ['critical', 'high', 'medium', 'medium']);
  assert.equal(records("SEVERITY CASE k WHEN 'a' THEN 'low' ELSE info END", '', pair('a', 1))[0]?.severity, 'low');
});

test('S7 a severity that is computed is not in the plan hash either', () => {
  const hashOf = (head: string) => records(head, '', pair('a', 6))[0]?.plan_hash;
  assert.equal(hashOf('SEVERITY CASE WHEN total > 10 THEN critical ELSE low END'), hashOf('SEVERITY low'));
  assert.equal(hashOf('MODE shadow'), hashOf(''));
});

test('RESPOND recommends on a value; nothing where that is NULL or another detection suppresses this one', () => {
  const foot = 'SUPPRESS BY k FOR 1 HOUR RESPOND step_up, pause_moderation ON lg';
  const found = records('', foot, [...pair('a', 1), [2, { k: 'b' }], [3, { k: 'b' }], ...pair('a', 1, 5000)]);
  const recommended = Map.groupBy(found, ({ key, status }) => `${key.k} ${status}`);
  const on = { on: { lg: 'g of a' }, while_open: false };
  const wanted = [
    { response: 'step_up', ...on },
    { response: 'pause_moderation', ...on },
  ];
  assert.deepEqual(JSON.parse(JSON.stringify(recommended.get('a open')?.[0]?.recommended)), wanted);
  assert.deepEqual(recommended.get('a suppressed')?.[0]?.recommended, []);
  assert.deepEqual(recommended.get('b open')?.[0]?.recommended, []);
});

test('MODE is said on the record', () => {
  const modeOf = (head: string) => records(head, '', pair('a', 1))[0]?.provenance;
  assert.deepEqual(modeOf('MODE shadow'), { mode: 'live', rule_mode: 'shadow' });
  assert.deepEqual(modeOf('MODE live'), { mode: 'live' });
});
