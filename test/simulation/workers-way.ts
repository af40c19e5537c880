import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { compile, type ProgramPlan } from '../../dsl/index.ts';
import {
  type Detection,
  Engine,
  type EngineOptions,
  type LogEntry,
  type PartAnswer,
  PartFold,
  type PartMessage,
  PartServant,
  type PartThread,
  type Program,
  type TableRow,
  type WorkerParts,
} from '../../engine/index.ts';
import { partsForWorkers, programOfPart } from '../../ui-api/live/worker-parts.ts';

type Output = ReturnType<Engine['advance']>;

/** How often something was there that a test is about. */
export const workerRuns = { made: 0, others_decide: 0, both_decide: 0, restored: 0, late_answers: 0, full: 0 };

/** Folds of parts that run here, whose messages are copied as they are between threads, and that answer when they like. */
export class NearThreads {
  readonly #waiting: (() => void)[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** @param options those of the engine that the parts have too */
  parts(plan: ProgramPlan, program: Program, count: number, options: EngineOptions): WorkerParts | null {
    const rows = new Map(program.operators.map(({ name }) => [name, Math.floor(this.#random() * 100)]));
    const events = this.#random() < 0.5 ? 0 : 100;
    const [own, ...others] = partsForWorkers(program, count, { events, rows }).map((part) => programOfPart(plan, part));
    if (others.length === 0) return null;
    const { shards = 1, limits, sweep } = options;
    const start: WorkerParts['start'] = (k, listener): PartThread => {
      const { part, program: ofPart } = others[k];
      const servant = new PartServant((snapshot) => {
        const given = { shards, stores: part.stores, ...(limits && { limits }), ...(sweep && { sweep }) };
        return new PartFold(ofPart, given, snapshot);
      });
      const post = (message: PartMessage): void => {
        const sent = structuredClone(message);
        this.#waiting.push(() => listener.answer(structuredClone(servant.answer(sent)) as PartAnswer));
      };
      return { post, close: async () => undefined };
    };
    return { own, others, start, most_batches: this.#random() < 0.5 ? 2 : 16 };
  }

  /** Some of what waits is answered, or all of it. */
  answer(all = false): void {
    const count = all ? this.#waiting.length : Math.floor(this.#random() * (this.#waiting.length + 1));
    if (count < this.#waiting.length) workerRuns.late_answers++;
    for (const one of this.#waiting.splice(0, count)) one();
  }

  /** Until all is decided and given, by the engine's own way to wait. Sometimes all is answered before it waits, as while a file is written. */
  async settled(engine: Engine, advance: () => void): Promise<void> {
    if (this.#random() < 0.5) this.answer(true);
    await this.answering(engine.settle(advance));
  }

  /** What answers when it is asked is there only then. */
  async answering<T>(promise: Promise<T>): Promise<T> {
    let isThere = false;
    const result = promise.finally(() => {
      isThere = true;
    });
    while (!isThere) {
      this.answer(true);
      await setImmediate();
    }
    return result;
  }
}

export function planOf(text: string): ProgramPlan {
  const { plan } = compile([{ path: 'case.rule.sql', text }]);
  assert.ok(plan !== null);
  return plan;
}

export interface WorkersRun {
  readonly detections: readonly Detection[];
  readonly rows: readonly TableRow[];
  readonly early: Output['early'];
  readonly stats: ReturnType<Engine['stats']>;
}

/** The live engine with several threads over entries in arrival order, saved and restored where told. */
export async function runWorkers(
  program: Program,
  workers: WorkerParts,
  threads: NearThreads,
  entries: readonly LogEntry[],
  given: EngineOptions & { readonly arrival_batch: number; readonly restarts: ReadonlySet<number> },
): Promise<WorkersRun> {
  const options = { ...given, workers };
  let engine = new Engine(program, options);
  const outputs: Output[] = [];
  const advance = (): void => void outputs.push(engine.advance());
  workerRuns.made++;
  for (const [position, entry] of entries.entries()) {
    if (options.restarts.has(position)) {
      advance();
      await threads.settled(engine, advance);
      engine = Engine.restore(program, structuredClone(await threads.answering(engine.save())), options);
      workerRuns.restored++;
    }
    engine.apply(position, entry);
    if ((position + 1) % options.arrival_batch === 0) advance();
    if (engine.behind === Number.POSITIVE_INFINITY) {
      workerRuns.full++;
      await threads.settled(engine, advance);
    }
    threads.answer();
    // What was answered is there at once; whoever waits for it goes on at the next turn.
    if (position % 64 === 0) await setImmediate();
  }
  engine.apply(entries.length, { kind: 'end' });
  advance();
  await threads.settled(engine, advance);
  await threads.answering(engine.refreshed());
  const detections = outputs.flatMap((output) => output.detections);
  const own = new Set(workers.own.part.operators);
  const byOwn = detections.map(({ operator }) => own.has(operator));
  if (byOwn.includes(false)) workerRuns.others_decide++;
  if (byOwn.includes(false) && byOwn.includes(true)) workerRuns.both_decide++;
  return {
    detections,
    rows: outputs.flatMap((output) => output.table_rows),
    early: outputs.flatMap((output) => output.early),
    stats: engine.stats(),
  };
}
