import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packNumbers, unpackNumbers } from '../../../connectors/columns/packing.ts';

/** Bit for bit: -0 and 0 are two numbers here. */
function same(found: Float64Array, expected: Float64Array): boolean {
  return found.length === expected.length && expected.every((value, i) => Object.is(found[i], value));
}

function formOf(values: Float64Array): string {
  const { form } = packNumbers(values) as { readonly form: string };
  return form;
}

test('numbers come back as they were, bit for bit, whatever form they are packed in', () => {
  const forms = new Map<string, number>();
  const odd = fc.constantFrom(0, -0, Number.NaN, 1.5, 2 ** 53, -(2 ** 53) + 1, 2 ** 53 - 1, Number.POSITIVE_INFINITY);
  const near = (most: number) => fc.integer({ min: 0, max: most });
  const values = fc.oneof(
    ...[2 ** 8, 2 ** 16, 2 ** 31 - 1].map((most) => fc.array(near(most))),
    ...[255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32].map((step) => fc.array(fc.constantFrom(7, 7 + step))),
    fc.array(fc.oneof(near(3), odd)),
    fc.array(fc.double()),
    fc.array(fc.maxSafeInteger()),
  );
  const orders = fc.constantFrom('as they come', 'rising');
  fc.assert(
    fc.property(values, fc.double({ noNaN: true }), orders, (all, base, order) => {
      const whole = Math.round(base) % 2 ** 40;
      const numbers = Float64Array.from(all, (value) => (value === 0 ? value : value + whole));
      if (order === 'rising') numbers.sort();
      const form = formOf(numbers);
      forms.set(form, (forms.get(form) ?? 0) + 1);
      const packed = packNumbers(numbers);
      assert.ok(same(unpackNumbers(packed), numbers), `${form}: ${numbers}`);
      // Some places, rising, and now and then one twice.
      const places = Int32Array.from(
        [...numbers.keys()].flatMap((i) => (i % 3 === 1 ? [] : i % 5 === 0 ? [i, i] : [i])),
      );
      const some = Float64Array.from(places, (i) => numbers[i]);
      assert.ok(same(unpackNumbers(packed, places), some), `${form}: ${places} of ${numbers}`);
    }),
    { numRuns: 2000 },
  );
  for (const form of ['steps', 'offsets', 'coded', 'plain']) assert.ok((forms.get(form) ?? 0) > 20, form);
});

test('more different values than a code can say are left as they are', () => {
  for (const [count, form] of [
    [256, 'coded'],
    [257, 'coded'],
    [65_536, 'coded'],
    [65_537, 'plain'],
  ] as const) {
    const values = Float64Array.from({ length: count + 3 }, (_, i) => (i % count) + 0.5);
    assert.equal(formOf(values), form);
    assert.ok(same(unpackNumbers(packNumbers(values)), values), `${count}`);
  }
});

test('steps that are long, and many before the next number that is asked for, add up to more than 32 bits', () => {
  for (const step of [255, 65_535, 2 ** 32 - 1]) {
    const values = Float64Array.from({ length: 100_001 }, (_, i) => 1.7e12 + i * step);
    assert.equal(formOf(values), 'steps');
    const places = Int32Array.of(0, 32_767, 32_768, 32_769, 100_000, 100_000);
    assert.ok(
      same(
        unpackNumbers(packNumbers(values), places),
        Float64Array.from(places, (i) => values[i]),
      ),
    );
  }
});
