import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DetectionFeed } from '../../../ui-api/live/detection-feed.ts';

test('the feed tells its listeners until they leave', () => {
  const feed = new DetectionFeed();
  const heard: string[] = [];
  const leave = feed.subscribe(({ id }) => heard.push(id));
  for (let i = 1; i <= 4; i++) {
    if (i === 4) leave();
    feed.publish({ id: `d${i}` });
  }
  assert.deepEqual(heard, ['d1', 'd2', 'd3']);
});
