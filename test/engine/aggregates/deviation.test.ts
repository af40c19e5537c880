import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sampleDeviation } from '../../../engine/aggregates/deviation.ts';

const deviation = (...values: readonly number[]) => sampleDeviation(Float64Array.from(values), values.length);

test('of fewer than two values there is none; of equal ones it is 0', () => {
  assert.equal(deviation(), null);
  assert.equal(deviation(5), null);
  assert.equal(deviation(5, 5, 5), 0);
  assert.equal(deviation(0.1, 0.1, 0.1), 0);
  assert.equal(deviation(1, Number.POSITIVE_INFINITY), null);
});

test('whole numbers give the rounded root of the exact quotient, however large they are', () => {
  for (const offset of [0, 1e9, 1e15, -(2 ** 53 - 10)]) assert.equal(deviation(offset + 1, offset + 3, offset + 5), 2);
  assert.equal(deviation(2, 4, 4, 4, 5, 5, 7, 9), Math.sqrt(32 / 7));
});

test('squares beyond 2^53 go through the recurrence', () => {
  const far = 2 ** 40;
  const wanted = far * Math.sqrt(0.5);
  assert.ok(Math.abs((deviation(0, far) as number) / wanted - 1) < 1e-15);
});

interface Vectors {
  cases: { name: string; values: number[]; varSample: number | null }[];
}

const file = new URL('../../../../shared/vectors/zscore.json', import.meta.url);

test('the shared vectors', { skip: !existsSync(file) && '../shared/vectors is not here' }, () => {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
  for (const { name, values, varSample } of cases) {
    const got = deviation(...values);
    if (varSample === null || got === null) assert.equal(got, varSample, name);
    else assert.ok(Math.abs(got - Math.sqrt(varSample)) <= 1e-9 * Math.sqrt(varSample), `${name}: ${got}`);
  }
});
