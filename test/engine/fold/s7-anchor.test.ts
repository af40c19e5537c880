import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DetectionNames } from '../../../engine/index.ts';
import { type CaseEvent, find } from './weir-sql.ts';

const a = { k: 'a' };
const windowed = (window: string, more = '') =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= 2 ${more};`;
const anchors = (rules: string, events: readonly CaseEvent[]) =>
  find(rules, events).detections.map(({ anchor }) => anchor);
const events: CaseEvent[] = [
  [11, a],
  [12, a],
  [14, a],
];

test('S7 the anchor of a single-event rule is the event: its timestamp and id', () => {
  assert.deepEqual(
    anchors('CREATE RULE r AS SELECT k FROM events WHERE x = 1;', [
      [10, a],
      [11, { k: 'a', x: 1, id: 'one' }],
    ]),
    [{ timestamp: 11, id: 'one' }],
  );
});

test('S7 the anchor of an aligned window is its start, whether an event or the end decided it', () => {
  assert.deepEqual(anchors(windowed('TUMBLING 10 MILLISECONDS'), events), [{ window_start: 10 }]);
  assert.deepEqual(anchors(windowed('TUMBLING 10 MILLISECONDS', 'EMIT AT END'), events), [{ window_start: 10 }]);
});

test('S7 the anchor of SLIDING is the deciding event', () => {
  assert.deepEqual(anchors(windowed('SLIDING 10 MILLISECONDS'), events), [{ timestamp: 12, id: 'e2' }]);
});

test('S7 every id is the hash of rule name, plan hash, tenant, key and anchor, and no two detections share one', () => {
  const rules = ['SLIDING 10 MILLISECONDS', 'TUMBLING 10 MILLISECONDS'].map((window, i) =>
    windowed(window).replace('RULE r', `RULE r${i}`),
  );
  const { detections } = find(rules.join('\n'), [
    ...events,
    ...events.map(([time, fields]): CaseEvent => [time, { ...fields, tenant: 'U' }]),
    ...events.map(([time]): CaseEvent => [time + 20, { k: 'b' }]),
  ]);
  assert.equal(detections.length, 6);
  for (const { id, anchor_id, rule, plan_hash, tenant, key, anchor } of detections) {
    assert.equal(id, new DetectionNames(rule, plan_hash).id({ tenant, key, anchor }));
    assert.equal(anchor_id, new DetectionNames(rule, plan_hash).ids({ tenant, key, anchor }).anchor_id);
  }
  assert.equal(new Set(detections.map(({ id }) => id)).size, 6);
});

test('S7 a new threshold is another plan: other ids, the same anchor_id where both fire', () => {
  const [three, two] = ['n >= 3', 'n > 1 AND n >= 2'].map(
    (having) => find(windowed('TUMBLING 10 MILLISECONDS').replace('n >= 2', having), events).detections,
  );
  assert.deepEqual([three.length, two.length], [1, 1]);
  assert.notEqual(three[0].id, two[0].id);
  assert.equal(three[0].anchor_id, two[0].anchor_id);
});
