import type { JudgedTo } from '../../connectors/index.ts';
import {
  type CheckpointStore,
  type Clock,
  type Engine,
  type EventLog,
  type LogEntry,
  type LookupContent,
  limits,
  type Program,
  type SourceRecord,
  type Verdict,
} from '../../engine/index.ts';
import { ApiError } from '../api/problem.ts';
import { IntakeClosed, type LineResult } from '../api/service.ts';
import { BetweenTurns } from './between-turns.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { Delivery } from './delivery.ts';
import type { IdleWatch } from './idle-watch.ts';
import { IntakeQueue, type Submission } from './intake-queue.ts';
import { lineResult } from './line-result.ts';
import type { NextRules } from './next-engine.ts';
import type { RecoveryReport } from './recovery.ts';

/**
 * Events appended and applied in one turn of the loop; more than that would delay answers and the watermark. With half as
 * many and the store on the same disk, the engine's thread worked less than half of the time at the most that it took in.
 */
const turn_events = 8192;
/** The loop looks at the clock at least this often. */
const wake_ms = 250;

export interface DriverParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly delivery: Delivery;
  readonly watch: IdleWatch;
  readonly clock: Clock;
  /** How the engine came to its state: unless it was 'fresh' or 'resumed', checkpoints that are there may be of other rules. */
  readonly started: RecoveryReport['kind'];
}

export interface DriverOptions {
  readonly queue_events: number;
  readonly checkpoint_ms: number;
  /** Events that may wait for the watermark (default: limits.pending_events). */
  readonly pending_events?: number;
}

/** Beyond the bound, the partition that everybody waits for may add so much of it. */
const holder_share = 0.25;

/** The door rejects what is over the limit: its beginning and its length are kept, so that the log stays small. */
function recordOf(partition: string, position: number, received_at: number, line: Uint8Array): SourceRecord {
  if (line.length <= limits.record_bytes) return { partition, position, received_at, bytes: line };
  const bytes = line.subarray(0, limits.record_bytes + 1);
  return { partition, position, received_at, bytes, length: line.length };
}

export type DriverState = 'running' | 'stopping' | 'stopped' | 'failed';

/**
 * The one loop that moves live events: queue -> log (on disk) -> engine -> verdicts, dead letters, detections ->
 * checkpoint. Nothing else appends to the log or touches the engine, so entries act in the order in which they stand in
 * the log, and a restart that reads the log again does the same.
 */
export class LiveDriver {
  #parts: DriverParts;
  readonly #options: DriverOptions;
  readonly #queue: IntakeQueue;
  #state: DriverState = 'running';
  #listening: 'no' | 'begins' | 'yes' = 'no';
  #begun: () => void = () => undefined;
  readonly #asked: BetweenTurns;
  #received_at: number;
  readonly #checkpoints: CheckpointKeeper;
  #judged: JudgedTo | null = null;
  readonly #finished: Promise<void>;

  /** The engine must stand at the log's end (live/recovery.ts), and is the driver's. The loop starts at once. */
  constructor(parts: DriverParts, options: DriverOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#queue = new IntakeQueue(options.queue_events);
    this.#asked = new BetweenTurns(() => this.#queue.wake());
    this.#received_at = parts.clock.now_ms();
    this.#checkpoints = new CheckpointKeeper(parts.checkpoints, parts.clock, options.checkpoint_ms);
    this.#finished = this.#run();
    // Whoever waits for `finished` sees the error; without this line it would end the process before.
    this.#finished.catch(() => undefined);
  }

  /** Resolves when the loop has ended in order; rejects with what broke it: a full disk, a fault of the engine. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** The rules that run, and their engine. */
  get running(): { readonly program: Program; readonly engine: Engine } {
    return this.#parts;
  }

  get state(): DriverState {
    return this.#state;
  }

  get queued_events(): number {
    return this.#queue.events;
  }

  /** Null before the first accepted event, and until something was logged in this run. */
  get judged(): JudgedTo | null {
    return this.#judged;
  }

  get last_checkpoint_ms(): number | null {
    return this.#checkpoints.last_ms;
  }

  /** See LiveService.submit. */
  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null {
    const { watch, clock } = this.#parts;
    if (!watch.knows(partition) && watch.partitions >= limits.partitions) {
      return Promise.reject(
        new ApiError(
          'too_many_partitions',
          `there are ${limits.partitions} partitions already, and ${partition} would be one more`,
          'use one partition per sender, not one per request',
        ),
      );
    }
    const taken = this.#hasRoom(partition) ? this.#queue.offer(partition, lines) : null;
    if (taken === null) watch.refused(partition, clock.now_ms());
    return taken;
  }

