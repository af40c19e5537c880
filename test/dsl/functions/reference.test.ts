import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { aggregateNames } from '../../../dsl/check/aggregates.ts';
import { functions, reference, referencePage } from '../../../dsl/functions/index.ts';

test('rules/reference.md is current: npm run reference writes it', () => {
  const page = readFileSync(new URL('../../../rules/reference.md', import.meta.url), 'utf8');
  assert.equal(page, referencePage(reference), 'run npm run reference');
});

test('every function and aggregate that the compiler knows stands in it once', () => {
  const names = reference.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    [...functions.keys(), ...aggregateNames].filter((name) => !names.includes(name)),
    [],
  );
  assert.ok(reference.every(({ example }) => example !== null));
});

test('a bar ends no cell, a row has three', () => {
  const rows = referencePage(reference)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  assert.equal(rows.length, reference.length);
  for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 5, row);
});

test('a time is shown as a time', () => {
  const shown = reference.find(({ name }) => name === 'date_trunc')?.example?.shown;
  assert.equal(shown, "'2026-07-01T22:00:00.000Z'");
});
