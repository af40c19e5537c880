import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Property, sameInClickHouse, sameJoinsInClickHouse } from './properties.ts';
import { keptCases, runProperty, seedOfRun } from './run-property.ts';

/** All kept cases; of those that a property has no query for, which are named, it is held that they have none. */
function checkKept(property: Property, withoutQuery: readonly string[]): void {
  for (const [name, parity] of keptCases()) {
    if (withoutQuery.includes(name)) assert.throws(() => property.check(parity), `${name} has a query now: ask it`);
    else property.check(parity);
  }
}

test('S8 a second oracle: ClickHouse finds the same windows in 1,000 random rules', async (t) => {
  const property = await sameInClickHouse();
  if (typeof property === 'string') {
    t.skip(property);
    return;
  }
  // It has details as an array.
  checkKept(property, ['parity-300668.json']);
  runProperty('clickhouse', property, seedOfRun(), 720);
  t.diagnostic(`${property.rules} rules, ${property.found} detections, no difference`);
  assert.ok(property.rules >= 1000, 'the random cases have too few rules');
  assert.ok(property.found > property.rules, 'the random cases find too little');
});

test('S9 a second oracle: ClickHouse finds the same joins and rows of EXISTS', async (t) => {
  const property = await sameJoinsInClickHouse();
  if (typeof property === 'string') {
    t.skip(property);
    return;
  }
  // One adds floats, the other joins a view that no window rule stands beside.
  checkKept(property, ['parity-300901.json', 'parity-952601397.json']);
  runProperty('clickhouse-joins', property, seedOfRun(), 160);
  t.diagnostic(`${property.rules} rules, ${property.found} detections, no difference`);
  assert.ok(property.rules >= 150, 'the random cases have too few joins');
  assert.ok(property.found > property.rules, 'the random cases find too little');
});
