import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { functions } from '../../../dsl/functions/index.ts';
import { checkLike, compileLike } from '../../../dsl/functions/like.ts';
import { call } from './call.ts';

const like = (text: string, pattern: string) => compileLike(pattern)(text);

/** LIKE by its definition: every way to read % is tried. */
function naive(text: readonly string[], pattern: readonly string[]): boolean {
  if (pattern.length === 0) return text.length === 0;
  const [first, ...rest] = pattern;
  if (first === '%') return naive(text, rest) || (text.length > 0 && naive(text.slice(1), pattern));
  return text.length > 0 && (first === '_' || first === text[0]) && naive(text.slice(1), rest);
}

test('LIKE agrees with its definition on random texts and patterns', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '😀'), { maxLength: 8 });
  const pattern = fc.array(fc.constantFrom('a', 'b', '😀', '%', '_'), { maxLength: 7 });
  fc.assert(
    fc.property(letters, pattern, (text, parts) => {
      assert.equal(like(text.join(''), parts.join('')), naive(text, parts));
    }),
    { numRuns: 3_000 },
  );
});

test('the beginning and the end of a pattern do not share text', () => {
  assert.equal(like('aba', 'ab%ba'), false);
  assert.equal(like('abba', 'ab%ba'), true);
  assert.equal(like('ab', 'a%_b'), false);
});

test('_ is one code point, not one UTF-16 unit', () => {
  assert.equal(like('a😀b', 'a_b'), true);
  assert.equal(like('a😀b', 'a__b'), false);
});

test('a backslash takes %, _ and itself as they are', () => {
  assert.equal(like('100%', '100\\%'), true);
  assert.equal(like('100x', '100\\%'), false);
  assert.equal(like('a_b', 'a\\_b'), true);
  assert.equal(like('axb', 'a\\_b'), false);
  assert.equal(like('a\\b', 'a\\\\b'), true);
  assert.match(checkLike('a\\') ?? '', /backslash/);
  assert.equal(checkLike('a\\\\'), null);
});

test('a pattern made to be slow is not: segments are never tried again', () => {
  // A matcher that goes back to every % would need 20,000 ^ 10 steps here.
  assert.equal(like('a'.repeat(20_000), `${'%a'.repeat(10)}%b`), false);
  assert.equal(like('a'.repeat(20_000), `${'%a_a'.repeat(10)}%b`), false);
});

test('a pattern has a bound, for its length is multiplied with the length of the text', () => {
  const check = functions.get('like')?.check;
  assert.match(check?.([undefined, 'a'.repeat(1_001)]) ?? '', /1001 characters, at most 1000/);
  assert.equal(check?.([undefined, 'a'.repeat(1_000)]), null);
  assert.equal(call('like', 'a'.repeat(1_000), 'a'.repeat(1_000)), true);
  assert.equal(call('like', 'a'.repeat(1_001), 'a'.repeat(1_001)), null);
  assert.equal(call('ilike', 'a', '%'.repeat(1_001)), null);
});
