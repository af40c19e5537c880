import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { QuantileSketch } from '../../../engine/aggregates/quantile-sketch.ts';
import { seeded } from '../../simulation/random.ts';

const shares = [0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

/** The value of rank ceil(q * n), from all values. */
function exact(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

function assertWithin(values: readonly number[], relative: number): void {
  const sketch = sketchOf(values);
  for (const share of shares) {
    const [got, wanted] = [sketch.quantile(share) as number, exact(values, share)];
    assert.ok(Math.abs(got - wanted) <= relative * Math.abs(wanted), `${share}: ${got} for ${wanted}`);
  }
}

test('within 1/128 of the value of that rank; the least and the greatest exact', () => {
  const random = seeded(7);
  const uniform = Array.from({ length: 5000 }, random);
  assertWithin(uniform, 1 / 128);
  assertWithin(
    uniform.map((value) => value - 0.5),
    1 / 128,
  );
  assertWithin(
    uniform.map((value) => Math.exp(18 * value)),
    1 / 128,
  );
  assertWithin(
    uniform.map((value) => Math.round(40 * value) - 20),
    1 / 128,
  );
  assertWithin([5], 0);
  assertWithin([3, -3], 0);
  assertWithin([Number.MAX_VALUE, 1, -Number.MAX_VALUE], 1 / 128);
});

test('nothing and what is infinite', () => {
  assert.equal(new QuantileSketch().quantile(0.5), null);
  const infinite = [1, 2, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  assert.equal(sketchOf(infinite).quantile(0.75), Number.POSITIVE_INFINITY);
  assert.equal(
    sketchOf([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]).quantile(0.6),
    Number.NEGATIVE_INFINITY,
  );
});

test('order and merging cannot show, also where there are more bins than are kept', () => {
  const random = seeded(11);
  const wide = Array.from({ length: 30_000 }, () => Math.exp(1200 * random() - 600) * (random() < 0.3 ? -1 : 1));
  for (const values of [wide, wide.slice(0, 1500)]) {
    const all = shares.map((share) => sketchOf(values).quantile(share));
    const other = sketchOf([...values].sort((a, b) => Math.abs(a) - Math.abs(b)));
    assert.deepEqual(
      shares.map((share) => other.quantile(share)),
      all,
    );
    const merged = new QuantileSketch();
    for (let part = 0; part < 10; part++) merged.merge(sketchOf(values.filter((_, i) => i % 10 === part)));
    assert.deepEqual(
      shares.map((share) => merged.quantile(share)),
      all,
    );
  }
  // The greatest 2,048 bins of each sign keep their accuracy.
  const sketch = sketchOf(wide);
  for (const share of [0.001, 0.01, 0.99, 0.999]) {
    const wanted = exact(wide, share);
    assert.ok(Math.abs((sketch.quantile(share) as number) - wanted) <= Math.abs(wanted) / 128, `${share}`);
  }
});

interface Vectors {
  cases: { name: string; n: number; seed: number; formula: string; firstValues: number[]; quantilesType7: Bound[] }[];
}
interface Bound {
  q: number;
  lowerAtTol: number;
  upperAtTol: number;
}

const file = new URL('../../../../shared/vectors/quantiles.json', import.meta.url);

const formulas: Record<string, (u: number, i: number) => number> = {
  uniform: (u) => u,
  exponential: (u) => -Math.log1p(-u),
  'pareto1.5': (u) => (1 - u) ** (-1 / 1.5),
  sortedAscending: (_, i) => i / 20_000,
  discrete20: (u) => Math.floor(20 * u),
  bimodalGap: (u) => (u < 0.99 ? u : 1e6 * (1 + u)),
};

test('the shared vectors', { skip: !existsSync(file) && '../shared/vectors is not here' }, () => {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
  for (const { name, n, seed, firstValues, quantilesType7 } of cases) {
    let state = seed;
    const values = Array.from({ length: n }, (_, i) => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return (formulas[name] as (u: number, i: number) => number)(state / 2 ** 32, i);
    });
    firstValues.forEach((value, i) => {
      assert.ok(
        Math.abs((values[i] as number) - value) <= 1e-12 * Math.abs(value),
        `${name} is made as the vectors are`,
      );
    });
    const sketch = sketchOf(values);
    for (const { q, lowerAtTol, upperAtTol } of quantilesType7) {
      const got = sketch.quantile(q) as number;
      assert.ok(got >= lowerAtTol * (1 - 1 / 128) && got <= upperAtTol * (1 + 1 / 128), `${name} ${q}: ${got}`);
    }
  }
});