  /**
   * Events that wait for the watermark: a source that is behind holds them back, and memory is bounded. That source
   * itself is let in beyond the bound: without it nothing would ever be released.
   */
  #hasRoom(partition: string): boolean {
    const { engine } = this.#parts;
    const most = this.#options.pending_events ?? limits.pending_events;
    if (engine.pending < most) return true;
    return engine.held_back_by === partition && engine.pending < most * (1 + holder_share);
  }

  /**
   * The API listens: from now on the silence of a partition means something. Before, nobody steps aside. Resolves when
   * that is in effect, or when the loop broke (`finished` says why).
   */
  async listens(): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      this.#begun = resolve;
    });
    this.#listening = 'begins';
    this.#queue.wake();
    await Promise.race([begun, this.#finished.catch(() => undefined)]);
  }

  /**
   * From W on, as it is when the next turn begins, these are the lookups' rows (S13). Resolves, when the log has it on
   * disk and it is in effect, with that stream time (-Infinity before the first event); rejects when Weir has stopped.
   */
  activate(contents: readonly LookupContent[]): Promise<number> {
    if (this.#state !== 'running') return Promise.reject(new IntakeClosed('Weir is stopping'));
    return this.#asked.activate(contents);
  }

  /**
   * Does something between two turns, when all verdicts are in the log: nothing is appended and nothing applied meanwhile,
   * who sends events waits. What it gives takes the place of the rules that run, at W as it is then, with a checkpoint;
   * null: nothing does. What it throws is the caller's, and everything stays as it was. Rejects when Weir has stopped.
   */
  pause(work: () => Promise<NextRules | null>): Promise<boolean> {
    if (this.#state !== 'running') return Promise.reject(new IntakeClosed('Weir is stopping'));
    return this.#asked.pause(work);
  }

  /** Takes nothing more, finishes what waits, writes a checkpoint. Resolves when all is on disk. */
  async stop(): Promise<void> {
    if (this.#state === 'running') this.#state = 'stopping';
    this.#queue.close('Weir is stopping', false);
    await this.#finished;
  }

  async #run(): Promise<void> {
    const waker = setInterval(() => this.#queue.wake(), wake_ms);
    let reason = 'Weir has stopped';
    try {
      if (this.#parts.started === 'rebuilt') await this.#takeOver([]);
      while (this.#state === 'running' || this.#queue.events > 0) {
        await this.#turn();
        if (this.#state === 'running') await this.#queue.waited();
      }
      this.#checkpoints.ends();
      await this.#checkpoint();
      this.#state = 'stopped';
    } catch (error) {
      this.#state = 'failed';
      reason = `Weir stopped: ${error instanceof Error ? error.message : String(error)}`;
      this.#queue.close(reason, true);
      throw error;
    } finally {
      clearInterval(waker);
      await this.#parts.engine.close();
      this.#asked.refuse(new IntakeClosed(reason));
    }
  }

  async #turn(): Promise<void> {
    const { watch, clock } = this.#parts;
    if (this.#listening === 'begins') {
      this.#listening = 'yes';
      await this.#apply(watch.listens(clock.now_ms()));
      this.#begun();
    }
    await this.#activateWaiting();
    await this.#pauseIfAsked();
    const submissions = this.#queue.take(turn_events);
    if (submissions.length > 0) await this.#takeIn(submissions);
    // In busy turns too: one sender's load must not keep another, silent one active.
    const now_ms = clock.now_ms();
    const due = this.#listening === 'yes' ? watch.due(now_ms, (partition) => this.#queue.holds(partition)) : [];
    if (submissions.length === 0 || due.length > 0) await this.#apply(due);
    if (this.#checkpoints.is_due) await this.#checkpoint();
  }

  async #activateWaiting(): Promise<void> {
    for (const next of this.#asked.activations()) {
      // Nothing else moves W between this look and the entry: the loop is the only one that touches the engine.
      const from_ms = this.#parts.engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
      try {
        await this.#apply(
          next.contents.map(({ name, version, bytes }) => ({ kind: 'lookup', name, from_ms, version, bytes })),
        );
        next.resolve(from_ms);
      } catch (error) {
        next.reject(error instanceof Error ? error : new Error(String(error)));
        throw error;
      }
    }
  }

  async #pauseIfAsked(): Promise<void> {
    for (const next of this.#asked.pauses()) {
      await this.#apply([]);
      let rules: NextRules | null;
      try {
        rules = await next.work();
      } catch (error) {
        next.reject(error);
        continue;
      }
      try {
        if (rules !== null) await this.#replace(rules);
        next.resolve(rules !== null);
      } catch (error) {
        // In the middle of it nothing is known to be whole: the loop ends, and a start takes up the log.
        next.reject(error);
        throw error;
      }
    }
  }

  async #replace({ program, engine, lookups, open_early, openers }: NextRules): Promise<void> {
    const before = this.#parts.engine;
    this.#parts.delivery.replace({ program, engine }, open_early, openers);
    this.#parts = { ...this.#parts, program, engine };
    await before.close();
    const known = engine.lookup_versions;
    const changed = lookups.filter(({ name, version }) => known.get(name) !== version);
    const from_ms = engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
    await this.#takeOver(
      changed.map(({ name, version, bytes }) => ({ kind: 'lookup', name, from_ms, version, bytes })),
    );
  }

  /**
   * Others than these rules may have left the checkpoints that are there. None of their states may stand before what these
   * log, so that comes first; then the entries, and a checkpoint that a restart goes on from.
   */
  async #takeOver(entries: readonly LogEntry[]): Promise<void> {
    await this.#parts.delivery.deliver();
    await this.#checkpoints.giveUpStates(this.#parts);
    await this.#apply(entries);
    await this.#checkpoint();
  }

  /** Logs and applies the lines of all submissions together (one write, one fsync), then answers each. */
  async #takeIn(submissions: readonly Submission[]): Promise<void> {
    const { log, watch, clock, delivery } = this.#parts;
    // A clock that steps back would make received_at fall within the log.
    this.#received_at = Math.max(this.#received_at, clock.now_ms());
    const entries: LogEntry[] = delivery.takeVerdicts();
    const back = new Set<string>();
    for (const { partition, lines } of submissions) {
      if (watch.is_aside(partition) && !back.has(partition)) entries.push({ kind: 'back', partition });
      back.add(partition);
      for (const line of lines) {
        const position = log.end_position + entries.length;
        entries.push({ kind: 'record', record: recordOf(partition, position, this.#received_at, line) });
      }
    }
    let results: LineResult[];
    try {
      results = await this.#append(entries);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const submission of submissions) submission.reject(new IntakeClosed(reason));
      throw error;
    }
    let next = 0;
    for (const { lines, resolve } of submissions) {
      resolve(results.slice(next, next + lines.length));
      next += lines.length;
    }
    // Where more waits, other threads fold this turn's rows while this one takes in the next.
    await delivery.deliver(this.#queue.events > 0 ? limits.batches_behind : 0);
  }

  /** Logs and applies entries that are no records, and the verdicts that wait. */
  async #apply(entries: readonly LogEntry[]): Promise<void> {
    const all = [...this.#parts.delivery.takeVerdicts(), ...entries];
    if (all.length > 0) await this.#append(all);
    else this.#noteJudged(this.#parts.log.end_position, this.#parts.engine.watermark_ms);
    await this.#parts.delivery.deliver();
  }

  /** On disk first, then in effect. One result per record among the entries. */
  async #append(entries: readonly LogEntry[]): Promise<LineResult[]> {
    const { log, engine, watch, clock, delivery } = this.#parts;
    // The verdicts that wait stand among the entries: with them, everything before this is judged.
    const { watermark_ms } = engine;
    const first = await log.append(entries);
    this.#noteJudged(first + entries.length, watermark_ms);
    this.#checkpoints.logged(entries);
    const now_ms = clock.now_ms();
    const results: LineResult[] = [];
    const verdicts: Verdict[] = [];
    const places: number[] = [];
    let heard = '';
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry.kind === 'verdict') continue;
      const verdict = engine.apply(first + i, entry);
      // Records of one partition follow one another: the first of them that is a sign of life says that it was heard.
      const partition = entry.kind === 'record' ? entry.record.partition : '';
      const { is_sign_of_life } = engine;
      if (partition === '' || partition !== heard) watch.observe(entry, now_ms, verdict, is_sign_of_life);
      if (partition !== heard || is_sign_of_life) heard = is_sign_of_life ? partition : '';
      if (verdict === null) continue;
      verdicts.push(verdict);
      places.push(first + i);
    }
    const decided = delivery.collect();
    for (let i = 0; i < verdicts.length; i++) {
      results.push(lineResult(verdicts[i], decided.get(places[i])?.detail ?? ''));
    }
    return results;
  }

  #noteJudged(position: number, watermark_ms: number | null): void {
    if (watermark_ms !== null) this.#judged = { position, watermark_ms };
  }

  /** Everything before the checkpoint's position is in the engine's state and on disk at the sinks. */
  async #checkpoint(): Promise<void> {
    this.#checkpoints.begins();
    await this.#apply([]);
    await this.#checkpoints.write(this.#parts);
  }
}
