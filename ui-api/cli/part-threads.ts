import module from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PlacedMerge, type Program, type ProgramPart, statsOfParts } from '../../engine/index.ts';
import type { BacktestFacts, BacktestRunOptions } from './backtest-run.ts';
import { type PlacedDetection, unpacked } from './packed-detections.ts';
import type { PartJob, PartNews } from './part-worker.ts';
import type { ShownDetection } from './shown-detection.ts';

/** What all threads of a backtest share. */
export type SharedJob = Omit<PartJob, 'part' | 'taken' | 'tells_letters'>;

/** Detections of a thread that wait for what others decide before them; beyond that it waits itself. */
const most_ahead = 10_000;

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
 * reads the columns that they need. What they decide is sorted in among each other, so that it is what one thread says.
 */
export class PartsBacktest {
  readonly #program: Program;
  readonly #options: BacktestRunOptions;
  readonly #threads: readonly Thread[];
  readonly #merge: PlacedMerge<PlacedDetection>;
  #failure: Error | null = null;
  #wake: () => void = () => undefined;
  #reached_ms = Number.NEGATIVE_INFINITY;

  constructor(program: Program, parts: readonly ProgramPart[], job: SharedJob, options: BacktestRunOptions) {
    this.#program = program;
    this.#options = options;
    this.#merge = new PlacedMerge(parts.length);
    const names = program.operators.map(({ name }) => name);
    // It stands in a folder of this version of Node.
    const cache = module.getCompileCacheDir();
    const compile_cache = cache === undefined ? null : dirname(cache);
    this.#threads = parts.map((part, k) => {
      const rules = part.operators.map((operator) => {
        return { rule: names[operator], rule_number: names.indexOf(names[operator]) };
      });
      const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const given: PartJob = { ...job, part, taken, tells_letters: k === 0 };
      const worker = new Worker(new URL('./part-thread.ts', import.meta.url), {
        workerData: { ...given, compile_cache },
      });
      return { part, rules, worker, taken, untold: 0, done: null };
    });
    this.#threads.forEach((thread, k) => {
      thread.worker.on('message', (news: PartNews) => this.#take(k, news));
      thread.worker.on('error', (error) => this.#fail(error as Error));
      thread.worker.on('exit', (code) => {
        if (thread.done === null) this.#fail(new Error(`a thread that judges rules ended with ${code}`));
      });
    });
  }

  /** What is decided, in the total order. @throws when a thread could not go on */
  async *finish(): AsyncGenerator<readonly ShownDetection[]> {
    try {
      for (;;) {
        const isDone = this.#threads.every(({ done }) => done !== null);
        const detections = this.#merge.take();
        for (const k of this.#threads.keys()) this.#letGoOn(k);
        if (detections.length > 0) yield detections;
        if (this.#failure !== null) throw this.#failure;
        if (isDone) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
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
      for (const row of news.rows) this.#options.on_table_row?.({ ...row, operator: operators[row.operator] });
    } else if (news.kind === 'letters') for (const letter of news.letters) this.#options.on_letter(letter);
    else if (news.kind === 'reached') {
      this.#merge.reach(k, news.reached_ms);
      const { reached_ms } = this.#merge;
      if (reached_ms > this.#reached_ms && Number.isFinite(reached_ms)) {
        this.#options.on_reached?.(reached_ms, news.span);
      }
      this.#reached_ms = reached_ms;
    } else {
      this.#merge.reach(k, Number.POSITIVE_INFINITY);
      thread.done = news;
    }
    this.#letGoOn(k);
    this.#wake();
  }

  /** Tells a thread that its messages were taken; not one that is far ahead of the others. */
  #letGoOn(k: number): void {
    const thread = this.#threads[k];
    if (thread.untold === 0 || this.#merge.waiting(k) > most_ahead) return;
    Atomics.add(thread.taken, 0, thread.untold);
    Atomics.notify(thread.taken, 0);
    thread.untold = 0;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** When finish() has run to its end. */
  facts(): BacktestFacts {
    const parts = this.#threads.map(({ part, done }) => {
      if (done === null) throw new Error('a thread that judges rules has not ended');
      return { part, facts: done.facts, stats: done.facts.stats };
    });
    const all = parts.map(({ facts }) => facts);
    const [first] = all;
    const undecided = all.map((facts) => facts.undecided);
    return {
      ...first,
      stats: statsOfParts(this.#program, parts),
      undecided: undecided.includes(null) ? null : undecided.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      history: new Map(all.flatMap(({ history }) => [...history])),
    };
  }

  /** What has to be said of how they read the log. */
  get notes(): string[] {
    // As much as the one that read most; null: all of it.
    const notes = this.#threads.map(({ done }) => done?.note ?? null);
    const [most] = notes.includes(null) ? [null] : notes.sort();
    const threads = `judged by ${this.#threads.length} threads, each with some of the rules and the columns that these read`;
    return most === null ? [threads] : [most, threads];
  }

  /** Names of lookups of which the log has rows. */
  get recorded(): readonly string[] {
    return [...new Set(this.#threads.flatMap(({ done }) => done?.recorded ?? []))];
  }

  close(): void {
    for (const { worker } of this.#threads) void worker.terminate();
  }
}
