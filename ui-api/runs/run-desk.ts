import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedFiles } from '../deploy/rule-desk.ts';
import { RecordFile } from '../records/record-file.ts';
import { RunRefused, writeRunFiles } from './run-files.ts';
import { appendRun } from './run-history.ts';
import { type RunEnd, RunProcess } from './run-process.ts';
import { type RunParameters, type RunRecord, type RunState, readRuns, runId, writeRun } from './run-record.ts';

export interface RunDeskOptions {
  /** Folder of the runs. */
  readonly folder: string;
  /** The data folder, whose log is read. */
  readonly data: string;
  /** The file of all runs: what is over and found nothing is noted there; the others note themselves. */
  readonly history: string;
  /** Of Weir. */
  readonly version: string;
  /** The rules as they run now: a deployment changes them. */
  readonly files: () => LoadedFiles;
  readonly now_ms: () => number;
  readonly most_running?: number;
  readonly most_kept?: number;
}

/** Runs that wait; beyond it no more are taken. */
export const most_waiting = 8;
/** Runs that are kept, with their detections; beyond it the oldest ones are removed. */
const most_kept = 50;
const most_running = 2;
/** States in which a run has not written its own line. */
const unfinished: ReadonlySet<RunState> = new Set(['failed', 'cancelled', 'interrupted']);

/**
 * Starts backtests over the log, and reproductions, and keeps what they found: each is a process of its own, on a copy of the rules. They
 * end with Weir.
 */
export class RunDesk {
  readonly #options: RunDeskOptions;
  readonly #runs = new Map<string, RunRecord>();
  readonly #processes = new Map<string, RunProcess>();
  /** What the backtest of each run of this start is asked. */
  readonly #paths = new Map<string, readonly string[]>();
  #stopped = false;
  #last_ms = 0;

  /** Reads the runs of earlier starts: what ran then was interrupted. */
  constructor(options: RunDeskOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    for (const run of readRuns(options.folder)) {
      this.#runs.set(run.id, run);
      if (run.state === 'running' || run.state === 'queued') {
        this.#change(run.id, { state: 'interrupted', ended_at: this.#now(), error: 'Weir ended while it ran' });
      } else if (run.ended_at === null) this.#change(run.id, { ended_at: this.#now() });
    }
  }

