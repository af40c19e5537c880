import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('the loop of a running Weir is timed while everything that is sent is accepted', () => {
  const written = runTiny('pauses', '--rate', '500', '--seconds', '3', '--keys', '800');
  assertMet(written, /every event was accepted meanwhile/);
  assert.match(written.said, /growing to 800 accounts/);
  assert.ok(Number(/([\d,]+) turns/.exec(written.said)?.[1]?.replaceAll(',', '')) > 10, written.said);
  assert.ok(
    figureOf(written, 'longest turn, by the clock') >= figureOf(written, '999 of 1,000 turns, by the clock') - 1,
  );
  assert.ok(figureOf(written, 'resident') > 20);
});
