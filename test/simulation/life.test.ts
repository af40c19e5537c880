import { test } from 'node:test';
import { longRuns } from './properties.ts';
import { runProperty, seedOfRun } from './run-property.ts';

test('S1 parity of lives: 100 rule sets with long runs, every way of running them, and the naive oracle', () => {
  runProperty('lives', longRuns, seedOfRun(), 100);
});
