import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalogue } from '../../../dsl/diagnostics/catalogue.ts';

const goldens = new URL('../../golden/errors/', import.meta.url);
const answers = readdirSync(goldens)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => readFileSync(new URL(file, goldens), 'utf8'))
  .join('\n');

test('every code of the language has a golden with its whole text', () => {
  // W0001 needs a file of megabytes; W04 are about rule packs and their tests, which have their own.
  const codes = Object.keys(catalogue).filter((code) => code !== 'W0001' && !code.startsWith('W04'));
  assert.deepEqual(
    codes.filter((code) => !answers.includes(`[${code}]`)),
    [],
  );
});
