import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadToken } from '../../../ui-api/api/token.ts';
import { atEnd } from '../../at-end.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-token-'));
  atEnd(context, () => rmSync(path, { recursive: true }));
  return path;
}

test('a token is made once, with mode 0600, and read at later starts', (context) => {
  const path = join(folder(context), 'token');
  const token = loadToken(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(token.length >= 32);
  assert.equal(readFileSync(path, 'utf8'), `${token}\n`);
  assert.equal(loadToken(path), token);
});

test('a token file that holds no token is refused, not used as an empty token', (context) => {
  const path = join(folder(context), 'token');
  writeFileSync(path, '\n');
  assert.throws(() => loadToken(path), /holds no token.*remove it/);
});
