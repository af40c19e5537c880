import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('rules of the mix by several threads find what one thread finds', () => {
  const written = runTiny('workers', '--events', '3000');
  for (const rules of [10, 100, 1000]) {
    const { figure } = assertMet(written, new RegExp(`^${rules} rules by`));
    if (rules > 10) assert.ok(Number.parseInt(figure.replaceAll(',', ''), 10) > 20, figure);
    assert.ok(figureOf(written, `${rules} rules, one thread`) > 0);
  }
});
