import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { MatchProgram } from '../../../dsl/functions/match-program.ts';
import { MatchScan } from '../../../dsl/functions/match-scan.ts';

/** The places of every match and of its groups. */
function placesOf(pattern: string, text: string): number[][] {
  const scan = new MatchScan(new MatchProgram(RE2JS.compile(pattern)), text);
  const groups = RE2JS.compile(pattern).groupCount();
  const places: number[][] = [];
  while (scan.next()) places.push(Array.from({ length: groups + 1 }, (_, i) => [scan.start(i), scan.end(i)]).flat());
  return places;
}

/** The same by searching again behind each match. */
function searchedAgain(pattern: string, text: string): number[][] {
  const expression = RE2JS.compile(pattern);
  const matcher = expression.matcher(text);
  const places: number[][] = [];
  while (matcher.find()) {
    const groups = Array.from({ length: expression.groupCount() + 1 }, (_, i) => [matcher.start(i), matcher.end(i)]);
    places.push(groups.flat());
  }
  return places;
}

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '\\b',
  '\\B',
  '^',
  '$',
  '(?m:^)',
  '(?m:$)',
  '(?i:A)',
  'é',
  '',
);
const { pattern: anyPattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    tie('part'),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((parts) => `(?:${parts.join('|')})`),
  ),
  part: fc
    .tuple(tie('pattern'), fc.boolean(), fc.constantFrom('', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?'))
    .map(([inner, group, repeat]) => `(${group ? '' : '?:'}${inner})${repeat}`),
}));
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', '😀', '\n', ' '), maxLength: 12 });

test('every match and group is the one that re2js finds by searching again behind each match', () => {
  fc.assert(
    fc.property(anyPattern, anyText, (pattern, text) => {
      assert.deepEqual(placesOf(pattern, text), searchedAgain(pattern, text));
    }),
    { numRuns: 5_000, seed: 20_261_128 },
  );
});

test('matches are leftmost, by the priorities of Perl, and go on behind an empty one', () => {
  assert.deepEqual(placesOf('x*y|x', 'xxyx'), [
    [0, 3],
    [3, 4],
  ]);
  assert.deepEqual(placesOf('(a|ab)(c|bcd)?', 'abcd'), [[0, 4, 0, 1, 1, 4]]);
  assert.deepEqual(placesOf('a*', 'baa'), [
    [0, 0],
    [1, 3],
    [3, 3],
  ]);
  assert.deepEqual(placesOf('(a*)*', 'aab'), [
    [0, 2, 0, 2],
    [2, 2, 2, 2],
    [3, 3, 3, 3],
  ]);
  assert.deepEqual(placesOf('', '😀'), [
    [0, 0],
    [2, 2],
  ]);
});

/** Instructions looked at while all matches are found. */
function workOn(pattern: string, text: string): number {
  const scan = new MatchScan(new MatchProgram(RE2JS.compile(pattern)), text);
  while (scan.next());
  return scan.work;
}

const hostile: readonly (readonly [pattern: string, unit: string])[] = [
  ['x*y|x', 'x'],
  ['(?:x*y)?', 'x'],
  ['(x+x+)+y|x', 'x'],
  ['x{1,255}y|x', 'x'],
  ['(?:x?){200}y|x', 'x'],
  ['(((x*)*)*)*y|x', 'x'],
  ['(x|xx|xxx)*y|x', 'x'],
  ['(?s:.*)y|x', 'x\n'],
  ['\\bx*\\b|(x )*y', 'xx '],
  ['', 'x'],
];

for (const [pattern, unit] of hostile) {
  test(`twice the text is twice the work, for ${pattern === '' ? 'the empty pattern' : pattern}`, () => {
    const [once, twice] = [workOn(pattern, unit.repeat(4_000)), workOn(pattern, unit.repeat(8_000))];
    assert.ok(once > 4_000 * unit.length, 'the work is counted');
    assert.ok(twice <= 2.01 * once, `${once} steps for a text, ${twice} for twice as much`);
    const size = RE2JS.compile(pattern).programSize();
    assert.ok(
      twice <= 8 * size * (8_000 * unit.length + 1),
      'and a place costs a few times the size of the program at most',
    );
  });
}
