import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TokenFile } from '../../../ui-api/access/token-file.ts';
import { addTokenCommand } from '../../../ui-api/cli/token.ts';
import { atEnd } from '../../at-end.ts';
import { runCli } from './run-cli.ts';

test('weir token: makes one that is printed once, lists without it, revokes it, and each change is in the audit', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-token-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const weir = (...args: string[]) => runCli(addTokenCommand, folder, 'token', ...args);
  const nowhere = await weir('create', 'anna', '--role', 'reader');
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /there is no data folder/);
  mkdirSync(join(folder, 'var'));
  const made = await weir('create', 'anna', '--role', 'reader', 'author', '--days', '2');
  assert.equal(made.code, 0, made.stderr);
  const token = made.stdout.trim();
  const tokens = new TokenFile(join(folder, 'var', 'tokens.json'), null);
  assert.deepEqual(tokens.identify(token, 86_400_000)?.roles, ['reader', 'author']);
  const listed = await weir('list');
  assert.match(listed.stdout, /anna +reader, author +all +1970-01-01 +1970-01-03/);
  const json = await weir('list', '--format', 'json');
  assert.equal(`${listed.stdout}${json.stdout}`.includes(token), false);
  assert.deepEqual(Object.keys(JSON.parse(json.stdout)[0]), [
    'id',
    'name',
    'roles',
    'tenant',
    'created_at',
    'expires_at',
  ]);
  for (const [args, why] of [
    [
      ['create', 'anna', '--role', 'reader'],
      /a token named anna already\n {2}hint: choose another name, or `weir token revoke anna`/,
    ],
    [['create', 'bob', '--role', 'root'], /there is no role "root"/],
    [['create', '../x', '--role', 'reader'], /cannot be named/],
    [['create', 'bob', '--role', 'reader', '--days', '0'], /no number of days/],
    [['revoke', 'bob'], /there is no token "bob"/],
  ] as const) {
    const refused = await weir(...args);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, why);
  }
  assert.equal((await weir('revoke', 'anna')).code, 0);
  assert.equal(tokens.identify(token, 0), null);
  const audit = readFileSync(join(folder, 'var', 'audit.ndjson'), 'utf8');
  const actions = audit
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { action: string; details: { name: string } });
  assert.deepEqual(
    actions.map(({ action, details }) => `${action} ${details.name}`),
    ['token.create anna', 'token.revoke anna'],
  );
  assert.equal(audit.includes(token), false);
});

test('weir token --tenant: roles that a tenant may have, a name that a partition may have', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-token-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'var'));
  const run = (...args: string[]) => runCli(addTokenCommand, folder, 'token', ...args);
  const made = await run('create', 'shop', '--role', 'reader', 'sender', '--tenant', 'shop');
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /made shop .* of the tenant shop: /);
  assert.match((await run('list', '--format', 'table')).stdout, /shop +sender, reader +shop /);
  for (const [role, tenant, why] of [
    ['author', 'shop', /author is a role over all tenants/],
    ['reader', '*', /cannot be of the tenant "\*"/],
    ['reader', 'a/b', /cannot be of the tenant/],
  ] as const) {
    const refused = await run('create', 'other', '--role', role, '--tenant', tenant);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, why);
  }
});
