import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compile, renderDiagnostics } from '../dsl/index.ts';

const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/** Rows of the table "Semantics, line by line": the line of the semantics, and by file the beginnings of titles. */
const rows = [...text.matchAll(/^\| (S\d+) \| (.+) \| (.+) \|$/gm)].map(([, line, sentence, held]) => {
  const places = [...held.matchAll(/`([^`]+)`: ("[^`]+")(?:; |$)/g)].map(([, file, titles]) => {
    return { file, titles: titles.slice(1, -1).split('", "') };
  });
  return { line, sentence, held, places };
});

/** Titles of the tests in a file. */
function titlesIn(file: string): string[] {
  const url = new URL(`${file}.test.ts`, import.meta.url);
  assert.ok(existsSync(url), `${file}.test.ts does not exist`);
  return [...readFileSync(url, 'utf8').matchAll(/\btest\(\s*(['`])(.+?)\1,/g)].map(([, , title]) => title);
}

test('every line of the semantics has tests of its name, and every test that the table names is there', () => {
  for (const { line, sentence, held, places } of rows) {
    const named = places.map(({ file, titles }) => `\`${file}\`: ${titles.map((title) => `"${title}"`).join(', ')}`);
    assert.equal(named.length === 0 ? 'later' : named.join('; '), held, `${sentence}: the row is read whole`);
    for (const { file, titles } of places) {
      const there = titlesIn(file);
      for (const title of titles) {
        const found = there.filter((one) => one.startsWith(title));
        assert.ok(found.length > 0, `${line} ${sentence}: no test of ${file} begins with "${title}"`);
      }
    }
    if (places.length === 0) continue;
    const carrying = places.flatMap(({ titles }) => titles).filter((title) => /^(S\d+ )+/.test(title));
    assert.ok(carrying.length > 0, `${line} ${sentence}: no test carries the name of a line`);
  }
  for (const line of ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S13', 'S14']) {
    const own = rows.filter((row) => row.line === line).flatMap(({ places }) => places.flatMap(({ titles }) => titles));
    assert.ok(
      own.some((title) => title.split(' ').includes(line)),
      `${line} has no test of its name`,
    );
  }
});

test('the SQL of the root README compiles, without a warning', () => {
  const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/```sql\n([\s\S]*?)```/g)];
  assert.ok(blocks.length >= 2);
  for (const [, text] of blocks) {
    const file = { path: 'README.md', text: text as string };
    const { diagnostics } = compile([file]);
    assert.equal(renderDiagnostics(diagnostics, [file], { color: false }), '');
  }
});
