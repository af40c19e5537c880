import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../../dsl/diagnostics/diagnostic.ts';
import { diagnosticsToJson, renderDiagnostics } from '../../../dsl/diagnostics/render.ts';

function at(
  text: string,
  marked: string,
  extra: Partial<Diagnostic> = {},
): [Diagnostic, { path: string; text: string }] {
  const place = { path: 'a.sql', offset: text.indexOf(marked), length: marked.length };
  const diagnostic = {
    code: 'W0107',
    severity: 'error',
    message: 'what',
    place,
    label: 'why',
    hints: [],
    ...extra,
  } as const;
  return [diagnostic, { path: 'a.sql', text }];
}

function rendered(text: string, marked: string, extra: Partial<Diagnostic> = {}): string {
  const [diagnostic, file] = at(text, marked, extra);
  return renderDiagnostics([diagnostic], [file], { color: false });
}

test('a diagnostic: code, message, place, underlined source, hints', () => {
  assert.equal(
    rendered('one\ntwo three\n', 'three', { hints: ['do this', 'or that'] }),
    'error[W0107]: what\n  ┌─ a.sql:2:5\n2 │ two three\n  │     ^^^^^ why\n  = do this\n  = or that\n',
  );
});

test('in a narrow terminal the source line is cut around the underline, and sentences are wrapped under their beginning', () => {
  const text = `SELECT ${'a, '.repeat(30)}wrong${', b'.repeat(30)}`;
  const [diagnostic, file] = at(text, 'wrong', {
    message: 'a message that is longer than the forty columns there are',
    label: 'and a label of eight words or so, too',
    hints: ['a hint that does not fit into one line of the terminal'],
  });
  const shown = renderDiagnostics([diagnostic], [file], { color: false, width: 40 });
  assert.ok(shown.split('\n').every((line) => line.length <= 40));
  assert.equal(
    shown,
    `error[W0107]: a message that is longer
  than the forty columns there are
  ┌─ a.sql:1:98
1 │ … a, a, a, a, a, wrong, b, b, b, b…
  │                  ^^^^^
  │          and a label of eight words
  │          or so, too
  = a hint that does not fit into one
    line of the terminal
`,
  );
});

test('line numbers of two digits move the frame', () => {
  assert.equal(
    rendered(`${'\n'.repeat(11)}x`, 'x', { hints: ['h'] }),
    'error[W0107]: what\n   ┌─ a.sql:12:1\n12 │ x\n   │ ^ why\n   = h\n',
  );
});

test('tabs, wide characters, combining marks and emoji keep the underline below', () => {
  assert.match(rendered('\tx', 'x'), /1 │ {5}x\n {2}│ {5}\^ why/);
  assert.match(rendered('登x', 'x'), /1 │ 登x\n {2}│ {3}\^ why/);
  assert.match(rendered('e\u0301x', 'x'), /\n {2}│ {2}\^ why/);
  assert.match(rendered('😀x', 'x'), /a\.sql:1:2\n1 │ 😀x\n {2}│ {3}\^ why/);
  assert.match(rendered('a登b', '登'), /\n {2}│ {2}\^\^ why/);
});

test('escape sequences of a rule file do not reach the terminal', () => {
  const text = rendered('\u001b[31mred x', 'x', { message: 'no \u001b[2J' });
  assert.ok(!text.includes('\u001b'), text);
});

test('what spans several lines is underlined to the end of the first', () => {
  assert.match(rendered('ab\ncd', 'b\ncd'), /1 │ ab\n {2}│ {2}\^ why/);
  assert.match(rendered('ab\r\ncd', 'b\r\ncd'), /1 │ ab\n {2}│ {2}\^ why/);
});

test('a place at the end of the text and a very long line', () => {
  const [diagnostic, file] = at('abc', 'abc');
  const end = { ...diagnostic, place: { path: 'a.sql', offset: 3, length: 1 } };
  assert.match(renderDiagnostics([end], [file], { color: false }), /a\.sql:1:4\n1 │ abc\n {2}│ {4}\^ why/);
  const long = rendered(`${'x'.repeat(5_000)}HERE${'y'.repeat(5_000)}`, 'HERE');
  assert.ok(long.length < 600, String(long.length));
  assert.match(long, /…x+HEREy+…/);
});

test('a diagnostic without a place', () => {
  assert.equal(rendered('x', 'x', { place: null, hints: ['h'] }), 'error[W0107]: what\n  = h\n');
});

test('colour only adds', () => {
  const [diagnostic, file] = at('one two', 'two', { hints: ['h'] });
  const colored = renderDiagnostics([diagnostic], [file], { color: true });
  assert.notEqual(colored, renderDiagnostics([diagnostic], [file], { color: false }));
  // biome's rule on control characters is kept by building the pattern.
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  assert.equal(colored.replaceAll(escapes, ''), renderDiagnostics([diagnostic], [file], { color: false }));
});

test('as JSON: lines and columns from 1, the end behind the last character', () => {
  const [diagnostic, file] = at('😀 x\ny z', 'x\ny');
  assert.deepEqual(diagnosticsToJson([diagnostic, { ...diagnostic, place: null }], [file]), [
    {
      ...{ code: 'W0107', severity: 'error', message: 'what', label: 'why', hints: [], path: 'a.sql' },
      ...{ line: 1, column: 3, end_line: 2, end_column: 2 },
      range: { start: { line: 0, character: 3 }, end: { line: 1, character: 1 } },
      bytes: { start: 5, end: 8 },
    },
    {
      ...{ code: 'W0107', severity: 'error', message: 'what', label: 'why', hints: [], path: null },
      ...{ line: null, column: null, end_line: null, end_column: null, range: null, bytes: null },
    },
  ]);
});

test('places for editors: UTF-16 columns from 0, and bytes, behind wide characters', () => {
  const path = 'x.rule.sql';
  const text = "CREATE VIEW v AS\nSELECT 'é😀' AS a, acount_id FROM events;";
  const offset = text.indexOf('acount_id');
  const place = { path, offset, length: 9 };
  const diagnostic = { code: 'W0107', severity: 'error', message: 'm', label: '', hints: [], place } as const;
  const [json] = diagnosticsToJson([diagnostic], [{ path, text }]);
  const line_start = text.indexOf('\n') + 1;
  const start = { line: 1, character: offset - line_start };
  assert.deepEqual(json?.range, { start, end: { line: 1, character: start.character + 9 } });
  assert.equal(json?.column, start.character, 'people count the emoji once: one less than UTF-16, from 1');
  const { bytes } = json as { bytes: { start: number; end: number } };
  assert.equal(Buffer.from(text).subarray(bytes.start, bytes.end).toString(), 'acount_id');
  const nowhere = { ...diagnostic, place: null };
  assert.deepEqual(
    diagnosticsToJson([nowhere], []).map(({ range, bytes }) => [range, bytes]),
    [[null, null]],
  );
});
