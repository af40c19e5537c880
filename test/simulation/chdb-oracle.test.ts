import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameInClickHouse, sameJoinsInClickHouse } from './properties.ts';
import { keptCases, runProperty, seedOfRun } from './run-property.ts';

test('S8 a second oracle: ClickHouse finds the same windows in 1,000 random rules', async (t) => {
  const property = await sameInClickHouse();
  if (typeof property === 'string') {
    t.skip(property);
    return;
  }
  for (const [, parity] of keptCases()) property.check(parity);
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
  for (const [, parity] of keptCases()) property.check(parity);
  runProperty('clickhouse-joins', property, seedOfRun(), 160);
  t.diagnostic(`${property.rules} rules, ${property.found} detections, no difference`);
  assert.ok(property.rules >= 150, 'the random cases have too few joins');
  assert.ok(property.found > property.rules, 'the random cases find too little');
});
