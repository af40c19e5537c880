import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, type FilePort, readWhole, writeAll } from '../files/file-port.ts';

/** Which processes there are. Tests pass their own, to play a crash and a restart within one process. */
export interface Processes {
  readonly pid: number;
  /** Tells two processes of one pid apart: changes with every start of a process. */
  readonly started: string;
  /** Start of the process that now has this pid: null when there is none, '' when it cannot be told. */
  startOf(pid: number): string | null;
}

function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (errorCode(error) === 'ESRCH') return null;
  }
  try {
    // Field 22 of Linux's /proc/PID/stat, counted behind the name in brackets, which may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

export const realProcesses: Processes = { pid: process.pid, started: startOf(process.pid) ?? '', startOf };

const NAME = 'lock';

function isAlive(holder: { pid: number; started: string }, processes: Processes): boolean {
  const started = processes.startOf(holder.pid);
  if (started === null) return false;
  // A later process may have got the pid of a dead one: after a reboot, or pid 1 of a container.
  return started === '' || holder.started === '' || started === holder.started;
}

function parseHolder(bytes: Uint8Array): { pid: number; started: string } | null {
  const match = /^(\d+) (\d*)\n$/.exec(new TextDecoder().decode(bytes));
  return match === null ? null : { pid: Number(match[1]), started: match[2] as string };
}

/**
 * Takes the directory's lock for this process and gives the function that lets it go. Throws when a living process
 * holds it. The lock of a dead process is taken over with a message. It guards against a second start by mistake, not
 * against a hostile process: whoever may write the directory may write the log too.
 */
export async function takeLock(
  directory: string,
  files: FilePort,
  report: (message: string) => void,
  processes: Processes = realProcesses,
): Promise<() => Promise<void>> {
  const path = join(directory, NAME);
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      const file = await files.open(path, 'create');
      try {
        await writeAll(file, new TextEncoder().encode(`${processes.pid} ${processes.started}\n`), 0);
      } finally {
        await file.close();
      }
      return () => files.remove(path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const bytes = await readWhole(files, path);
    if (bytes === null) continue;
    const holder = parseHolder(bytes);
    if (holder !== null && isAlive(holder, processes)) {
      throw new Error(
        `${directory} is in use by process ${holder.pid}: two writers would damage the log. ` +
          'Stop that process, or give this one another directory (WEIR_DATA).',
      );
    }
    if (holder === null && attempt < 3) {
      // Another process may be between making its lock and writing into it.
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    await removeStale(path, bytes, files, processes);
    report(`${path}: taken over from process ${holder?.pid ?? '(unreadable)'}, which is gone`);
  }
  throw new Error(`${path}: other processes keep taking this lock; is more than one Weir being started?`);
}

/** Of two processes that find the same stale lock, one moves it away; the other must not move the winner's new lock. */
async function removeStale(path: string, stale: Uint8Array, files: FilePort, processes: Processes): Promise<void> {
  const aside = `${path}.stale-${processes.pid}`;
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readWhole(files, aside);
  if (moved !== null && Buffer.compare(moved, stale) !== 0) await files.rename(aside, path);
  else await files.remove(aside);
}
