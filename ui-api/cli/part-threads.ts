import { inspect } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { PlacedMerge, type Program, type ProgramPart, statsOfParts } from '../../engine/index.ts';
import { startThread } from '../start-thread.ts';
import type { BacktestRunOptions } from './backtest-run.ts';
import { faultError } from './exit.ts';
import { type PlacedDetection, unpacked } from './packed-detections.ts';
import type { PartJob, PartNews } from './part-worker.ts';
import type { ShownDetection, ShownRun } from './shown-detection.ts';

/** What all threads of a backtest share. */
export type SharedJob = Omit<PartJob, 'part' | 'taken' | 'tells_letters' | 'most_waiting'>;

/** How much of what threads say may wait; results are the same whatever it is. */
export const flow = {
  /** Detections of a thread that wait for what others decide before them; beyond that it waits itself. */
  most_ahead: 10_000,
  /** Messages of a thread. */
  most_waiting: 64,
};

/** Who is told what threads say that is no detection. */
interface Listener extends Pick<BacktestRunOptions, 'on_letter' | 'on_reached' | 'on_table_row'> {
  /** Names of lookups of which the log has rows. */
  readonly recorded: (names: readonly string[]) => void;
}

interface Thread {
  readonly part: ProgramPart;
  /** By operator of the part. */
  readonly rules: Parameters<typeof unpacked>[1];
  readonly worker: Worker;
  readonly taken: Int32Array<SharedArrayBuffer>;
  /** Messages that came and that it was not told of. */
  untold: number;
  done: Extract<PartNews, { kind: 'done' }> | null;
}

/**
 * A backtest of a log's columns by several threads, each of which has some of the rules (engine/runtime/program-parts.ts) and
 * reads the columns that they need. What they decide is sorted in among each other, as one thread would have said it.
 */
export class PartsBacktest implements ShownRun {
  readonly #program: Program;
  readonly #listener: Listener;
  readonly #threads: Thread[] = [];
  readonly #merge: PlacedMerge<PlacedDetection>;
  readonly #most_ahead: number;
  /** Of a thread: what all have decided before it is given. */
  #failure: Error | null = null;
  /** Of whoever listens: nothing is worth giving any more. */
  #fault: unknown = null;
  /** Called when a thread has said something; null: nobody waits for that. */
  #wake: (() => void) | null = null;
  #reached_ms = Number.NEGATIVE_INFINITY;

