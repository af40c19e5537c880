import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Backtest, backtestLog, placeRules } from './backtest-run.ts';
import { LiveWeir } from './live-run.ts';
import { median } from './measure.ts';
import { peerLines, writePeerEvents } from './peer-events.ts';
import { peerRules, peerStream } from './peer-rules.ts';
import { programOf } from './program.ts';
import { Records } from './records.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

const SEED = 99;
const CHUNK = 100_000;
/** Two events in one millisecond have no order that all agree on. */
const TIES = 0.001;

/** What the comparison's programs print: seconds by the clock, of processors, and what each rule found. */
interface Batch {
  readonly ten: readonly [number, number, readonly number[]];
}

interface Database {
  readonly name: string;
  readonly module: string;
  readonly script: string;
  /** Steps before the one that is timed. */
  readonly before: readonly string[];
}

const databases: readonly Database[] = [
  { name: 'DuckDB', module: 'duckdb', script: 'duck.py', before: ['make'] },
  { name: 'ClickHouse (chdb)', module: 'chdb', script: 'chd.py', before: [] },
];

/**
 * The ten rules of the comparison over one history: `weir backtest --from log`, and as batch SQL in DuckDB and an embedded
 * ClickHouse with two threads each, over their own tables, loading not counted. The answers are compared.
 */
export async function benchHistory(report: Report, settings: Settings): Promise<void> {
  const { keys, events, rounds } = settings;
  const scripts = join(resolve(settings.shared ?? ''), 'peers', 'batch');
  if (settings.shared === undefined || !existsSync(join(scripts, 'duck.py'))) {
    report.line(
      `history: not run: ${settings.shared === undefined ? '--shared was not given' : `${scripts} has no duck.py`}`,
    );
    report.line('  say --shared FOLDER: it holds peers/batch, the rules as batch SQL');
    return;
  }
  const work = settings.work === undefined ? mkdtempSync(join(tmpdir(), 'weir-history-')) : resolve(settings.work);
  const folder = mkdtempSync(join(tmpdir(), 'weir-history-log-'));
  try {
    const total = keys + events;
    const options = { accounts: keys, events: total, seed: SEED };
    mkdirSync(join(work, 'data'), { recursive: true });
    writePeerEvents(join(work, 'data', 'ev.ndjson'), options);
    await writeLog(join(folder, 'data'), peerLines(options), total);
    const place = placeRules(folder, 'ten', [peerStream, ...peerRules]);
    const weir = Array.from({ length: rounds }, () => backtestLog(join(folder, 'data'), place));
    const group = 'the ten rules of the comparison over one history';
    const speed = median(weir.map(({ elapsed_s }) => total / elapsed_s / 1e6));
    report.line(`${group} of ${total.toLocaleString('en')} events, by the clock`);
    report.line(`  ${'weir backtest'.padStart(18)} ${speed.toFixed(2)} M events/s (start and compiling left out)`);
    report.figure({ group, name: 'weir backtest', value: speed, unit: 'M events/s' });
    const own = answersOf(weir[0] as Backtest);
    report.line(`                     R1 to R10: ${own.join(' ')}`);
    const others = databases.flatMap((database) => run(report, { group, work, scripts, rounds, total, own }, database));
    if (others.length === 0) return;
    const times = speed / Math.max(...others);
    const name = 'a backtest is at least 3 times the faster one over its own table';
    report.goal(name, times >= 3, `${times.toFixed(2)} times of ${others.length === 2 ? 'both' : 'one'}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (settings.work === undefined) rmSync(work, { recursive: true, force: true });
  }
}

/** Any rule will do: what is wanted is the log. */
async function writeLog(data: string, lines: Generator<string>, total: number): Promise<void> {
  mkdirSync(data, { recursive: true });
  const rule = "CREATE RULE none AS SELECT account_id FROM events WHERE event_type = 'none';";
  const weir = await LiveWeir.open(data, programOf([peerStream, rule]), Date.UTC(2026, 0, 15, 8) + total);
  try {
    for (let done = 0; done < total; done += CHUNK) {
      const count = Math.min(CHUNK, total - done);
      const chunk = Array.from({ length: count }, () => lines.next().value as string);
      await weir.submit(new Records(chunk, count), 0, count);
    }
    await weir.end(total);
  } finally {
    await weir.stop();
  }
}

function answersOf({ rules }: Backtest): number[] {
  return peerRules.map((_, i) => rules[`r${i + 1}`]?.detections ?? 0);
}

interface Frame {
  readonly group: string;
  readonly work: string;
  readonly scripts: string;
  readonly rounds: number;
  readonly total: number;
  readonly own: readonly number[];
}

/** Gives millions of events a second; nothing where it cannot run here. */
function run(report: Report, frame: Frame, { name, module, script, before }: Database): number[] {
  const { group, work, scripts, rounds, total, own } = frame;
  const packages = join(work, 'python');
  const env = { ...process.env, PYTHONPATH: packages };
  const python = (args: readonly string[]): string =>
    execFileSync('python3', args, { cwd: work, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let said: Batch[];
  try {
    if (!existsSync(join(packages, module))) {
      python(['-m', 'pip', 'install', '--quiet', '--target', packages, '--upgrade', module]);
    }
    for (const step of before) python([join(scripts, script), step]);
    said = Array.from({ length: rounds }, () => {
      const last = python([join(scripts, script), 'table'])
        .trim()
        .split('\n')
        .at(-1) as string;
      return JSON.parse(last) as Batch;
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    report.line(`  ${name}: not run: ${(stderr ?? message).trim().split('\n').at(-1)}`);
    report.line(`    it needs Python 3 and the package ${module}`);
    return [];
  }
  const speed = median(said.map(({ ten: [wall_s] }) => total / wall_s / 1e6));
  const cpu = median(said.map(({ ten: [, cpu_s] }) => (cpu_s / total) * 1e6));
  report.line(`  ${name.padStart(18)} ${speed.toFixed(2)} M events/s, ${cpu.toFixed(2)} CPU s a million`);
  report.figure({ group, name, value: speed, unit: 'M events/s' });
  const answers = (said[0] as Batch).ten[2];
  report.line(`                     R1 to R10: ${answers.join(' ')}`);
  const differ = answers.filter((count, i) => Math.abs(count - (own[i] as number)) > TIES * Math.max(count, 1));
  report.goal(`${name} and Weir find the same`, differ.length === 0, `${10 - differ.length} of 10 rules`);
  return [speed];
}
