import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { call } from './call.ts';

/** The recursive definition, for short texts. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const replaced = distance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  return Math.min(replaced, distance(a.slice(1), b) + 1, distance(a, b.slice(1)) + 1);
}

test('levenshtein agrees with its definition', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(word, word, (a, b) => assert.equal(call('levenshtein', a, b), distance(a, b))),
    { numRuns: 200 },
  );
  assert.equal(call('levenshtein', 'a😀', 'ab'), 1);
});

test('jaro_winkler gives the figures of the literature', () => {
  const near = (a: string, b: string, value: number) =>
    assert.ok(Math.abs((call('jaro_winkler', a, b) as number) - value) < 1e-4, `${a} ${b}`);
  near('martha', 'marhta', 0.9611);
  near('dixon', 'dicksonx', 0.8133);
  near('dwayne', 'duane', 0.84);
  near('abc', 'xyz', 0);
  near('', '', 1);
  near('', 'a', 0);
  near('same', 'same', 1);
});

test('texts beyond the bound are NULL and cost nothing', () => {
  const long = 'a'.repeat(1_001);
  assert.equal(call('levenshtein', long, 'a'), null);
  assert.equal(call('jaro_winkler', 'a', long), null);
  assert.equal(call('levenshtein', 'a'.repeat(1_000), ''), 1_000);
});

test('skeletons of look-alikes are equal', () => {
  const same = (a: string, b: string) => assert.equal(call('skeleton', a), call('skeleton', b), `${a} ${b}`);
  same('раураl', 'paypal');
  same('paypa1', 'paypal');
  same('g00gle', 'google');
  same('Ｇｏｏｇｌｅ', 'google');
  same('gооglé', 'google');
  same('rnicrosoft', 'microsoft');
  same('pay\u200bpal', 'paypal');
  assert.notEqual(call('skeleton', 'paypal'), call('skeleton', 'paypol'));
  assert.equal(call('skeleton', 'Instagram'), 'instagram');
});
