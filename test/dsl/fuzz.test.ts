import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText, fuzzRules, keptTexts } from './mutated-rules.ts';

for (const [name, text] of keptTexts()) {
  test(`the mutated rule text ${name} does no harm`, () => {
    checkText(text);
  });
}

test('2,000 mutated rule texts: no crash, none takes 100 ms, each refusal has a place; fmt keeps what parses', (t) => {
  const { texts, refused, slowest_ms, failures } = fuzzRules(4, 2_000, 100);
  t.diagnostic(`${refused} of ${texts} refused, at most ${slowest_ms.toFixed(1)} ms each`);
  assert.deepEqual(failures, []);
  assert.ok(refused > texts / 4 && refused < texts, `${refused} of ${texts} were refused`);
});
