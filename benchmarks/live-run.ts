import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DetectionRecord, ManualClock, type Program } from '../engine/index.ts';
import { compose } from '../ui-api/compose.ts';
import { dataPaths, readConfig } from '../ui-api/config.ts';
import type { Weir } from '../ui-api/live/weir.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { lineOf } from './lines.ts';
import type { Records } from './records.ts';

const RECORDS_AT_ONCE = 500;
const SUBMISSIONS_AT_ONCE = 24;

export interface LiveRound {
  /** Of the engine's thread, which is the loop's; of the whole process, with files and collector; by the clock. */
  readonly took_ms: number;
  readonly process_ms: number;
  readonly wall_ms: number;
  readonly found: readonly string[];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A whole Weir in this process with its log on disk and without a store, given all records through Weir.submit, 500 at a
 * time and 24 requests at once, as the HTTP door does. Those from record `from` on are timed, until the last answer: their
 * events are on disk and judged. What was found is read from the file of detections.
 */
export async function runLive(program: Program, records: Records, from: number, last_ms: number): Promise<LiveRound> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-live-'));
  const clock = new ManualClock(last_ms);
  const config = readConfig({ flags: { data: join(folder, 'data'), port: 0, store: 'off' }, environment: {}, folder });
  const { weir } = await compose({
    ...{ config, program, version: 'bench', clock },
    report: (message) => process.stderr.write(`${message}\n`),
    replaying: () => undefined,
  });
  try {
    await submit(weir, records, 0, from);
    const [wall, cpu, all] = [performance.now(), cpuTime_ms(), process.cpuUsage()];
    await submit(weir, records, from, records.count);
    const [took_ms, wall_ms] = [cpuTime_ms() - cpu, performance.now() - wall];
    const { user, system } = process.cpuUsage(all);
    // The last second's events wait for their verdict until the source is silent.
    while (Date.parse(weir.status().watermark ?? '') <= last_ms) {
      clock.advance(10_000);
      await pause(20);
    }
    const { accepted } = weir.status().counters;
    if (accepted !== records.count) throw new Error(`the door accepted ${accepted} of ${records.count} events`);
    await weir.stop();
    return { took_ms, wall_ms, process_ms: (user + system) / 1000, found: foundIn(config.data) };
  } finally {
    await weir.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function submit(weir: Weir, records: Records, from: number, to: number): Promise<void> {
  const flying = new Set<Promise<unknown>>();
  for (let n = from; n < to; n += RECORDS_AT_ONCE) {
    const lines = Array.from({ length: Math.min(RECORDS_AT_ONCE, to - n) }, (_, i) => records.bytesOf(n + i));
    const sent = weir.submit('bench', lines);
    if (sent === null) throw new Error('the queue had no room');
    flying.add(sent);
    void sent.then(() => flying.delete(sent));
    if (flying.size >= SUBMISSIONS_AT_ONCE) await Promise.race(flying);
  }
  await Promise.all(flying);
}

function foundIn(data: string): string[] {
  const text = readFileSync(dataPaths(data).detections, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => lineOf(JSON.parse(line) as DetectionRecord));
}
