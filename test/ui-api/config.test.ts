import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CliError } from '../../ui-api/cli/exit.ts';
import { isLoopback, readConfig, settings } from '../../ui-api/config.ts';
import { atEnd } from '../at-end.ts';

function folder(context: TestContext, file?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-config-'));
  atEnd(context, () => rmSync(path, { recursive: true }));
  if (file !== undefined) writeFileSync(join(path, 'weir.json'), file);
  return path;
}

function problems(sources: Parameters<typeof readConfig>[0]): CliError {
  try {
    readConfig(sources);
  } catch (error) {
    return error as CliError;
  }
  throw new Error('expected the settings to be refused');
}

test('without any source the defaults hold, and data is an absolute path', (context) => {
  const path = folder(context);
  const config = readConfig({ flags: {}, environment: {}, folder: path });
  assert.equal(config.data, join(path, 'var'));
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 7474);
  assert.deepEqual(config.rules, ['rules']);
  assert.ok(Object.isFrozen(config));
});

test('a flag goes before the environment, the environment before weir.json', (context) => {
  const path = folder(context, '{"port": 1, "log_level": "warn", "queue_events": 5}');
  const environment = { WEIR_PORT: '2', WEIR_LOG_LEVEL: 'error' };
  const config = readConfig({ flags: { port: 3 }, environment, folder: path });
  assert.equal(config.port, 3);
  assert.equal(config.log_level, 'error');
  assert.equal(config.queue_events, 5);
});

test('everything wrong is said at once, with its place and what it may be', (context) => {
  const path = folder(context, '{"prot": 1, "body_bytes": "many", "rules": []}');
  const environment = { WEIR_PORT: '99999', WEIR_LOG_LEVEL: 'loud', WEIR_HOTS: 'x' };
  const error = problems({ flags: { checkpoint_seconds: 0 }, environment, folder: path });
  assert.equal(error.code, 2);
  for (const expected of [
    '7 settings are wrong',
    'weir.json: unknown key "prot", did you mean port?',
    'weir.json, body_bytes: must be a whole number from 1024 to 1073741824, not "many"',
    'weir.json, rules: must name at least one path, not []',
    'WEIR_PORT: must be a whole number from 0 to 65535, not 99999',
    'WEIR_LOG_LEVEL: must be one of trace, debug, info',
    'WEIR_HOTS: no such variable, did you mean WEIR_HOST?',
    '--checkpoint-seconds: must be a whole number from 1 to 86400, not 0',
  ]) {
    assert.ok(error.message.includes(expected), `${expected}\nstands in\n${error.message}`);
  }
});

test('an address that other machines reach is told with the other problems', (context) => {
  const path = folder(context);
  const environment = { WEIR_PORT: 'abc', WEIR_HOST: '0.0.0.0', WEIR_NOSUCH: '1' };
  const { message } = problems({ flags: { checkpoint_seconds: 0 }, environment, folder: path });
  assert.match(message, /^4 settings are wrong/);
  assert.match(message, /- WEIR_HOST: 0\.0\.0\.0 can be reached from other machines/);
  const unclear = problems({ flags: {}, environment: { ...environment, WEIR_ALLOW_REMOTE: 'perhaps' }, folder: path });
  assert.match(unclear.message, /WEIR_ALLOW_REMOTE: must be 1 or 0 \(or true or false\), not "perhaps"/);
  assert.doesNotMatch(unclear.message, /can be reached/, 'what is meant is not known');
});

test('a variable WEIR_... that nobody knows is refused as a key is; those of platforms are not', (context) => {
  const path = folder(context);
  const { message } = problems({ flags: {}, environment: { WEIR_NOSUCH: '1' }, folder: path });
  assert.match(message, /^setting WEIR_NOSUCH: no such variable; known are WEIR_DATA, WEIR_HOST, /);
  const environment = {
    ...{ WEIR_API_SERVICE_HOST: '10.0.0.1', WEIR_API_SERVICE_PORT: '80', WEIR_API_SERVICE_PORT_HTTP: '80' },
    ...{ WEIR_API_PORT: 'tcp://10.0.0.1:80', WEIR_API_PORT_80_TCP_ADDR: '10.0.0.1' },
  };
  assert.equal(readConfig({ flags: {}, environment, folder: path }).port, 7474);
});

