import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../engine/index.ts';
import { compose } from '../ui-api/compose.ts';
import { readConfig } from '../ui-api/config.ts';
import type { Weir } from '../ui-api/live/weir.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { mixedRules } from './mixed-rules.ts';
import { programOf } from './program.ts';
import { workload } from './workload.ts';

/**
 * `npm run bench:store [EVENTS]`: a whole Weir (ten rules, log, sinks) takes events as fast as it can, with the log alone
 * and with the embedded store on. Of the store: until every event is a row in it. Events are handed to Weir.submit as bytes
 * of JSON, as the HTTP door does; their text is made before.
 */
const RECORDS_AT_ONCE = 500;
const SUBMISSIONS_AT_ONCE = 24;
const start_ms = Date.UTC(2026, 0, 15, 8);

interface Taken {
  readonly taken_ms: number;
  /**
   * Processor time of the engine's thread, of the sink's thread, of the whole process (with the garbage collector's and
   * the file system's threads), and of the store's process.
   */
  readonly engine_ms: number;
  readonly sink_ms: number;
  readonly process_ms: number;
  readonly child_ms: number;
  /** Until the last row was in the store, and the most entries of the log that it was behind. */
  readonly stored_ms: number;
  readonly behind: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processor time in a `stat` file of /proc, in milliseconds: the kernel counts in hundredths of a second. */
function statTime_ms(path: string): number {
  const text = readFileSync(path, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Processor time of the store's child process; 0 where the system does not show it. */
function childTime_ms(data: string): number {
  try {
    const { pid } = JSON.parse(readFileSync(join(data, 'store', 'endpoint.json'), 'utf8')) as { pid: number };
    return statTime_ms(`/proc/${pid}/stat`);
  } catch {
    return 0;
  }
}

/** Processor time of this process's worker threads, of which the sink's is the only one; 0 where the system does not show it. */
function workerTime_ms(): number {
  try {
    const threads = readdirSync('/proc/self/task').filter(
      (thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'WorkerThread',
    );
    return threads.reduce((sum, thread) => sum + statTime_ms(`/proc/self/task/${thread}/stat`), 0);
  } catch {
    return 0;
  }
}

/** All events as JSON behind one another, and where each ends: an object per event would be the collector's work. */
interface Lines {
  readonly bytes: Buffer;
  readonly ends: Float64Array;
}

function linesOf(events: number): Lines {
  const parts: Buffer[] = [];
  const ends = new Float64Array(events);
  let texts: string[] = [];
  let end = 0;
  let at = 0;
  for (const event of workload({ events, accounts: 200_000, addresses: 60_000, seed: 7, rate: 1_000 })) {
    const text = JSON.stringify(event);
    end += Buffer.byteLength(text);
    ends[at++] = end;
    texts.push(text);
    if (texts.length < 10_000 && at < events) continue;
    parts.push(Buffer.from(texts.join('')));
    texts = [];
  }
  return { bytes: Buffer.concat(parts), ends };
}

async function submitAll(weir: Weir, { bytes, ends }: Lines, events: number): Promise<void> {
  const flying = new Set<Promise<unknown>>();
  let lines: Uint8Array[] = [];
  const send = async (): Promise<void> => {
    const sent = weir.submit('bench', lines);
    lines = [];
    if (sent === null) throw new Error('the queue had no room');
    flying.add(sent);
    void sent.then(() => flying.delete(sent));
    if (flying.size >= SUBMISSIONS_AT_ONCE) await Promise.race(flying);
  };
  for (let i = 0; i < events; i++) {
    lines.push(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
    if (lines.length === RECORDS_AT_ONCE) await send();
  }
  if (lines.length > 0) await send();
  await Promise.all(flying);
}

async function run(store: 'off' | 'embedded', lines: Lines, events: number): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const clock = new ManualClock(start_ms + events);
  const config = readConfig({ flags: { data: join(folder, 'data'), port: 0, store }, environment: {}, folder });
  const program = programOf([
    'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;',
    ...mixedRules.map((r) => r.sql),
  ]);
  const { weir } = await compose({
    ...{ config, program, version: 'bench', clock, with_store: true, store_drain_ms: 1000 },
    report: (message) => process.stderr.write(`${message}\n`),
    replaying: () => undefined,
  });
  try {
    while (store === 'embedded' && weir.status().store?.state !== 'up') await pause(50);
    let behind = 0;
    const timer = setInterval(() => {
      behind = Math.max(behind, weir.status().store?.behind ?? 0);
    }, 250);
    const [started, engine, sink] = [performance.now(), cpuTime_ms(), workerTime_ms()];
    const [all, child] = [process.cpuUsage(), childTime_ms(config.data)];
    await submitAll(weir, lines, events);
    const [taken_ms, engine_ms] = [performance.now() - started, cpuTime_ms() - engine];
    // The last second's events wait for their verdict until the source is silent.
    for (const last_ms = clock.now_ms(); Date.parse(weir.status().watermark ?? '') <= last_ms; await pause(20)) {
      clock.advance(10_000);
    }
    while ((weir.status().store?.behind ?? 0) > 0) await pause(20);
    const stored_ms = performance.now() - started;
    clearInterval(timer);
    const { user, system } = process.cpuUsage(all);
    const [sink_ms, child_ms] = [workerTime_ms() - sink, childTime_ms(config.data) - child];
    const process_ms = (user + system) / 1000;
    return { taken_ms, engine_ms, sink_ms, process_ms, child_ms, stored_ms, behind };
  } finally {
    await weir.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const events = Number(process.argv[2] ?? 300_000);
const perSecond = (ms: number): string => `${((events / ms) * 1000).toFixed(0).padStart(7)} events/s`;
const each = (ms: number): string => `${((ms * 1000) / events).toFixed(1)} us`;
const lines = linesOf(events);
await run('off', lines, Math.min(events, 50_000));
const alone = await run('off', lines, events);
const on = await run('embedded', lines, events);
const whole_ms = on.process_ms + on.child_ms;
const others_ms = ({ process_ms, engine_ms, sink_ms }: Taken): number => process_ms - engine_ms - sink_ms;
process.stdout.write(
  [
    `${events} events, ten rules, a whole Weir in this process:`,
    `  the log alone          ${perSecond(alone.taken_ms)} taken; processor an event: ${each(alone.engine_ms)} the engine's thread, ${each(others_ms(alone))} garbage collector and files`,
    `  with the store on      ${perSecond(on.taken_ms)} taken; processor an event: ${each(on.engine_ms)} the engine's thread, ${each(others_ms(on))} garbage collector and files,`,
    `                         ${each(on.sink_ms)} the sink's thread, ${each(on.child_ms)} the store's process: ${each(whole_ms)} in all`,
    `  rows in the store      ${perSecond(on.stored_ms)} until the last one is there; at most ${on.behind} entries of the log behind`,
    '  two cores have 20 us for each of 100,000 events/s',
    '',
  ].join('\n'),
);