  /** The latest first. */
  list(): RunRecord[] {
    return [...this.#runs.values()].reverse();
  }

  one(id: string): RunRecord | null {
    return this.#runs.get(id) ?? null;
  }

  /** What it found, as far as it has come; null: there is no such run. */
  detections(id: string): RecordFile | null {
    if (!this.#runs.has(id)) return null;
    const path = join(this.#folderOf(id), 'detections.ndjson');
    return new RecordFile(path, () => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }

  get #waiting(): RunRecord[] {
    return [...this.#runs.values()].filter(({ state }) => state === 'queued');
  }

  /** Whether start() would take one more. */
  get has_room(): boolean {
    return this.#waiting.length < most_waiting && !this.#stopped;
  }

  /**
   * Takes a run: it begins when there is room. `before` is called with its id when it can be, before anything is kept; what
   * it throws ends it.
   * @throws RunRefused when it cannot be as it was asked for
   */
  start(parameters: RunParameters, by: string, before: (id: string) => void): RunRecord {
    const { now_ms } = this.#options;
    const files = this.#options.files();
    // Ids stand in the order in which they were made, also those of one millisecond.
    this.#last_ms = Math.max(this.#last_ms + 1, now_ms());
    const id = `r${this.#last_ms.toString(36).padStart(9, '0')}-${randomBytes(3).toString('hex')}`;
    const folder = this.#folderOf(id);
    mkdirSync(folder, { mode: 0o700 });
    try {
      this.#paths.set(id, writeRunFiles(join(folder, 'files'), files, parameters));
      before(id);
    } catch (error) {
      this.#paths.delete(id);
      rmSync(folder, { recursive: true });
      throw error;
    }
    const names = new Set(parameters.rules ?? []);
    const rules = files.plan.operators.filter(
      ({ kind, name }) => kind === 'rule' && (names.size === 0 || names.has(name)),
    );
    const run: RunRecord = {
      ...{ id, state: 'queued', by, created_at: this.#now(), started_at: null, ended_at: null, parameters },
      plan_hashes: parameters.candidate === null ? Object.fromEntries(rules.map(({ name, hash }) => [name, hash])) : {},
      ...{ progress: null, summary: null, error: null },
    };
    this.#runs.set(id, run);
    writeRun(folder, run);
    this.#removeOldest();
    this.#next();
    return this.#runs.get(id) as RunRecord;
  }

  /** Ends a run that waits or runs; false: it has ended already. */
  cancel(id: string): boolean {
    const run = this.#runs.get(id);
    if (run?.state === 'queued') {
      this.#change(id, { state: 'cancelled', ended_at: this.#now() });
      return true;
    }
    if (run?.state !== 'running') return false;
    this.#change(id, { state: 'cancelled' });
    this.#processes.get(id)?.end();
    return true;
  }

  /** Ends every run; resolves when their processes are gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const running = [...this.#processes];
    for (const [id, run] of running) {
      const { state } = this.#runs.get(id) as RunRecord;
      if (state === 'running') this.#change(id, { state: 'interrupted', error: 'Weir ended while it ran' });
      run.end();
    }
    await Promise.all(running.map(([, run]) => run.ended));
  }

  #next(): void {
    const most = this.#options.most_running ?? most_running;
    for (const run of this.#waiting) {
      if (this.#stopped || this.#processes.size >= most) return;
      this.#begin(run);
    }
  }

  #begin({ id, by, parameters }: RunRecord): void {
    const folder = this.#folderOf(id);
    this.#change(id, { state: 'running', started_at: this.#now() });
    const task = { id, by, folder, data: this.#options.data, paths: this.#paths.get(id) ?? [], parameters };
    const run = new RunProcess(task, (progress) => {
      this.#runs.set(id, { ...(this.#runs.get(id) as RunRecord), progress });
    });
    this.#processes.set(id, run);
    void run.ended.then((end) => this.#finish(id, end));
  }

  #finish(id: string, end: RunEnd): void {
    this.#processes.delete(id);
    const ended_at = this.#now();
    if (this.#runs.get(id)?.state !== 'running') this.#change(id, { ended_at });
    else if ('summary' in end) this.#change(id, { state: 'done', ended_at, summary: end.summary });
    else this.#change(id, { state: 'failed', ended_at, error: end.error });
    this.#next();
  }

  #change(id: string, change: Partial<RunRecord>): void {
    const run = { ...(this.#runs.get(id) as RunRecord), ...change };
    this.#runs.set(id, run);
    if (unfinished.has(change.state ?? 'done')) this.#note(run);
    try {
      writeRun(this.#folderOf(id), run);
    } catch {
      // A full disk must not end Weir: it is known until the next start, which calls it interrupted.
    }
  }

  /** A run that did not come to its end. */
  #note(run: RunRecord): void {
    // To look at a detection again is no run of rules.
    if (run.parameters.reproduce !== undefined) return;
    const { history, version } = this.#options;
    const at = this.#now();
    // A full disk must not end Weir.
    appendRun(history, {
      ...{ id: run.id, mode: 'backtest', state: run.state, by: run.by, version, program_hash: '', input: 'log' },
      ...{ rules: Object.entries(run.plan_hashes), parameters: run.parameters, range: [null, null], log: [0, 0] },
      ...{ started_at: run.started_at ?? run.created_at, ended_at: at, at, counters: {}, detections: {} },
      error: run.error,
    });
  }

  #removeOldest(): void {
    const most = this.#options.most_kept ?? most_kept;
    for (const { id, state } of this.#runs.values()) {
      if (this.#runs.size <= most) return;
      // One that was cancelled may still be ending, and writes into its folder until it has.
      if (state === 'running' || state === 'queued' || this.#processes.has(id)) continue;
      this.#runs.delete(id);
      this.#paths.delete(id);
      rmSync(this.#folderOf(id), { recursive: true, force: true });
    }
  }

  #folderOf(id: string): string {
    if (!runId.test(id)) throw new RunRefused(`${id} is no run`, 'GET /v1/runs lists them');
    return join(this.#options.folder, id);
  }

  #now(): string {
    return new Date(this.#options.now_ms()).toISOString();
  }
}
