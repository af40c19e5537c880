import { type Clock, type EngineStats, type EventLog, failedValuesObject } from '../../engine/index.ts';
import type { LineResult, LiveService } from '../api/service.ts';
import type { BlindWatch } from './blind-watch.ts';
import type { Delivery } from './delivery.ts';
import type { LiveDriver } from './driver.ts';
import type { FieldWatch } from './field-watch.ts';
import type { IdleWatch } from './idle-watch.ts';
import type { LiveStore } from './store.ts';

export interface WeirParts {
  readonly driver: LiveDriver;
  readonly blind: BlindWatch;
  readonly fields: FieldWatch;
  readonly log: EventLog;
  readonly delivery: Delivery;
  readonly watch: IdleWatch;
  readonly clock: Clock;
  readonly version: string;
  /** Null: there is none. */
  readonly store: LiveStore | null;
}

const stats_ms = 1000;

/** Bytes of the state by what they are, whichever rules they are of: few names, so that they can be labels. */
function partKinds(parts: EngineStats['parts']): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const [name, bytes] of Object.entries(parts)) {
    const kind = /^(rows|keys|states) of /.exec(name)?.[1] ?? name.replace(/^join \d+$/, 'joins');
    kinds[kind] = (kinds[kind] ?? 0) + bytes;
  }
  return kinds;
}

/** A running Weir, as the API, the screen and a test see it. */
export class Weir implements LiveService {
  readonly #parts: WeirParts;
  readonly #started_ms: number;
  #stop: () => Promise<void> = async () => undefined;
  #stopped: Promise<void> | null = null;
  /** Requests that one event was looked at of. */
  #looked = 0;
  #stats: { readonly at_ms: number; readonly stats: EngineStats } | null = null;
  /** Where the API listens. */
  url = '';

  constructor(parts: WeirParts) {
    this.#parts = parts;
    this.#started_ms = parts.clock.now_ms();
  }

  /** Rejects when the loop broke; resolves after stop(). */
  get finished(): Promise<void> {
    return this.#parts.driver.finished;
  }

  /** How the whole is closed, in order. */
  onStop(stop: () => Promise<void>): void {
    this.#stop = stop;
  }

  /** Whether the end was asked for. */
  get stopping(): boolean {
    return this.#stopped !== null;
  }

  /** Accepts nothing more, writes what waits and a checkpoint, closes everything. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null {
    const { driver, blind, clock } = this.#parts;
    const taken = driver.submit(partition, lines);
    if (taken === null) blind.refused(lines.length, clock.now_ms());
    else taken.then((results) => this.#heard(partition, lines, results)).catch(() => undefined);
    return taken;
  }

  #heard(partition: string, lines: readonly Uint8Array[], results: readonly LineResult[]): void {
    const { blind, fields, driver, clock } = this.#parts;
    const now_ms = clock.now_ms();
    // Of what was all rejected no rule sees anything (law 7).
    if (results.every(({ status }) => status === 'rejected')) return;
    blind.heard(partition, now_ms);
    if (!fields.wants(now_ms)) return;
    // Not always the first: what stands there in each request may be of one kind.
    const line = lines[this.#looked++ % lines.length];
    if (results[(this.#looked - 1) % lines.length].status !== 'accepted') return;
    for (const news of fields.look(line, driver.running.program, now_ms)) blind.field(news, now_ms);
  }

  /** What the engine holds and dropped: it walks over all its tables, so once a second is enough. */
  #currentStats(now_ms: number): EngineStats {
    if (this.#stats === null || Math.abs(now_ms - this.#stats.at_ms) >= stats_ms) {
      this.#stats = { at_ms: now_ms, stats: this.#parts.driver.running.engine.stats() };
    }
    return this.#stats.stats;
  }

  status() {
    const { blind, driver, log, delivery, watch, clock, version, store } = this.#parts;
    const { engine, program } = driver.running;
    const now_ms = clock.now_ms();
    const { watermark_ms } = engine;
    const { active, aside } = watch.snapshot();
    const stats = this.#currentStats(now_ms);
    const null_key = stats.operators.filter((operator) => operator.null_key > 0);
    return {
      version,
      state: driver.state,
      uptime_seconds: Math.round((now_ms - this.#started_ms) / 1000),
      rules: [...new Set(program.operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name))],
      program_hash: program.hash,
      counters: { ...engine.counters },
      /** Read and not yet released: with them the four counters add up to what was read. */
      pending: engine.pending,
      detections: { ...delivery.counters },
      /**
       * What bounds dropped, by the bound's name; casts of details that failed, by column; other casts and arithmetic that
       * came to nothing, by rule and expression; rows without a key, by rule.
       */
      drops: { ...stats.drops },
      failed_casts: Object.fromEntries(stats.failed_casts),
      failed_values: failedValuesObject(stats.failed_values),
      null_key: Object.fromEntries(null_key.map((operator) => [operator.name, operator.null_key])),
      /** Threads that judge. */
      workers: engine.threads,
      state_bytes: stats.state_bytes,
      /** The same by what it is. */
      state_parts: partKinds(stats.parts),
      /** Different texts that are remembered by number: their memory is not a part of the state. */
      texts: stats.dictionary_size,
      watermark: watermark_ms === null ? null : new Date(watermark_ms).toISOString(),
      behind_ms: watermark_ms === null ? null : Math.max(0, now_ms - watermark_ms),
      queued_events: driver.queued_events,
      log_position: log.end_position,
      checkpoint_at: driver.last_checkpoint_ms === null ? null : new Date(driver.last_checkpoint_ms).toISOString(),
      /** Intervals in which Weir does not see, now; GET /v1/blind has all of them. */
      blind: blind.open.map(({ cause, source, start_ms }) => ({
        cause,
        source,
        start: new Date(start_ms).toISOString(),
      })),
      partitions: { active: active.length, aside: aside.length },
      /** What the store lacks, and what is wrong with it; null: there is none. */
      store: store?.status() ?? null,
    };
  }
}