test('a secret is never shown, also when it is wrong', (context) => {
  const error = problems({ flags: {}, environment: { WEIR_TOKEN: 'hunter2' }, folder: folder(context) });
  assert.match(error.message, /WEIR_TOKEN: must have at least 16 characters/);
  assert.equal(error.message.includes('hunter2'), false);
  const environment = { WEIR_STORE: 'http://anna:hunter2@example.org:8123/weir' };
  const refused = problems({ flags: {}, environment, folder: folder(context) });
  assert.match(refused.message, /WEIR_STORE: must be embedded, off, or http.* without a user in it/);
  assert.equal(refused.message.includes('hunter2'), false);
});

test('an address that other machines reach needs a word of its own', (context) => {
  const path = folder(context);
  const error = problems({ flags: { host: '0.0.0.0' }, environment: {}, folder: path });
  assert.match(error.message, /^setting --host: 0\.0\.0\.0 can be reached .*--allow-remote/);
  writeFileSync(join(path, 'weir.json'), '{"host":"10.0.0.1"}');
  assert.match(
    problems({ flags: {}, environment: {}, folder: path }).message,
    /^setting weir\.json, host: 10\.0\.0\.1 can be reached /,
  );
  const config = readConfig({ flags: { host: '0.0.0.0', allow_remote: true }, environment: {}, folder: path });
  assert.equal(config.host, '0.0.0.0');
  assert.ok(isLoopback('127.8.9.1') && isLoopback('::1') && isLoopback('localhost'));
  assert.ok(!isLoopback('127.0.0.1.example.org') && !isLoopback('::') && !isLoopback('10.0.0.1'));
});

test('a data folder that is a file is refused, by whom it was said', (context) => {
  const path = folder(context, '{"data":"weir.json"}');
  const message = (flags: object, environment: object) =>
    problems({ flags, environment: { ...environment }, folder: path }).message;
  assert.match(message({}, {}), /^setting weir\.json, data: weir\.json is a file, and the data of Weir is a folder$/);
  assert.match(message({}, { WEIR_DATA: './weir.json' }), /^setting WEIR_DATA: \.\/weir\.json is a file/);
  assert.match(message({ data: join(path, 'weir.json') }, {}), /^setting --data: .* is a file/);
  assert.equal(readConfig({ flags: { data: 'none' }, environment: {}, folder: path }).data, join(path, 'none'));
});

test('a settings file that is no JSON object, or is named and missing, is refused', (context) => {
  assert.match(
    problems({ flags: {}, environment: {}, folder: folder(context, '{') }).message,
    /weir.json: is not JSON/,
  );
  assert.match(
    problems({ flags: {}, environment: {}, folder: folder(context, '[]') }).message,
    /must be a JSON object/,
  );
  const environment = { WEIR_CONFIG: 'other.json' };
  assert.match(
    problems({ flags: {}, environment, folder: folder(context) }).message,
    /other.json: cannot be read: ENOENT.* \(WEIR_CONFIG names it\)$/,
  );
});

test('what is on or off is 1 or 0, or true or false, wherever it is said, and nothing else', (context) => {
  for (const [value, expected] of [
    ['1', true],
    ['TRUE', true],
    ['0', false],
    ['false', false],
  ] as const) {
    const environment = { WEIR_COLUMNS: value };
    assert.equal(readConfig({ flags: {}, environment, folder: folder(context) }).columns, expected, value);
    const file = folder(context, `{"columns": ${value.toLowerCase()}}`);
    assert.equal(readConfig({ flags: {}, environment: {}, folder: file }).columns, expected, value);
  }
  for (const value of ['yes', 'no', 'on', '2', '']) {
    const environment = { WEIR_COLUMNS: value };
    // An empty variable says nothing.
    if (value === '') assert.equal(readConfig({ flags: {}, environment, folder: folder(context) }).columns, false);
    else {
      const { message } = problems({ flags: {}, environment, folder: folder(context) });
      assert.match(message, /WEIR_COLUMNS: must be 1 or 0 \(or true or false\), not "/);
    }
    const file = folder(context, JSON.stringify({ columns: value === '2' ? 2 : value }));
    assert.match(problems({ flags: {}, environment: {}, folder: file }).message, /columns: must be 1 or 0 /);
  }
  for (const { key, summary, standard } of settings) {
    assert.equal(typeof standard === 'boolean', summary.endsWith(': 1 or 0 (or true or false)'), key);
  }
});
