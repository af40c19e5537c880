import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
 * and with the embedded store on. Of the store: until every event is a row in it.
 */
const RECORDS_AT_ONCE = 500;
const SUBMISSIONS_AT_ONCE = 8;
const start_ms = Date.UTC(2026, 0, 15, 8);

interface Taken {
  readonly taken_ms: number;
  /** Processor time of the engine's thread, of the whole process, and of the store's process. */
  readonly engine_ms: number;
  readonly process_ms: number;
  readonly child_ms: number;
  /** Until the last row was in the store, and the most entries of the log that it was behind. */
  readonly stored_ms: number;
  readonly behind: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Processor time of the store's child process; 0 where the system does not show it. */
function childTime_ms(data: string): number {
  try {
    const { pid } = JSON.parse(readFileSync(join(data, 'store', 'endpoint.json'), 'utf8')) as { pid: number };
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

async function submitAll(weir: Weir, events: number): Promise<void> {
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
  for (const event of workload({ events, accounts: 200_000, addresses: 60_000, seed: 7, rate: 1_000 })) {
    lines.push(Buffer.from(JSON.stringify(event)));
    if (lines.length === RECORDS_AT_ONCE) await send();
  }
  if (lines.length > 0) await send();
  await Promise.all(flying);
}

async function run(store: 'off' | 'embedded', events: number): Promise<Taken> {
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
    const [started, engine, all, child] = [
      performance.now(),
      cpuTime_ms(),
      process.cpuUsage(),
      childTime_ms(config.data),
    ];
    await submitAll(weir, events);
    const [taken_ms, engine_ms] = [performance.now() - started, cpuTime_ms() - engine];
    // The last second's events wait for their verdict until the source is silent.
    for (const last_ms = clock.now_ms(); Date.parse(weir.status().watermark ?? '') <= last_ms; await pause(20)) {
      clock.advance(10_000);
    }
    while ((weir.status().store?.behind ?? 0) > 0) await pause(20);
    const stored_ms = performance.now() - started;
    clearInterval(timer);
    const { user, system } = process.cpuUsage(all);
    const child_ms = childTime_ms(config.data) - child;
    return { taken_ms, engine_ms, process_ms: (user + system) / 1000, child_ms, stored_ms, behind };
  } finally {
    await weir.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const events = Number(process.argv[2] ?? 300_000);
const perSecond = (ms: number): string => `${((events / ms) * 1000).toFixed(0).padStart(7)} events/s`;
const each = (ms: number): string => `${((ms * 1000) / events).toFixed(1)} us`;
await run('off', Math.min(events, 50_000));
const alone = await run('off', events);
const on = await run('embedded', events);
process.stdout.write(
  [
    `${events} events, ten rules, a whole Weir in this process:`,
    `  the log alone          ${perSecond(alone.taken_ms)} taken; processor an event: ${each(alone.engine_ms)} the engine's thread`,
    `  with the store on      ${perSecond(on.taken_ms)} taken; processor an event: ${each(on.engine_ms)} the engine's thread,`,
    `                         ${each(on.process_ms - alone.process_ms)} more than before for reading the log and writing rows, ${each(on.child_ms)} the store's process`,
    `  rows in the store      ${perSecond(on.stored_ms)} until the last one is there; at most ${on.behind} entries of the log behind`,
    '',
  ].join('\n'),
);
