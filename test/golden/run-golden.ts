import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

/**
 * One test per `.sql` of a folder of goldens: what `answer` makes of it must be the `.txt` beside it, whole.
 * `UPDATE_GOLDENS=1` writes the answers instead; a `.txt` without its `.sql` fails.
 */
export function runGoldens(folder: string, answer: (name: string, text: string) => string): void {
  const root = new URL(`./${folder}/`, import.meta.url);
  const files = readdirSync(root).sort();
  const names = files.filter((file) => file.endsWith('.sql'));
  for (const file of names) {
    test(`golden ${folder}/${file}`, () => {
      const text = readFileSync(new URL(file, root), 'utf8');
      const expected = new URL(file.replace(/\.sql$/, '.txt'), root);
      const got = answer(file, text);
      if (process.env.UPDATE_GOLDENS === '1') writeFileSync(expected, got);
      assert.ok(existsSync(expected), `${file} has no .txt; UPDATE_GOLDENS=1 writes it`);
      assert.equal(got, readFileSync(expected, 'utf8'));
    });
  }
  test(`golden ${folder}: every answer has its rule, and there are enough`, () => {
    const orphans = files.filter((file) => file.endsWith('.txt') && !names.includes(file.replace(/\.txt$/, '.sql')));
    assert.deepEqual(orphans, []);
    assert.ok(names.length > 0);
  });
}
