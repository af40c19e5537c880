import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { openServiceLog } from '../../../ui-api/api/service-log.ts';
import { atEnd } from '../../at-end.ts';

test('what was logged is on disk when the log is closed', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-service-log-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'weir.log');
  const problems: string[] = [];
  const { logger, close } = openServiceLog(path, 'info', (problem) => problems.push(problem));
  logger.info({ n: 1 }, 'said');
  await close();
  assert.match(readFileSync(path, 'utf8'), /"n":1,"msg":"said"/);
  assert.deepEqual(problems, []);
});

// A device that takes no byte, as a disk that is full.
const full = '/dev/full';
test('a full disk is told once, ends nothing, and does not keep Weir from ending', {
  skip: existsSync(full) ? false : `${full} is not there: no disk that is full`,
}, async () => {
  const problems: string[] = [];
  const { logger, close } = openServiceLog(full, 'info', (problem) => problems.push(problem));
  for (let n = 0; n < 3; n++) {
    logger.info({ n }, 'said');
    await after(20);
  }
  await close();
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^\/dev\/full cannot be written: ENOSPC.*Weir goes on without it/);
});
