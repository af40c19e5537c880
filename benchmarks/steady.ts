import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parsedOr, showUsage } from '../test/usage.ts';
import { WeirClient } from '../ui-api/cli/weir-client.ts';
import { DemoPlayer } from '../ui-api/demo/player.ts';
import { demoTraffic } from '../ui-api/demo/traffic.ts';
import { type MemorySample, memorySample, trend } from './memory-samples.ts';
import { shortRules } from './short-rules.ts';

/**
 * `npm run steady`: a whole Weir, its store beside it, under the demo's traffic for some minutes; its memory every minute,
 * and whether it grows once all windows are full. For that every duration of the shipped rules is cut to two minutes
 * (`--remember`); `--remember 0` leaves the rules as they are: then their state still grows, and what is judged is the rest.
 */
const usage = `npm run steady -- [--rate N] [--minutes N] [--remember N]

--rate N      events a second, 2000 where it is not given
--minutes N   how long, 10 where it is not given: at least one more than the windows take to be full
--remember N  the minutes to which every duration of the rules is cut, 2 where it is not given; 0 leaves them
Exit code 0: steady; 1: not steady; 2: wrong use, or too short to say.`;
const { values } = parsedOr(usage, () =>
  parseArgs({
    options: {
      rate: { type: 'string', default: '2000' },
      minutes: { type: 'string', default: '10' },
      remember: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  }),
);
if (values.help) showUsage(usage, null);
const rate = Number(values.rate);
const minutes = Number(values.minutes);
const remember_minutes = Number(values.remember);
if (!(rate >= 1) || !(minutes >= 1) || !(remember_minutes >= 0)) {
  showUsage(usage, '--rate and --minutes are numbers from 1 on, --remember is one from 0 on');
}

/** Windows are full by then, what they let go was let go once, and the collector has seen it. */
const full_minutes = Math.max(3, remember_minutes * 2 + 1);
/** What is judged is a minute of samples at least: a shorter run could say nothing, and is not begun. */
if (minutes < full_minutes + 1) {
  showUsage(
    usage,
    `${minutes} minutes are too short to say: windows are full after ${full_minutes}, so --minutes ${full_minutes + 1} is the least`,
  );
}
/** A line through the samples from then to the end may rise by so much, else memory is not steady. */
const most_growth = 0.05;
const sample_ms = 5000;
/**
 * The simulator's people begin one after the other: the first minute of a round has half of its rate, from the
 * seventeenth on it stands still until the round ends with the thirtieth. So long before the first event that is sent it begins.
 */
const lead_ms = 17 * 60_000;
/** So much more is asked for that what comes is not below the rate. */
const more = 1.04;
const megabyte = 1024 * 1024;

interface Status {
  readonly counters: Readonly<Record<'read' | 'accepted' | 'duplicate' | 'late' | 'rejected', number>>;
  readonly behind_ms: number | null;
  readonly store: { readonly state: string; readonly behind: number } | null;
}

const folder = mkdtempSync(join(tmpdir(), 'weir-steady-'));
const root = new URL('..', import.meta.url).pathname;
const rules = join(remember_minutes === 0 ? root : folder, 'rules');
if (remember_minutes > 0) shortRules(join(root, 'rules'), rules, remember_minutes * 60);
const args = ['run', rules, '--data', join(folder, 'var'), '--port', '0'];
const child = spawn(process.execPath, [join(root, 'ui-api/weir.mjs'), ...args], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'pipe'],
});
process.once('SIGINT', () => child.kill('SIGINT'));
let said = '';
child.stderr.on('data', (chunk: Buffer) => {
  said += chunk.toString();
});
const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
const print = (cells: readonly (string | number)[]): void => {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(11)).join('')}\n`);
};
const mb = (bytes: number): number => Math.round(bytes / megabyte);

async function address(): Promise<string> {
  for (;;) {
    const found = /http:\/\/[\d.]+:\d+/.exec(said);
    if (found !== null) return found[0];
    if (child.exitCode !== null) throw new Error(`Weir did not start:\n${said}`);
    await wait(50);
  }
}

function* traffic(from_ms: number): ReturnType<typeof demoTraffic> {
  for (const timed of demoTraffic({ seed: 1, rate: rate * more, from_ms: from_ms - lead_ms })) {
    if (timed.time_ms >= from_ms) yield timed;
  }
}

/** The demo's traffic from this process, so that what it holds is not counted as Weir's. */
function play(url: string, token: string): DemoPlayer {
  const client = new WeirClient(url, token);
  const player = new DemoPlayer({
    traffic,
    send: (lines) => client.send('steady', lines),
    now_ms: () => Date.now(),
    passed_over: () => undefined,
    failed: (why) => process.stderr.write(`no more events are sent: ${why}\n`),
  });
  void player.play(Date.now());
  return player;
}

interface Measured {
  readonly samples: readonly MemorySample[];
  /** Events a second of each minute. */
  readonly rates: readonly number[];
}

/** One row a minute; gives all samples. */
async function measure(url: string, token: string): Promise<Measured> {
  const ask = (path: string): Promise<Response> =>
    fetch(`${url}/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const samples: MemorySample[] = [];
  const rates: number[] = [];
  let read = 0;
  print(['minute', 'events/s', 'Weir MB', 'heap', 'buffers', 'state', 'store MB', 'behind s', 'late', 'store lag']);
  for (let minute = 1; minute <= minutes && child.exitCode === null; minute++) {
    const first = samples.length;
    for (const until = performance.now() + 60_000; performance.now() < until; await wait(sample_ms)) {
      samples.push(memorySample(child.pid as number, await (await ask('metrics')).text(), performance.now()));
    }
    const { counters, behind_ms, store } = (await (await ask('status')).json()) as Status;
    const of_minute = samples.slice(first);
    const most = (['weir', 'heap', 'buffers', 'state', 'store'] as const).map((part) =>
      mb(Math.max(...of_minute.map((sample) => sample[part]))),
    );
    const in_store = store === null || store.state !== 'up' ? (store?.state ?? 'off') : String(store.behind);
    const lost = counters.late + counters.rejected;
    rates.push(Math.round((counters.read - read) / 60));
    print([minute, rates[minute - 1], ...most, ((behind_ms ?? 0) / 1000).toFixed(1), lost, in_store]);
    read = counters.read;
  }
  return { samples, rates };
}

