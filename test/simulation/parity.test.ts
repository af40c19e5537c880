import { test } from 'node:test';
import { everyWay } from './properties.ts';
import { keptCases, runProperty, seedOfRun } from './run-property.ts';
import { watched } from './watchdog.ts';

for (const [name, parity] of keptCases()) {
  test(`parity holds for the kept case ${name}`, () => watched(`the kept case ${name}`, parity, everyWay.check));
}

test('S1 parity: 200 random rule sets on random events, every way of running them, and the naive oracle', () => {
  runProperty('parity', everyWay, seedOfRun(), 200);
});
