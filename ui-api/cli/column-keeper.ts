import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../engine/index.ts';
import { dataPaths } from '../config.ts';
import type { ColumnReport, ColumnTask } from './column-process.ts';

const maker = fileURLToPath(new URL('./column-process.ts', import.meta.url));
const heap_mb = 2048;
/** Columns give way to the events that come in. */
const niceness = 10;
/** Between two looks at the log. */
const look_ms = 10_000;

export interface ColumnKeeperParts {
  /** The data folder. */
  readonly data: string;
  /** The rules that run now. */
  readonly program: () => Program;
  /** Told what became of columns that were made. */
  readonly made: (report: ColumnReport) => void;
  readonly look_ms?: number;
}

/**
 * `weir run` with WEIR_COLUMNS: when a segment of the log is closed, a process of its own makes its columns, with low priority
 * and bounded memory, one at a time; nothing waits for it. A segment of which records still wait for their verdicts gets
 * columns with the next one.
 */
export class ColumnKeeper {
  readonly #parts: ColumnKeeperParts;
  #child: ChildProcess | null = null;
  /** Resolves when it has ended. */
  #gone: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** Closed segments when it last made some. */
  #seen = 0;

  constructor(parts: ColumnKeeperParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), this.#parts.look_ms ?? look_ms).unref();
  }

  /** Ends what is being made, and removes its beginnings: the next start makes it. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGKILL');
    await this.#gone;
    const { columns } = dataPaths(this.#parts.data);
    const beginnings = filesIn(columns).filter((name) => name.endsWith(`.${child.pid}.unfinished`));
    for (const name of beginnings) rmSync(join(columns, name), { force: true });
  }

  #look(): void {
    const segments = filesIn(dataPaths(this.#parts.data).log).filter((name) => name.endsWith('.segment'));
    // All but the last one, which is written.
    const closed = segments.length - 1;
    if (this.#child !== null || closed <= this.#seen) return;
    this.#seen = closed;
    this.#make();
  }

  #make(): void {
    const { data, program, made } = this.#parts;
    const child = fork(maker, [], {
      execArgv: [`--max-old-space-size=${heap_mb}`],
      // Nothing of this process's settings and secrets is handed to it.
      env: { PATH: process.env.PATH },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    let report: ColumnReport | null = null;
    child.once('message', (said: ColumnReport) => {
      report = said;
    });
    this.#gone = new Promise((resolve) => {
      const end = (what: string): void => {
        if (this.#child !== child) return;
        this.#child = null;
        if (this.#timer !== null) made(report ?? { error: what });
        resolve();
      };
      // One that could not be started is never closed.
      child.on('error', ({ message }) => child.pid === undefined && end(message));
      child.once('close', (code, signal) => end(`its process ended with ${signal ?? code}`));
    });
    if (child.pid === undefined) return;
    try {
      setPriority(child.pid, niceness);
    } catch {
      // It has ended already, or the system does not let us: it makes them all the same.
    }
    const { schema, settings } = program();
    // Where it has ended already, its end is told.
    child.send({ data, stream: { schema, settings } } satisfies ColumnTask, () => undefined);
  }
}

/** None where the folder cannot be read, or is not there yet: who reads what is in it tells. */
function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
