import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ColumnKeeper } from '../../../ui-api/cli/column-keeper.ts';
import type { ColumnReport } from '../../../ui-api/cli/column-process.ts';
import { atEnd } from '../../at-end.ts';
import { doorProgram } from '../../engine/door/harness.ts';
import { calm, worldOf } from '../../integration/column-folder-world.ts';

const childrenOf = `/proc/self/task/${process.pid}/children`;
const isKnown = existsSync(childrenOf) || 'this system does not list the children of a process';

test('what was begun when the keeper stops is removed, and told to nobody', {
  skip: isKnown !== true && isKnown,
}, async (t) => {
  const world = await worldOf(t, 23, 400, calm);
  const reports: ColumnReport[] = [];
  const data = join(world.folder, 'var');
  const program = doorProgram();
  const keeper = new ColumnKeeper({ data, program: () => program, made: (report) => reports.push(report) });
  mkdirSync(world.columns, { recursive: true });
  const before = readFileSync(childrenOf, 'utf8').split(' ');
  keeper.begin();
  const [pid, ...others] = readFileSync(childrenOf, 'utf8')
    .split(' ')
    .filter((child) => !before.includes(child));
  assert.ok(pid !== undefined && others.length === 0, 'one process makes columns');
  for (const owner of [pid, '1']) writeFileSync(join(world.columns, `a.columns.${owner}.unfinished`), 'a beginning');
  await keeper.stop();
  const left = readdirSync(world.columns).filter((name) => name.endsWith('.unfinished'));
  assert.deepEqual(left, ['a.columns.1.unfinished'], 'those of other processes are theirs');
  assert.deepEqual(reports, []);
});

test('a process that cannot be started is told, and neither keeps Weir from ending nor ends it', async (t) => {
  const world = await worldOf(t, 24, 400, calm);
  const { execPath } = process;
  atEnd(t, () => {
    process.execPath = execPath;
  });
  const told = Promise.withResolvers<ColumnReport>();
  const program = doorProgram();
  const keeper = new ColumnKeeper({ data: join(world.folder, 'var'), program: () => program, made: told.resolve });
  process.execPath = join(world.folder, 'no-such-node');
  keeper.begin();
  const report = await told.promise;
  assert.match('error' in report ? report.error : '', /ENOENT/);
  await keeper.stop();
});