/** @returns whether memory stood still once the windows were full, under the rate that was asked for */
function judge({ samples, rates }: Measured): boolean {
  const full = samples.filter(({ at_ms }) => at_ms - samples[0].at_ms >= full_minutes * 60_000);
  if (full.length < 2) {
    process.stdout.write(`Weir ended before its windows were full, after ${full_minutes} minutes\n`);
    return false;
  }
  const span = (full[full.length - 1].at_ms - full[0].at_ms) / 60_000;
  const report = (what: string, partOf: (sample: MemorySample) => number): number => {
    const { first, last } = trend(full, partOf);
    const growth = (last - first) / first;
    process.stdout.write(
      `${what}: ${mb(first)} MB after ${full_minutes} minutes, ${mb(last)} MB ${span.toFixed(1)} minutes later ` +
        `(${growth >= 0 ? '+' : ''}${(growth * 100).toFixed(1)} %, ${((last - first) / megabyte / span).toFixed(1)} MB a minute)\n`,
    );
    return growth;
  };
  const grew = report('Weir', ({ weir }) => weir);
  report('its state', ({ state }) => state);
  const rest = report('Weir without its state', ({ weir, state }) => weir - state);
  report('store', ({ store }) => store);
  const judged = rates.slice(full_minutes);
  const mean = judged.reduce((sum, of_minute) => sum + of_minute, 0) / judged.length;
  process.stdout.write(
    `${Math.min(...judged)} to ${Math.max(...judged)} events/s in these minutes, ${Math.round(mean)} on average\n`,
  );
  if (mean < rate) process.stdout.write(`fewer than ${rate}: this machine was too busy to show it\n`);
  return (remember_minutes === 0 ? rest : grew) <= most_growth && mean >= rate;
}

try {
  const url = await address();
  const token = readFileSync(join(folder, 'var', 'token'), 'utf8').trim();
  const player = play(url, token);
  const measured = await measure(url, token).catch(async (error: unknown) => {
    throw new Error(`Weir ended in the middle with ${await Promise.race([ended, wait(5000, 'nothing')])}:\n${said}`, {
      cause: error,
    });
  });
  player.stop();
  child.kill('SIGINT');
  const code = await ended;
  const isSteady = judge(measured) && code === 0;
  process.stdout.write(`${isSteady ? 'steady' : 'NOT STEADY'} (at most +${most_growth * 100} %); ended with ${code}\n`);
  process.exitCode = isSteady ? 0 : 1;
} finally {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
