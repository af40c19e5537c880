import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendLine } from '../../../ui-api/records/append-line.ts';
import { atEnd } from '../../at-end.ts';

test('a record is a line of its own, behind one that a crash cut short too', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-lines-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'audit.ndjson');
  appendLine(path, { a: 1 });
  appendLine(path, { a: '\n' });
  assert.equal(readFileSync(path, 'utf8'), '{"a":1}\n{"a":"\\n"}\n');
});

/** Runs statements in a process whose files may have 1,024 bytes at most: a write beyond it is short first, as on a full disk. */
function runWithSmallFiles(folder: string, statements: string): string {
  const script = ['ulimit -f 2', 'exec "$0" --input-type=module -e "$1"'].join('\n');
  // The unit of ulimit is 512 bytes in sh.
  const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, statements], {
    cwd: folder,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

test('a disk that is full in the middle of a write is an error, and no file is half of what it was to be', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-full-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const of = (path: string) => JSON.stringify(new URL(`../../../ui-api/${path}`, import.meta.url).href);
  const told = runWithSmallFiles(
    folder,
    `import { writeFileSync } from 'node:fs';
     import { appendLine } from ${of('records/append-line.ts')};
     import { TokenFile } from ${of('access/token-file.ts')};
     import { writeRun } from ${of('runs/run-record.ts')};
     const attempt = (name, work) => {
       const tell = (how) => process.stdout.write(name + ' ' + how + '\\n');
       try { work(); tell('written'); } catch (error) { tell(error.code); }
     };
     const long = 'x'.repeat(4000);
     attempt('line', () => appendLine('audit.ndjson', { long }));
     const tokens = new TokenFile('tokens.json', null);
     attempt('first', () => tokens.create('anna', ['reader'], 0, null));
     attempt('long', () => tokens.create(long, ['reader'], 0, null));
     writeFileSync('run.json', 'before');
     attempt('run', () => writeRun('.', { long }));`,
  );
  assert.equal(told, 'line EFBIG\nfirst written\nlong EFBIG\nrun EFBIG\n');
  assert.match(readFileSync(join(folder, 'tokens.json'), 'utf8'), /"name": "anna"[\s\S]*\n\}\n$/);
  assert.equal(readFileSync(join(folder, 'run.json'), 'utf8'), 'before');
});
