import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('what rules keep is told apart from ids and texts, and nothing was dropped for it', () => {
  const written = runTiny('memory', '--keys', '2000', '--events', '6000');
  const both = written.goals.filter(({ name }) => name.includes('rules fire, no bound drops anything'));
  assert.equal(both.length, 2);
  for (const { met, figure } of both) assert.ok(met, figure);
  assertMet(written, /1,000 generated rules, 2,000 accounts: rules fire/);
  assert.ok(figureOf(written, 'state of the rules, a pair') > 16);
  assert.ok(figureOf(written, 'resident') > figureOf(written, 'state'));
});
