import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backtest, backtestLog, placeRules } from './backtest-run.ts';
import { constructRules, watchedFile } from './construct-rules.ts';
import { LiveWeir } from './live-run.ts';
import { median } from './measure.ts';
import { mixedRules } from './mixed-rules.ts';
import { programOf } from './program.ts';
import { Records } from './records.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { wideEvents } from './wide-events.ts';
import { type WorkloadEvent, workload } from './workload.ts';

const RATE = 1_500;
/** Events that are in memory at a time. */
const CHUNK = 100_000;
const stream = 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;';
/** Finds the busiest account alone: what any other account does it need not read. */
const selective = (account: string): string =>
  `CREATE RULE one_account AS SELECT account_id, count(*) AS n FROM events WHERE account_id = '${account}' AND event_type = 'login' GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 5;`;

/**
 * `weir backtest --from log`, a process of its own as a person starts it, over the log that a whole Weir has written: ten
 * mixed rules, which must find what that Weir found, and one rule about one account. Starting and compiling are in the
 * time, but for the extrapolation to 100 M events.
 */
export async function benchBacktest(report: Report, { events, keys, rounds }: Settings): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-backtest-'));
  try {
    const options = { events, accounts: keys, addresses: 300_000, seed: 42, rate: RATE };
    const { live, busiest } = await writeHistory(join(folder, 'data'), workload(options), events);
    const megabytes = sizeOf(join(folder, 'data', 'log')) / 2 ** 20;
    report.line(`backtest from a log of ${events.toLocaleString('en')} events, ${megabytes.toFixed(0)} MB on disk`);
    const group = 'backtest from log';
    const mixed = runs(
      folder,
      'ten',
      mixedRules.map(({ sql }) => sql),
      rounds,
    );
    const speed = sayRuns(report, group, '10 mixed rules', mixed, events);
    const [first] = mixed as [Backtest];
    const same = [...first.found].sort().join('\n') === live.join('\n') && first.accepted === events;
    report.goal('the backtest finds what the live Weir found', same, `${first.found.length} detections`);
    report.goal(
      'backtest from log, 10 rules: 10 M events/s',
      speed >= 10,
      `${speed.toFixed(2)} M events/s by the clock`,
    );
    benchThreads(report, folder, { rounds, events });
    const one = runs(folder, 'one', [selective(busiest)], rounds);
    sayRuns(report, group, 'a selective rule', one, events);
    const hundred_s = (median(one.map(({ elapsed_s }) => elapsed_s)) / events) * 1e8;
    const fired = (one[0] as Backtest).found.length;
    report.goal('a selective rule fires', fired > 0, `${fired} detections`);
    const measured =
      events >= 1e8 ? '' : ` if ${events.toLocaleString('en')} are a measure (the command's start left out)`;
    report.goal('a selective rule over 100 M events in 10 s', hundred_s <= 10, `${hundred_s.toFixed(0)} s${measured}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A hundred rules of the mix of all constructs, by one thread and by one for each processor, in turns; they must say the same. */
function benchThreads(report: Report, folder: string, { rounds, events }: Pick<Settings, 'rounds' | 'events'>): void {
  const rules = [stream, ...constructRules(100)];
  const place = placeRules(folder, 'hundred', rules, { 'watched.csv': watchedFile });
  const group = 'backtest from log';
  const counts = [1, Math.max(2, availableParallelism())];
  const turns = Array.from({ length: rounds }, () => {
    return counts.map((threads) =>
      backtestLog(join(folder, 'data'), place, ['--lookups', 'latest', '--threads', String(threads)]),
    );
  });
  const [alone, several] = counts.map((threads, k) => {
    const name = `100 rules of the mix, ${threads === 1 ? 'one thread' : `${threads} threads`}`;
    return sayRuns(
      report,
      group,
      name,
      turns.map((turn) => turn[k] as Backtest),
      events,
    );
  }) as [number, number];
  report.line(`  several threads are ${(several / alone).toFixed(2)} times as fast`);
  const [first, second] = turns[0] as [Backtest, Backtest];
  const same = first.found.join('\n') === second.found.join('\n');
  report.goal('several threads say what one says, in its order', same, `${first.found.length} detections`);
}

/** What the live Weir found, sorted, and the account with the most logins. */
async function writeHistory(
  data: string,
  source: Generator<WorkloadEvent>,
  events: number,
): Promise<{ live: string[]; busiest: string }> {
  mkdirSync(data, { recursive: true });
  const last_ms = Date.UTC(2026, 0, 15, 8) + (events * 1000) / RATE;
  const rules = [stream, ...mixedRules.map(({ sql }) => sql)];
  const weir = await LiveWeir.open(data, programOf(rules), last_ms);
  const logins = new Map<string, number>();
  try {
    for (let done = 0; done < events; done += CHUNK) {
      const count = Math.min(CHUNK, events - done);
      const chunk = Array.from({ length: count }, () => source.next().value as WorkloadEvent);
      for (const { account_id, event_type } of chunk) {
        if (event_type === 'login') logins.set(account_id, (logins.get(account_id) ?? 0) + 1);
      }
      await weir.submit(new Records(wideEvents(chunk), count), 0, count);
    }
    const live = (await weir.end(events)).sort();
    const [busiest] = [...logins].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
    return { live, busiest };
  } finally {
    await weir.stop();
  }
}

function runs(folder: string, name: string, rules: readonly string[], rounds: number): Backtest[] {
  const place = placeRules(folder, name, [stream, ...rules]);
  return Array.from({ length: rounds }, () => backtestLog(join(folder, 'data'), place));
}

/** Gives millions of events a second by the clock. */
function sayRuns(report: Report, group: string, name: string, all: readonly Backtest[], events: number): number {
  const speeds = all.map(({ wall_s }) => events / wall_s / 1e6);
  const speed = median(speeds);
  const cpu = median(all.map(({ cpu_s }) => (cpu_s / events) * 1e6));
  report.line(`  ${name.padStart(16)} ${speed.toFixed(2)} M events/s by the clock, ${cpu.toFixed(2)} CPU s a million`);
  report.figure({ group, name, value: speed, unit: 'M events/s', rounds: speeds });
  report.figure({ group, name: `${name}, CPU of a million`, value: cpu, unit: 's' });
  return speed;
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
