import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AggregateFile,
  CheckpointDirectory,
  DeadLetterFile,
  DetectionFile,
  type Processes,
  SegmentLog,
} from '../../../connectors/index.ts';
import { buildProgram, compile, type ProgramPlan } from '../../../dsl/index.ts';
import { ManualClock, type Program } from '../../../engine/index.ts';
import { Delivery } from '../../../ui-api/live/delivery.ts';
import { DetectionFeed } from '../../../ui-api/live/detection-feed.ts';
import { LiveDriver } from '../../../ui-api/live/driver.ts';
import { goLive } from '../../../ui-api/live/go-live.ts';
import {
  openEarlyOf,
  type RecoveryReport,
  readCheckpoint,
  replay,
  restoreAll,
  workersOf,
} from '../../../ui-api/live/recovery.ts';
import { divideWorkers } from '../../../ui-api/live/worker-parts.ts';
import { type Fault, FaultyFiles } from '../../connectors/files/faulty-files.ts';

export const start_ms = Date.parse('2026-03-01T10:00:00Z');

/** Rules as they are given to a start or a deployment. */
export interface Given {
  readonly plan: ProgramPlan;
  readonly program: Program;
}

export function given(text: string): Given {
  const { plan, diagnostics } = compile([{ path: 'rules.sql', text }]);
  assert.ok(plan !== null, JSON.stringify(diagnostics));
  return { plan, program: buildProgram(plan) };
}

/** One process on the folder: what `weir run` has of a loop, without the API. */
export interface Life {
  readonly driver: LiveDriver;
  readonly log: SegmentLog;
  readonly recovery: RecoveryReport;
  /** Closes the files. */
  readonly close: () => Promise<void>;
}

/** Each life is a process of its own; the earlier ones are dead. */
function processOf(number: number): Processes {
  return { pid: number, started: '1', startOf: (pid) => (pid === number ? '1' : null) };
}

/** A data folder on real files, and the processes that run on it, one after the other. */
export class LivesFolder {
  readonly root: string;
  readonly clock = new ManualClock(start_ms);
  readonly #workers: number;
  readonly #random: () => number;
  #files: FaultyFiles;
  #lives = 0;
  #running: Life | null = null;
  /** Asked at each file call of the next lives. */
  fault: (call: string, path: string) => Fault | undefined = () => undefined;

  /** @param random what a power loss leaves of what was not on disk */
  constructor(root: string, workers = 1, random: () => number = () => 0) {
    this.root = root;
    this.#workers = workers;
    this.#random = random;
    this.#files = new FaultyFiles(root, this.#plan);
  }

  get #plan() {
    return { random: this.#random, fault: (call: string, path: string) => this.fault(call, path) };
  }

  get log_directory(): string {
    return join(this.root, 'log');
  }

  get detections(): string {
    return join(this.root, 'detections.ndjson');
  }

  get tables(): string {
    return join(this.root, 'tables.ndjson');
  }

  async start(rules: Given): Promise<Life> {
    const { clock, root } = this;
    const { program, plan } = rules;
    const files = this.#files;
    const log = await SegmentLog.open({ directory: this.log_directory, files, processes: processOf(++this.#lives) });
    const checkpoints = new CheckpointDirectory({ directory: join(root, 'checkpoints'), files });
    const checkpoint = readCheckpoint(await checkpoints.read());
    const told = { known_offset: checkpoint?.detections_offset ?? 0, open_early: openEarlyOf(checkpoint) };
    const detections = await DetectionFile.open({ path: this.detections, files, ...told });
    const dead_letters = await DeadLetterFile.open({ path: join(root, 'dead-letters.ndjson'), files });
    const keepsTables = program.operators.some(({ table }) => table !== undefined);
    const known_offset = checkpoint?.aggregates_offset ?? 0;
    const aggregates = keepsTables ? await AggregateFile.open({ path: this.tables, files, known_offset }) : null;
    const saved = workersOf(checkpoint, program);
    const parts = await divideWorkers({ workers: this.#workers, program, plan, log, saved });
    const restored = await restoreAll(program, checkpoint, log, clock, parts);
    const { engine, watch } = restored;
    const sinks = { detections, dead_letters, aggregates, feed: new DetectionFeed() };
    const delivery = new Delivery({ program, engine, ...sinks, clock });
    const recovery = await replay(restored, program, log, delivery, clock, () => undefined);
    const driver = new LiveDriver(
      { program, engine, log, checkpoints, delivery, watch, clock, started: recovery.kind },
      { queue_events: 10_000, checkpoint_ms: 30_000 },
    );
    await driver.listens();
    const close = async () => {
      for (const file of [detections, dead_letters, aggregates, log]) await file?.close();
    };
    this.#running = { driver, log, recovery, close };
    return this.#running;
  }

  /** Rules that take over from those that run, as PUT /v1/rules/NAME brings them. */
  async deploy({ driver, log }: Life, { plan, program }: Given): Promise<void> {
    const parts = await divideWorkers({ workers: this.#workers, program, plan, log, saved: null });
    await goLive({ driver, log, keeps_tables: false, is_stopping: () => false }, program, () => [], parts);
  }

  /** All that was sent is judged, decided as far as W, and on disk. */
  async settled({ driver }: Life): Promise<void> {
    for (let turns = 0; turns < 2; turns++) await driver.pause(async () => null);
  }

  async checkpointed(life: Life): Promise<void> {
    this.clock.advance(30_000);
    await this.settled(life);
  }

  /** A test that failed leaves a life behind: it ends, and keeps no process. */
  async abandon(): Promise<void> {
    if (this.#running !== null) await this.end(this.#running, 'kill');
  }

  /** In order; kill -9; or the machine is without power. */
  async end({ driver, close }: Life, how: 'stop' | 'kill' | 'power'): Promise<void> {
    this.#running = null;
    if (how === 'stop') {
      await driver.stop();
      await close();
      return;
    }
    const dead = this.#files;
    if (how === 'kill') this.#files = await dead.restart(this.#plan);
    else {
      await dead.crash();
      this.#files = new FaultyFiles(this.root, this.#plan);
    }
    // No file call of it does anything any more: what ends here are its timer and its threads.
    await driver.stop().catch(() => undefined);
  }

  /** The disk damages so many checkpoints, the newest first. */
  damageCheckpoints(most: number): void {
    const directory = join(this.root, 'checkpoints');
    const names = readdirSync(directory).filter((name) => name.endsWith('.checkpoint'));
    for (const name of names.sort().reverse().slice(0, most)) {
      const path = join(directory, name);
      writeFileSync(path, readFileSync(path).subarray(0, 30));
    }
  }
}
