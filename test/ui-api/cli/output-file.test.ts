import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { OutputFile } from '../../../ui-api/cli/output-file.ts';
import { workFolder } from './spawn-weir.ts';

function begin(context: TestContext) {
  const folder = workFolder(context);
  const path = join(folder, 'found.ndjson');
  return { path, open: () => new OutputFile('found.ndjson', '--out', { folder }) };
}

test('a file of one writer begins anew and is whole', (context) => {
  const { path, open } = begin(context);
  writeFileSync(path, 'what was there before, and longer\n');
  const file = open();
  file.write('{"id":"ä"}\n');
  file.write('{"id":2}\n');
  file.close();
  assert.equal(readFileSync(path, 'utf8'), '{"id":"ä"}\n{"id":2}\n');
});

test('two that write into one file at once: each says that it is not whole, whichever ends first', (context) => {
  const refused = {
    name: 'CliError',
    message:
      /^--out found\.ndjson is not whole: another process wrote into it meanwhile \(\d+ bytes, \d+ of them written here\)$/,
    hint: 'give each command that runs a file of its own for --out, and run it again',
    code: 3,
  };
  const { path, open } = begin(context);
  const first = open();
  first.write('{"id":1}\n');
  const second = open();
  second.write('{"id":"second"}\n');
  first.write('{"id":2}\n');
  assert.throws(() => first.close(), refused);
  second.write('{"id":"end"}\n');
  assert.throws(() => second.close(), refused);
  assert.deepEqual(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
    ['second', 2, 'end'],
    'lines stay lines',
  );
});

test('one that begins when the other has ended has a whole file', (context) => {
  const { path, open } = begin(context);
  const first = open();
  first.write('{"id":1}\n');
  first.close();
  const second = open();
  second.write('{"id":2}\n');
  second.close();
  assert.equal(readFileSync(path, 'utf8'), '{"id":2}\n');
});

test('what is no file has no size, and is no fault', () => {
  const file = new OutputFile('/dev/null', '--out', { folder: '.' });
  file.write('x\n');
  file.close();
});
