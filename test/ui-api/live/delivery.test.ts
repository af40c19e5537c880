import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../engine/index.ts';
import { Delivery, type DeliveryParts } from '../../../ui-api/live/delivery.ts';
import { DetectionFeed } from '../../../ui-api/live/detection-feed.ts';
import { find, programOf } from '../../engine/fold/weir-sql.ts';

const rules = ['live', 'shadow', 'signal'].map(
  (mode) => `CREATE RULE r_${mode} MODE ${mode} AS SELECT k, count(*) AS n FROM events GROUP BY k
    WINDOW SLIDING 1 SECOND HAVING n >= 2;`,
);

test('MODE shadow: in the file, and told to nobody; MODE signal: neither', async () => {
  const text = rules.join('\n');
  const { detections } = find(text, [
    [0, { k: 'a' }],
    [1, { k: 'a' }],
  ]);
  assert.equal(detections.length, 3);
  const written: string[] = [];
  const file = {
    written_before: 0,
    write: async (records: readonly { rule: string }[]) => void written.push(...records.map(({ rule }) => rule)),
  };
  const feed = new DetectionFeed();
  const told: string[] = [];
  feed.subscribe(({ rule }) => told.push(String(rule)));
  const parts = {
    ...{
      program: programOf(text),
      engine: {
        advance: () => ({ verdicts: [], detections, early: [], table_rows: [], dead_letters: [] }),
        settle: async () => undefined,
      },
    },
    ...{ detections: file, dead_letters: { write: async () => undefined }, feed, clock: new ManualClock(0) },
  };
  const delivery = new Delivery(parts as unknown as DeliveryParts);
  await delivery.deliver();
  assert.deepEqual(written, ['r_live', 'r_shadow']);
  assert.deepEqual(told, ['r_live']);
  assert.equal(delivery.counters.published, 1);
  assert.equal(delivery.counters.shadow, 1);
});
