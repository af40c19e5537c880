import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunParameters, RunRecord } from './run-record.ts';

const heap_mb = 2048;
/** A run whose detections take more than this is ended. */
const most_result_bytes = 1024 * 1024 * 1024;
const killed_after_ms = 2000;
/** A run gives way to the events that come in. */
const niceness = 10;
/** Characters of what a run says that are kept, the last ones. */
const kept_talk = 4000;
const program = fileURLToPath(new URL('../weir.mjs', import.meta.url));

/** What a run's process is to do, and where. */
export interface RunTask {
  readonly id: string;
  /** Who asked for it. */
  readonly by: string;
  /** Folder of the run: the rules lie in `files`, results are written beside. */
  readonly folder: string;
  /** The data folder, whose log is read. */
  readonly data: string;
  /** What the backtest is asked, inside `files`. */
  readonly paths: readonly string[];
  readonly parameters: RunParameters;
}

/** How it ended: with its summary, or why there is none. */
export type RunEnd = { readonly summary: object } | { readonly error: string };

/**
 * A `weir backtest` over the log, or a `weir reproduce`, in a process of its own, with bounded memory, bounded results and low priority. Nothing of
 * this process's settings and secrets is handed to it.
 */
export class RunProcess {
  readonly #child: ChildProcess;
  readonly #task: RunTask;
  readonly #on_progress: (progress: RunRecord['progress']) => void;
  #talk = '';
  /** Why it was ended before its time. */
  #cut = '';
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<RunEnd>;

  constructor(task: RunTask, on_progress: (progress: RunRecord['progress']) => void) {
    this.#task = task;
    this.#on_progress = on_progress;
    // What reproduce finds is all that it says on stdout.
    const out =
      task.parameters.reproduce === undefined ? null : openSync(join(task.folder, 'summary.json'), 'w', 0o600);
    const child = spawn(process.execPath, argumentsOf(task), {
      cwd: join(task.folder, 'files'),
      env: { PATH: process.env.PATH, WEIR_NODE_CHOSEN: '1' },
      stdio: ['ignore', out ?? 'ignore', 'pipe'],
    });
    if (out !== null) closeSync(out);
    this.#child = child;
    if (child.pid !== undefined) lower(child.pid);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#listen(text));
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => resolve({ error: `its process was ended: ${error.message}` }));
      child.once('close', (code) => resolve(this.#endOf(code)));
    });
  }

  /** Ends it, if need be by force. */
  end(): void {
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child.kill('SIGKILL'), killed_after_ms).unref();
  }

  /** Takes what is progress out of what it says on stderr; keeps the rest. */
  #listen(said: string): void {
    const rest: string[] = [];
    for (const line of `${this.#talk}${said}`.split('\n')) {
      const progress = progressIn(line);
      if (progress === null) rest.push(line);
      else this.#on_progress(progress);
    }
    this.#talk = rest.join('\n').slice(-kept_talk);
    const { size = 0 } = statSync(join(this.#task.folder, 'detections.ndjson'), { throwIfNoEntry: false }) ?? {};
    if (this.#cut !== '' || size <= most_result_bytes) return;
    this.#cut = `its detections take more than ${most_result_bytes} bytes`;
    this.end();
  }

  #endOf(code: number | null): RunEnd {
    if (this.#cut !== '') return { error: this.#cut };
    const { reproduce } = this.#task.parameters;
    // 1 of reproduce: something differs, which is an answer too.
    const isOver = code === 0 || (code === 1 && reproduce !== undefined);
    const summary = isOver ? summaryIn(join(this.#task.folder, 'summary.json')) : null;
    if (summary !== null) return { summary };
    const command = reproduce === undefined ? 'backtest' : 'reproduce';
    const ended = isOver ? 'its summary cannot be read' : `weir ${command} ended with ${code}`;
    const why = code === null ? 'its process was ended' : ended;
    return { error: `${why}: ${this.#talk.trim()}` };
  }
}

function argumentsOf({ id, by, folder, data, paths, parameters }: RunTask): string[] {
  const { since, until, late_include, reproduce } = parameters;
  const node = [`--max-old-space-size=${heap_mb}`, program];
  if (reproduce !== undefined) {
    return [...node, 'reproduce', reproduce, ...paths, '--from', 'log', '--data', data, '--format', 'json'];
  }
  return [
    ...[...node, 'backtest', ...paths, '--from', 'log', '--data', data],
    ...['--out', join(folder, 'detections.ndjson'), '--summary', join(folder, 'summary.json')],
    ...['--format', 'ndjson', '--progress', '--utc', '--run', id, '--run-by', by],
    // The live engine has the other processors.
    ...['--threads', '1'],
    ...(since === null ? [] : ['--since', since]),
    ...(until === null ? [] : ['--until', until]),
    ...(late_include ? ['--late', 'include'] : []),
  ];
}

/** What a line of a run's stderr says of its progress; null: it is another line, whatever it looks like. */
function progressIn(line: string): RunRecord['progress'] {
  if (!/^\{"step":.*\}$/.test(line)) return null;
  try {
    return JSON.parse(line) as RunRecord['progress'];
  } catch {
    // A message may quote a text of a rule that begins so.
    return null;
  }
}

/** Null where the summary is not there, or is not whole: a disk was full. */
function summaryIn(path: string): object | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    return null;
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system does not let us: it runs all the same.
  }
}
