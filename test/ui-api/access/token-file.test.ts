import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TokenFile } from '../../../ui-api/access/token-file.ts';
import { atEnd } from '../../at-end.ts';

function newPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-tokens-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  return join(folder, 'tokens.json');
}

test('a token is kept as its hash, by its owner only; it is somebody until it is revoked or has expired', (context) => {
  const path = newPath(context);
  const tokens = new TokenFile(path, null);
  const { token, stored } = tokens.create('anna', ['author', 'reader'], 1000, 5000);
  assert.match(token, /^weir_[A-Za-z0-9_-]{32}$/);
  assert.equal(readFileSync(path, 'utf8').includes(token), false);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(stored.roles, ['reader', 'author']);
  const running = new TokenFile(path, 'the-first-token-of-all');
  assert.equal(running.identify(token, 4999)?.name, 'anna');
  assert.equal(running.identify(token, 5000), null);
  assert.equal(running.identify('the-first-token-of-all', 5000)?.id, 'owner');
  for (const wrong of ['', 'anna', stored.id, stored.sha256, `${token}x`, token.toUpperCase()]) {
    assert.equal(running.identify(wrong, 0), null, wrong);
  }
  assert.throws(() => tokens.create('anna', ['reader'], 0, null), /a token named anna already/);
  assert.equal(tokens.revoke(stored.id)?.name, 'anna');
  assert.equal(running.identify(token, 0), null);
});

test('a damaged file lets nobody in but the first token, and is not overwritten', (context) => {
  const path = newPath(context);
  const first = 'the-first-token-of-all';
  for (const damaged of [
    '',
    '{',
    '{"tokens":[{"id":"x"}]}',
    '{"tokens":[{"id":"x","name":"n","roles":["root"],"sha256":"00"}]}',
  ]) {
    writeFileSync(path, damaged);
    const tokens = new TokenFile(path, first);
    assert.equal(tokens.identify(first, 0)?.id, 'owner');
    assert.equal(tokens.identify('another', 0), null);
    assert.throws(() => tokens.create('anna', ['reader'], 0, null), /holds no list of tokens/);
    assert.equal(readFileSync(path, 'utf8'), damaged);
  }
});

test('two changes at a time: the second waits its turn by failing; what a killed one left is taken away', (context) => {
  const path = newPath(context);
  const tokens = new TokenFile(path, null);
  writeFileSync(`${path}.new`, '');
  assert.throws(() => tokens.create('anna', ['reader'], 0, null), { code: 'EEXIST' });
  utimesSync(`${path}.new`, new Date(0), new Date(0));
  tokens.create('anna', ['reader'], 0, null);
  assert.deepEqual(
    tokens.list().map(({ name }) => name),
    ['anna'],
  );
});
