import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type DetectionRecord, ManualClock, type Program } from '../engine/index.ts';
import { compose } from '../ui-api/compose.ts';
import { dataPaths, readConfig } from '../ui-api/config.ts';
import type { Weir } from '../ui-api/live/weir.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { lineOf } from './lines.ts';
import type { Records } from './records.ts';

const RECORDS_AT_ONCE = 500;
const SUBMISSIONS_AT_ONCE = 24;

/** What was found, as lines, from a file of detections. */
export function linesOfFile(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => lineOf(JSON.parse(line) as DetectionRecord));
}

/**
 * A whole Weir in this process with its log on disk and without a store. It is given records through Weir.submit, 500 at a
 * time and 24 requests at once, as the HTTP door does.
 */
export class LiveWeir {
  readonly #weir: Weir;
  readonly #clock: ManualClock;
  readonly #data: string;
  readonly #last_ms: number;

  private constructor(weir: Weir, clock: ManualClock, data: string, last_ms: number) {
    this.#weir = weir;
    this.#clock = clock;
    this.#data = data;
    this.#last_ms = last_ms;
  }

  /** @param last_ms a time that no event is behind */
  static async open(data: string, program: Program, last_ms: number): Promise<LiveWeir> {
    const clock = new ManualClock(last_ms);
    const config = readConfig({ flags: { data, port: 0, store: 'off' }, environment: {}, folder: data });
    const { weir } = await compose({
      ...{ config, program, version: 'bench', clock },
      report: (message) => process.stderr.write(`${message}\n`),
      replaying: () => undefined,
    });
    return new LiveWeir(weir, clock, data, last_ms);
  }

  /** Resolves with the last answer: all of them are on disk and judged. */
  async submit(records: Records, from: number, to: number): Promise<void> {
    const flying = new Set<Promise<unknown>>();
    for (let n = from; n < to; n += RECORDS_AT_ONCE) {
      const lines = Array.from({ length: Math.min(RECORDS_AT_ONCE, to - n) }, (_, i) => records.bytesOf(n + i));
      const sent = this.#weir.submit('bench', lines);
      if (sent === null) throw new Error('the queue had no room');
      flying.add(sent);
      void sent.then(() => flying.delete(sent));
      if (flying.size >= SUBMISSIONS_AT_ONCE) await Promise.race(flying);
    }
    await Promise.all(flying);
  }

  /** Ends it in order and gives what it found. Throws when the door did not accept so many events. */
  async end(count: number): Promise<string[]> {
    // The last second's events wait for their verdict until the source is silent.
    while (Date.parse(this.#weir.status().watermark ?? '') <= this.#last_ms) {
      this.#clock.advance(10_000);
      await wait(20);
    }
    const { accepted } = this.#weir.status().counters;
    await this.#weir.stop();
    if (accepted !== count) throw new Error(`the door accepted ${accepted} of ${count} events`);
    return linesOfFile(dataPaths(this.#data).detections);
  }

  stop(): Promise<void> {
    return this.#weir.stop();
  }
}

export interface LiveRound {
  /** Of the engine's thread, which is the loop's; of the whole process, with files and collector; by the clock. */
  readonly took_ms: number;
  readonly process_ms: number;
  readonly wall_ms: number;
  readonly found: readonly string[];
}

/** All records through a Weir; those from record `from` on are timed. */
export async function runLive(program: Program, records: Records, from: number, last_ms: number): Promise<LiveRound> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-live-'));
  try {
    const weir = await LiveWeir.open(join(folder, 'data'), program, last_ms);
    try {
      await weir.submit(records, 0, from);
      const [wall, cpu, all] = [performance.now(), cpuTime_ms(), process.cpuUsage()];
      await weir.submit(records, from, records.count);
      const [took_ms, wall_ms] = [cpuTime_ms() - cpu, performance.now() - wall];
      const { user, system } = process.cpuUsage(all);
      return { took_ms, wall_ms, process_ms: (user + system) / 1000, found: await weir.end(records.count) };
    } finally {
      await weir.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
