import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Piece, RecordSplitter } from '../../../connectors/files/record-splitter.ts';

function split(text: string, cuts: readonly number[], key: string | null = 'Records', limit?: number): Piece[] {
  const bytes = new TextEncoder().encode(text);
  const splitter = new RecordSplitter(key, limit);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...places].flatMap((from, i) => splitter.push(bytes.slice(from, places[i] ?? bytes.length)));
  return [...pieces, ...splitter.finish()];
}

const textOf = ({ bytes }: Piece): string => new TextDecoder().decode(bytes);
const briefly = (pieces: readonly Piece[]) => pieces.map((piece) => [piece.line, piece.record, textOf(piece).trim()]);

// Not '"' and '\\' as whole keys: JSON.parse of V8 14 takes the one for the other once it has seen such an object.
const record = fc.dictionary(fc.constantFrom('a', 'Records', 'q"', 'b\\', ']'), fc.jsonValue({ maxDepth: 3 }));
const cuts = fc.array(fc.nat(), { maxLength: 12 });

/** One document or line: its text, and the records that are in it. */
const unit = fc.oneof(
  fc.record({
    list: fc.array(fc.oneof({ weight: 5, arbitrary: record }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) })),
    form: fc.constantFrom('compact', 'pretty', 'spaced'),
    bare: fc.boolean(),
    end: fc.constantFrom('', '\n', ' \r\n'),
  }),
  fc.record({ line: record.filter((value) => Object.keys(value)[0] !== 'Records') }),
);

function textAndRecords(one: typeof unit extends fc.Arbitrary<infer T> ? T : never): [string, unknown[]] {
  if ('line' in one) return [`${JSON.stringify(one.line)}\n`, [one.line]];
  const document = one.bare ? one.list : { Records: one.list };
  const text = JSON.stringify(document, null, one.form === 'pretty' ? 2 : undefined);
  const spaced = one.bare ? text : text.replace('{"Records":[', ' {\t"Records" :\n [');
  return [`${one.form === 'spaced' ? spaced : text}${one.end}`, one.list];
}

test('documents and lines in any order give their records, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), cuts, (units, cuts) => {
      const parts = units.map(textAndRecords);
      const pieces = split(parts.map(([text]) => text).join(''), cuts);
      assert.deepEqual(
        pieces.map((piece) => [piece.fault, piece.is_over_long]),
        pieces.map(() => [null, false]),
      );
      assert.deepEqual(
        pieces.map((piece) => JSON.parse(textOf(piece))),
        JSON.parse(JSON.stringify(parts.flatMap(([, records]) => records))),
      );
    }),
    { numRuns: 500 },
  );
});

test('each record has its line and its number in its list', () => {
  const text =
    '{"a":1}\n\n{"Records":[{"b":1},{"b":2}]}{"Records":[\n {"c":1},\n {"c":\n2}\n]}\n[3, "]" , {}]\n{"a":2}';
  for (const cuts of [[], [5, 12, 20], Array.from({ length: text.length }, (_, i) => i)]) {
    assert.deepEqual(briefly(split(text, cuts)), [
      [1, null, '{"a":1}'],
      [3, 1, '{"b":1}'],
      [3, 2, '{"b":2}'],
      [4, 1, '{"c":1}'],
      [5, 2, '{"c":\n2}'],
      [8, 1, '3'],
      [8, 2, '"]"'],
      [8, 3, '{}'],
      [9, null, '{"a":2}'],
    ]);
  }
});

test('a list that breaks off says so; the records before it and the next line count', () => {
  const broken = (text: string) => split(text, [3, 9, 17]).map((piece) => [piece.fault, textOf(piece)]);
  assert.deepEqual(broken('{"Records":[{"a":1}] , "x":1}\n{"b":1}\n'), [
    [null, '{"a":1}'],
    ['the list breaks off behind 1 whole records: a } was expected behind the list', ', "x":1}'],
    [null, '{"b":1}'],
  ]);
  assert.deepEqual(broken('{"Records":[{"a":1} {"a":2}]}\n{"b":1}'), [
    [null, '{"a":1}'],
    ['the list breaks off behind 1 whole records: a comma or ] was expected', '{"a":2}]}'],
    [null, '{"b":1}'],
  ]);
  assert.deepEqual(broken('[{"a":1},]'), [
    [null, '{"a":1}'],
    ['the list breaks off behind 1 whole records: a record was expected', ']'],
  ]);
  assert.deepEqual(broken('{"Records":[{"a":1},{"a":'), [
    [null, '{"a":1}'],
    ['the list ends in the middle, behind 1 whole records', '{"a":'],
  ]);
  assert.deepEqual(broken('[{"a":1}'), [
    [null, '{"a":1}'],
    ['the list ends in the middle, behind 1 whole records', ''],
  ]);
});

test('without a key an object is a line; nothing is lost of a file that has no list', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '"', 'R', ':', ' ', '\n', '\r', ',', '}') }),
      cuts,
      (text, cuts) => {
        const pieces = split(text, cuts, null);
        const lines = text.split('\n');
        if (lines.at(-1) === '') lines.pop();
        assert.deepEqual(
          pieces.map(textOf),
          lines.map((line) => line.replace(/\r$/, '')),
        );
        assert.deepEqual(
          pieces.map(({ line }) => line),
          lines.map((_, i) => i + 1),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('an over-long record, line or white space is held to its beginning, with its true length', () => {
  const long = JSON.stringify({ a: 'x'.repeat(5000) });
  const pieces = split(`{"Records":[{"b":1},${long},{"b":2}]}\n${long}\n{"c":1}`, [900, 1000, 2000], 'Records', 100);
  assert.deepEqual(
    pieces.map(({ bytes, length, is_over_long }) => [bytes.length, length, is_over_long]),
    [
      [7, 7, false],
      [101, long.length, true],
      [7, 7, false],
      [101, long.length, true],
      [7, 7, false],
    ],
  );
  const splitter = new RecordSplitter('Records', 100);
  for (let i = 0; i < 1000; i++) assert.deepEqual(splitter.push(new Uint8Array(1000).fill(32)), []);
  const [line] = splitter.push(new TextEncoder().encode('{"Records":[{}]}\n'));
  assert.deepEqual([line.bytes.length, line.length, line.record], [101, 1_000_016, null]);
});
