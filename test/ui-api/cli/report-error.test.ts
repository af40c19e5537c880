import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Output } from '../../../ui-api/cli/output.ts';
import { reportError } from '../../../ui-api/cli/report-error.ts';
import { failures, shell, weir, workFolder } from './spawn-weir.ts';

function said(code: string, message: string): string {
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  const stderr = new Output(stream, {});
  const stdout = new Output(Object.assign(new PassThrough(), { isTTY: false }), {});
  const rest = { stdout, stdin: new PassThrough(), environment: {}, folder: '.', now_ms: () => 0 };
  reportError(Object.assign(new Error(message), { code }), { ...rest, stderr });
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += String(chunk);
  return text;
}

test('a folder that may only be read, or not be used: what to do, and which setting names another', () => {
  assert.equal(
    said('EROFS', "EROFS: read-only file system, mkdir '/mnt/var'"),
    "error: EROFS: read-only file system, mkdir '/mnt/var'\n" +
      '  hint: nothing may be written there: name another folder (the data folder: --data, WEIR_DATA), or have the disk ' +
      'mounted for writing\n',
  );
  assert.match(said('EACCES', 'x'), /check its owner and mode, or name another \(--data, --port\)\n$/);
  assert.match(said('EDQUOT', 'x'), /hint: the disk is full: make room where it writes/);
  assert.equal(said('EWHATEVER', 'x'), 'error: x\n');
});

const tables = `CREATE TABLE t AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW TUMBLING 1 HOUR;\n`;

test('a full disk ends a backtest with the file that is not whole, and no word of the live run', async (context) => {
  // A device that takes nothing, as a full disk does.
  assert.ok(statSync('/dev/full').isCharacterDevice());
  const folder = workFolder(context, {
    'events.ndjson': failures('mara', 3, Date.now() - 60_000),
    'rules/auth/t.table.sql': tables,
  });
  for (const flag of ['--out', '--tables', '--summary']) {
    const { code, stderr } = await weir(context, folder, ['backtest', '--from', 'events.ndjson', flag, '/dev/full']);
    assert.equal(code, 3, stderr);
    assert.match(
      stderr,
      new RegExp(
        `error: ${flag} /dev/full is not whole: ENOSPC: .*\\n {2}hint: the disk is full: make room, or give ${flag} a file on another one, and run it again\\n$`,
      ),
    );
  }
  const piped = shell(folder, 'weir backtest --from events.ndjson 2>&1 >/dev/full || echo ended with $?');
  assert.match(
    piped,
    /error: ENOSPC: .*\n {2}hint: the disk is full: make room where it writes .*, and run it again\n/,
  );
  assert.match(piped, /ended with 3\n$/);
});
