import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { Shell } from '../../../ui-api/cli/command.ts';
import { Output } from '../../../ui-api/cli/output.ts';
import { dataFlag, quoted, storeVariables, weirHere, word } from '../../../ui-api/cli/typed-here.ts';
import { type Config, readConfig } from '../../../ui-api/config.ts';
import { atEnd } from '../../at-end.ts';

function here(context: TestContext, environment: NodeJS.ProcessEnv, data?: string): [Config, Shell] {
  const folder = mkdtempSync(join(tmpdir(), 'weir-typed-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  const output = new Output(Object.assign(new PassThrough(), { isTTY: false }), {});
  const shell: Shell = {
    ...{ stdout: output, stderr: output, stdin: new PassThrough(), environment, folder },
    now_ms: () => 0,
  };
  return [readConfig({ flags: { data }, environment, folder }), shell];
}

test('a data folder is said where another process would take another one, by flag or by variable', (context) => {
  assert.equal(dataFlag(...here(context, {})), '');
  assert.equal(dataFlag(...here(context, { WEIR_DATA: './var' })), '', 'what it would take anyway');
  assert.equal(dataFlag(...here(context, { WEIR_DATA: 'other place' })), ' --data "other place"');
  assert.equal(dataFlag(...here(context, {}, 'deep/er')), ' --data deep/er');
  assert.equal(dataFlag(...here(context, { WEIR_DATA: '/srv/weir' })), ' --data /srv/weir');
  const [config, shell] = here(context, { WEIR_DATA: 'kept' });
  writeFileSync(join(shell.folder, 'weir.json'), '{"data":"kept"}');
  assert.equal(dataFlag(config, shell), '', 'weir.json says it to everybody');
  writeFileSync(join(shell.folder, 'weir.json'), '{"data":"else"}');
  assert.equal(dataFlag(config, shell), ' --data kept');
});

test('of a store of another process its address is said, and never a password', (context) => {
  assert.equal(storeVariables(...here(context, { WEIR_STORE: 'embedded' })), '');
  const environment = {
    ...{ WEIR_STORE: 'http://db:8123/weir', WEIR_STORE_READER_USER: 'eve', WEIR_STORE_READER_PASSWORD: 'hunter2' },
  };
  assert.equal(
    storeVariables(...here(context, environment)),
    'WEIR_STORE=http://db:8123/weir WEIR_STORE_READER_USER=eve ',
  );
});

test('a text is one word to a shell', () => {
  for (const text of ['a', 'a b', "it's", '$HOME', '`x`', 'a"b', 'a\\b', '', '!!', '*', '~']) {
    for (const written of [word(text), quoted(text)]) {
      assert.equal(execFileSync('sh', ['-c', `printf %s ${written}`]).toString(), text, written);
    }
  }
});

test('npx is said where it finds this Weir: in its folder, below it, and where it is a dependency; elsewhere its path', (context) => {
  const root = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '');
  const entry = join(root, 'ui-api', 'weir.mjs');
  assert.equal(weirHere({ folder: root }), 'npx weir');
  assert.equal(weirHere({ folder: join(root, 'rules', 'auth') }), 'npx weir');
  const [, { folder }] = here(context, {});
  const said = `node ${word(entry)}`;
  assert.equal(weirHere({ folder }), said);
  assert.match(execFileSync('sh', ['-c', `${said} --version`], { cwd: folder }).toString(), /^\d+\.\d+\.\d+\n$/);
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  mkdirSync(join(folder, 'rules'));
  assert.equal(weirHere({ folder: join(folder, 'rules') }), said, 'npx would fetch a package of that name');
  symlinkSync(entry, join(folder, 'node_modules', '.bin', 'weir'));
  assert.equal(weirHere({ folder: join(folder, 'rules') }), 'npx weir');
});
