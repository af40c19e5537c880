import type { CheckpointStore, Clock, Engine, EventLog, LogEntry, Program, Snapshot } from '../../engine/index.ts';
import type { Delivery } from './delivery.ts';
import type { IdleWatch } from './idle-watch.ts';
import { checkpointSnapshot } from './recovery.ts';

/** What a checkpoint is of. All that was applied is delivered, and its verdicts are in the log. */
export interface CheckpointedParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly log: EventLog;
  readonly delivery: Delivery;
  readonly watch: IdleWatch;
}

/** When the live loop writes a checkpoint, and what is in it. */
export class CheckpointKeeper {
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #every_ms: number;
  #due_ms: number;
  #changed = true;
  #ticked = false;
  #last_ms: number | null = null;

  constructor(store: CheckpointStore, clock: Clock, every_ms: number) {
    this.#store = store;
    this.#clock = clock;
    this.#every_ms = every_ms;
    this.#due_ms = clock.now_ms() + every_ms;
  }

  get is_due(): boolean {
    return this.#clock.now_ms() >= this.#due_ms;
  }

  /** When the last one with a state was on disk; null: none was in this run. */
  get last_ms(): number | null {
    return this.#last_ms;
  }

  /** Something was logged. A tick is cheap to read again: a quiet night must not write the same state every half minute. */
  logged(entries: readonly LogEntry[]): void {
    this.#changed ||= entries.some(({ kind }) => kind !== 'tick');
    this.#ticked = true;
  }

  /** The loop ends: other rules may start next, so what ticks alone have decided is told then, and nothing new to them. */
  ends(): void {
    this.#changed ||= this.#ticked;
  }

  /** One is being written: the next is due so much later. */
  begins(): void {
    this.#due_ms = this.#clock.now_ms() + this.#every_ms;
  }

  /**
   * Resolves when the state is on disk, or when nothing was logged since the last one. @throws what keeps it from the disk;
   * the one before stands.
   */
  async write(parts: CheckpointedParts): Promise<void> {
    if (!this.#changed) return;
    await this.#put(parts, await parts.engine.save());
    this.#changed = false;
    this.#ticked = false;
    this.#last_ms = this.#clock.now_ms();
  }

  /**
   * What is logged from here on is judged by these rules; a state that other rules left would judge it again, and
   * differently (law 1). So before the first such entry every checkpoint that is kept gives way to one that says how far Weir
   * has come and has no state. A start after a crash, or whose newest checkpoint is damaged, then reads the log with the
   * verdicts that it has. @throws what keeps them from the disk: then nothing may be logged
   */
  async giveUpStates(parts: CheckpointedParts): Promise<void> {
    for (let kept = 0; kept < this.#store.kept; kept++) await this.#put(parts, null);
    this.#changed = true;
  }

  #put({ program, engine, log, delivery, watch }: CheckpointedParts, state: Snapshot): Promise<void> {
    return this.#store.write(
      checkpointSnapshot({
        program_hash: program.hash,
        position: log.end_position,
        watermark_ms: engine.watermark_ms,
        detections_offset: delivery.offset,
        aggregates_offset: delivery.aggregates_offset,
        plan_hashes: program.operators.map((operator) => operator.plan_hash),
        ...delivery.memory(engine.watermark_ms),
        watch: watch.snapshot(),
        engine: state,
      }),
    );
  }
}
