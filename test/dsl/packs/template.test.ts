import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillTemplate, parseTemplate, TemplateError } from '../../../dsl/packs/template.ts';

const fill = (text: string, i: number) => fillTemplate(parseTemplate(text), i);

test('a text without braces is itself', () => {
  assert.equal(fill('acct_1', 7), 'acct_1');
  assert.equal(fill('', 7), '');
});

test('expressions count with i: precedence, brackets, whole division, remainder, minus', () => {
  assert.equal(fill('203.0.113.{i % 3}', 7), '203.0.113.1');
  assert.equal(fill('{1 + 2 * i}', 3), '7');
  assert.equal(fill('{(1 + 2) * i}', 3), '9');
  assert.equal(fill('{i / 2}|{10 - i - 1}|{-i}', 7), '3|2|-7');
  assert.equal(fill('{{i}} is {i}', 4), '{i} is 4');
});

test('a text that is one expression is known as a number', () => {
  assert.equal(parseTemplate('{i}').is_number, true);
  assert.equal(parseTemplate('a{i}').is_number, false);
  assert.equal(parseTemplate('plain').is_number, false);
});

test('what is no expression is refused with its place', () => {
  for (const [text, message] of [
    ['a{x}', /'x' is neither a whole number nor i/],
    ['{i', /\{ without \}/],
    ['{}', /a number or i is missing/],
    ['{i i}', /'i' where \+ - \* \/ % or \} was expected/],
    ['{(i}', /\( without \)/],
    ['{1.5}', /where \+ - \* \/ % or \} was expected/],
    ['{constructor}', /neither a whole number nor i/],
  ] as const) {
    assert.throws(
      () => parseTemplate(text),
      (error) => error instanceof TemplateError && message.test(error.message) && error.offset <= text.length,
      text,
    );
  }
});

test('any text either fills or is refused, and never runs', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', 'i', '1', '+', '%', '/', '(', ')', ' ', 'x'), maxLength: 40 }),
      (text) => {
        try {
          assert.equal(typeof fill(text, 5), 'string');
        } catch (error) {
          assert.ok(error instanceof TemplateError);
        }
      },
    ),
  );
});

test('brackets nest within a bound', () => {
  assert.throws(() => parseTemplate(`{${'('.repeat(5000)}i${')'.repeat(5000)}}`), /nest too deeply/);
});
