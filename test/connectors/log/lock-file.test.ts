import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeFiles } from '../../../connectors/files/file-port.ts';
import { type Processes, realProcesses, takeLock } from '../../../connectors/log/lock-file.ts';
import { atEnd } from '../../at-end.ts';
import { temporaryDirectory } from '../files/faulty-files.ts';

function processes(pid: number, alive: Record<number, string>): Processes {
  return { pid, started: alive[pid], startOf: (other) => alive[other] ?? null };
}

test('a living holder keeps the lock, and the message names it', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  const alive = { 10: '100', 20: '200' };
  const unlock = await takeLock(directory, nodeFiles, () => {}, processes(10, alive));
  await assert.rejects(
    takeLock(directory, nodeFiles, () => {}, processes(20, alive)),
    /in use by process 10/,
  );
  await unlock();
  const other = await takeLock(directory, nodeFiles, () => {}, processes(20, alive));
  await other();
  assert.equal(existsSync(join(directory, 'lock')), false);
});

test('the lock of a dead process is taken over with a message, also when another process has its pid now', async (t) => {
  for (const now of [{ 20: '200' }, { 20: '200', 10: '999' }]) {
    const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
    await takeLock(directory, nodeFiles, () => {}, processes(10, { 10: '100' }));
    const messages: string[] = [];
    const report = (message: string) => messages.push(message);
    const unlock = await takeLock(directory, nodeFiles, report, processes(20, now));
    assert.deepEqual(messages, [`${join(directory, 'lock')}: taken over from process 10, which is gone`]);
    await unlock();
  }
});

test('an unreadable lock (a crash while it was made) is taken over', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  writeFileSync(join(directory, 'lock'), '');
  const messages: string[] = [];
  await takeLock(directory, nodeFiles, (message) => messages.push(message));
  assert.match(messages[0], /taken over/);
});

test('the processes of this machine: this one lives, and is refused its own lock', async (t) => {
  const directory = temporaryDirectory((cleanUp) => atEnd(t, cleanUp));
  assert.equal(realProcesses.startOf(process.pid), realProcesses.started);
  const unlock = await takeLock(directory, nodeFiles, () => {});
  await assert.rejects(
    takeLock(directory, nodeFiles, () => {}),
    /in use/,
  );
  await unlock();
});
