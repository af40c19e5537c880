import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialectOf } from '../../../dsl/syntax/dialects.ts';
import { pastedIn } from '../../../dsl/syntax/pasted.ts';

const most = 256 * 1024;
const filled = (text: string): string => text.repeat(most / text.length);

test('the size of a text, and what it repeats, costs no more than reading it', () => {
  const parts = ['\n', ' ', 'CREATE RULE a AS x ', 'CREATE RULE a (', '/*', "'", ';', '|', 'from a '];
  const started_ms = performance.now();
  for (const part of parts) {
    assert.deepEqual(pastedIn(`CREATE RULE r AS x ${filled(part)}`), []);
    assert.equal(dialectOf(filled(part.replace('CREATE', 'MAKE'))), null);
  }
  // A quarter of a megabyte of empty lines alone took two minutes once.
  assert.ok(performance.now() - started_ms < 10_000);
});

test('a body ends at its semicolon before the next statement, or at the next head; a head in it is part of it', () => {
  const text =
    'CREATE RULE a AS index=x | stats count; CREATE RULE b AS SELECT 1 FROM events;\nCREATE VIEW c AS index=y';
  assert.deepEqual(
    pastedIn(text).map(({ start, end, finding }) => [text.slice(start, end).trim(), finding.span.offset]),
    [
      ['CREATE RULE a AS index=x | stats count;', text.indexOf('index=x')],
      ['CREATE VIEW c AS index=y', text.indexOf('index=y')],
    ],
  );
});
