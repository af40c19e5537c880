import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DetectionFeed } from '../../../ui-api/live/detection-feed.ts';

test('the feed keeps the latest, tells listeners until they leave, and knows when an id is gone', () => {
  const feed = new DetectionFeed(3);
  const heard: string[] = [];
  const leave = feed.subscribe(({ id }) => heard.push(id));
  for (let i = 1; i <= 8; i++) {
    if (i === 8) leave();
    feed.publish({ id: `d${i}` });
  }
  assert.deepEqual(heard, ['d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7']);
  const ids = (limit: number, since: string | null) => feed.recent(limit, since)?.map(({ id }) => id) ?? null;
  assert.deepEqual(ids(10, null), ['d6', 'd7', 'd8']);
  assert.deepEqual(ids(1, 'd6'), ['d7']);
  assert.equal(ids(10, 'd5'), null);
});

test('records of an earlier run are remembered and told to nobody', () => {
  const feed = new DetectionFeed(3);
  feed.subscribe(() => assert.fail('nobody is told'));
  feed.fill([{ id: 'old' }]);
  assert.deepEqual(feed.recent(5, null), [{ id: 'old' }]);
});