  constructor(
    program: Program,
    parts: readonly ProgramPart[],
    job: SharedJob,
    listener: Listener,
    { most_ahead, most_waiting } = flow,
  ) {
    this.#program = program;
    this.#listener = listener;
    this.#merge = new PlacedMerge(parts.length);
    this.#most_ahead = most_ahead;
    try {
      for (const [k, part] of parts.entries()) this.#threads.push(this.#start(k, part, { ...job, most_waiting }));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #start(k: number, part: ProgramPart, job: Omit<PartJob, 'part' | 'taken' | 'tells_letters'>): Thread {
    const names = this.#program.operators.map(({ name }) => name);
    const rules = part.operators.map((operator) => {
      return { rule: names[operator], rule_number: names.indexOf(names[operator]) };
    });
    const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const given: PartJob = { ...job, part, taken, tells_letters: k === 0 };
    const worker = startThread(new URL('./part-worker.ts', import.meta.url), given);
    const thread: Thread = { part, rules, worker, taken, untold: 0, done: null };
    const fail = (error: unknown): void => this.#fail(error);
    worker.on('message', (news: PartNews) => {
      try {
        this.#take(k, news);
      } catch (error) {
        this.#fault ??= error;
        this.#wake?.();
      }
    });
    worker.on('messageerror', fail);
    worker.on('error', fail);
    worker.on('exit', (code) => {
      if (thread.done === null)
        this.#fail(new Error(`a thread that judges rules ended with ${code} before it was done`));
    });
    return thread;
  }

  /** What is decided, in the total order. @throws when a thread could not go on */
  async *finish(): AsyncGenerator<readonly ShownDetection[]> {
    try {
      for (;;) {
        if (this.#fault !== null) throw this.#fault;
        const detections = this.#merge.take();
        if (detections.length > 0) {
          for (const k of this.#threads.keys()) this.#letGoOn(k);
          yield detections;
          // Threads have said more meanwhile.
          continue;
        }
        if (this.#failure !== null) throw this.#failure;
        if (this.#threads.every(({ done }) => done !== null)) return;
        const said = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        for (const k of this.#threads.keys()) this.#letGoOn(k);
        await said;
        this.#wake = null;
      }
    } finally {
      this.close();
    }
  }

  #take(k: number, news: PartNews): void {
    const thread = this.#threads[k];
    const { operators } = thread.part;
    thread.untold++;
    if (news.kind === 'decided') this.#merge.add(k, unpacked(news.detections, thread.rules));
    else if (news.kind === 'rows') {
      for (const row of news.rows) this.#listener.on_table_row?.({ ...row, operator: operators[row.operator] });
    } else if (news.kind === 'letters') for (const letter of news.letters) this.#listener.on_letter(letter);
    else if (news.kind === 'reached') this.#reach(k, news);
    else {
      this.#merge.reach(k, Number.POSITIVE_INFINITY);
      this.#listener.recorded(news.recorded);
      thread.done = news;
    }
    this.#letGoOn(k);
    this.#wake?.();
  }

  #reach(k: number, { reached_ms, span }: Extract<PartNews, { kind: 'reached' }>): void {
    this.#merge.reach(k, reached_ms);
    const all_ms = this.#merge.reached_ms;
    if (all_ms > this.#reached_ms && Number.isFinite(all_ms)) this.#listener.on_reached?.(all_ms, span);
    this.#reached_ms = all_ms;
  }

  /** Tells a thread that its messages were taken, unless it is to wait. */
  #letGoOn(k: number): void {
    const thread = this.#threads[k];
    if (thread.untold === 0 || this.#isAhead(k)) return;
    Atomics.add(thread.taken, 0, thread.untold);
    Atomics.notify(thread.taken, 0);
    thread.untold = 0;
  }

  /**
   * Whether so much of a thread waits that it has to. Where somebody waits for detections and there are none to give, all
   * wait for the one that is furthest behind: it has to go on, however much it decides in one millisecond.
   */
  #isAhead(k: number): boolean {
    if (this.#merge.waiting(k) <= this.#most_ahead) return false;
    return this.#wake === null || this.#merge.reachedBy(k) > this.#merge.reached_ms;
  }

  #fail(error: unknown): void {
    this.#failure ??= asTold(error);
    this.#wake?.();
  }

  facts(): ReturnType<ShownRun['facts']> {
    const parts = this.#threads.map(({ part, done }) => {
      if (done === null) throw new Error('a thread that judges rules has not ended');
      return { part, facts: done.facts, stats: done.facts.stats };
    });
    const all = parts.map(({ facts }) => facts);
    const undecided = all.map((facts) => facts.undecided);
    const count = this.#threads.length;
    return {
      ...all[0],
      stats: statsOfParts(this.#program, parts),
      undecided: undecided.includes(null) ? null : undecided.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      history: new Map(all.flatMap(({ history }) => [...history])),
      notes: [`judged by ${count} threads, each with some of the rules and the columns that these read`],
    };
  }

  close(): void {
    for (const { worker } of this.#threads) void worker.terminate();
  }
}

function asTold(error: unknown): Error {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return faultError(
      'a thread that judges rules has no memory left',
      '--threads 1 takes less: one dictionary, and the lookups once',
    );
  }
  return error instanceof Error ? error : new Error(`a thread that judges rules ended: ${inspect(error)}`);
}
