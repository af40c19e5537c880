import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.ts';
import { writePeerEvents } from './peer-events.ts';
import { type Peer, type PeerPlace, type PeerRules, peers, rulesTable } from './peer-list.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

const SEED = 99;
const program = fileURLToPath(new URL('./peer-weir.ts', import.meta.url));
/** Steps of two events in one millisecond have no order that all agree on: R7 differs by a few in 30,000. */
const TIES = 0.001;
/** By wall against Weir, as the goals say. */
const least: Readonly<Record<string, number>> = { Esper: 7, 'Flink SQL': 18, Siddhi: 9, RSigma: 25 };
const generated = [
  { rules: 100, speed: 2.2, times: 12 },
  { rules: 1000, speed: 1.1, times: 50 },
] as const;

/** What a contestant of the comparison's harness prints at its end. */
interface Said {
  readonly n: number;
  readonly cut: boolean;
  /** Events a second by the clock, and processor seconds of a million, behind the first phase. */
  readonly st: number;
  readonly stCpuPerM: number;
  readonly alerts: readonly number[] | string;
  readonly alertsTotal?: number;
}

interface Runner {
  readonly name: string;
  readonly command: (rules: PeerRules) => readonly [string, ...string[]];
  readonly peer: Peer | null;
}

/**
 * Other engines on the same events and the same rules, in the same run and in turns, with the harness of the folder that
 * --shared names. What the machine lacks is said, and the others go on.
 */
export async function benchPeers(report: Report, settings: Settings): Promise<void> {
  const { events, keys, rounds, seconds } = settings;
  const shared = settings.shared === undefined ? '' : resolve(settings.shared);
  if (!existsSync(join(shared, 'peers', 'esper', 'build.sh'))) {
    report.line(
      `peers: not run: ${shared === '' ? '--shared was not given' : `${shared} has no peers/esper/build.sh`}`,
    );
    report.line('  say --shared FOLDER: it holds peers/ (the harness) and prototypes/engine (its generated rules)');
    return;
  }
  const work = settings.work === undefined ? mkdtempSync(join(tmpdir(), 'weir-peers-')) : resolve(settings.work);
  try {
    mkdirSync(work, { recursive: true });
    const place = { shared, work, file: join(work, 'events.ndjson'), pre: keys, most_seconds: seconds };
    writePeerEvents(place.file, { accounts: keys, events: keys + events, seed: SEED });
    const from = join(shared, 'prototypes', 'engine');
    execFileSync(process.execPath, [join(shared, 'peers', 'common', 'mkrules.mjs'), from, work]);
    const runners = prepare(report, place);
    const counts = `${keys.toLocaleString('en')} accounts, ${events.toLocaleString('en')} events behind as many`;
    report.line(`10 mixed rules against other engines, ${counts}; at most ${seconds} s each, load ${loadNow()}`);
    const mixed = turns(report, runners, 'ten', rounds);
    sayMixed(report, mixed);
    for (const goal of generated) {
      report.line(`${goal.rules} generated rules, the same events, load ${loadNow()}`);
      const some = runners.filter(({ name }) => name === 'Weir' || name === 'Esper');
      sayGenerated(report, turns(report, some, goal.rules, rounds), goal);
    }
  } finally {
    if (settings.work === undefined) rmSync(work, { recursive: true, force: true });
  }
}

const loadNow = (): string => (loadavg()[0] as number).toFixed(1);

/** Weir, and who of the others can be built here. */
function prepare(report: Report, place: PeerPlace): Runner[] {
  const { file, pre, most_seconds } = place;
  const weir: Runner = {
    ...{ name: 'Weir', peer: null },
    command: (rules) => {
      const table = rules === 'ten' ? [] : [rulesTable(place, rules)];
      return [process.execPath, program, file, String(pre), String(most_seconds), ...table];
    },
  };
  const runners = [weir];
  for (const peer of peers) {
    try {
      peer.build(place);
      runners.push({ name: peer.name, peer, command: (rules) => peer.command(place, rules) });
    } catch (error) {
      report.line(`  ${peer.name}: not run: ${(error as Error).message.slice(0, 300)}`);
      report.line(`    it needs ${peer.needs}`);
    }
  }
  return runners;
}

interface Result {
  readonly runner: Runner;
  readonly rounds: readonly Said[];
}

/** One after the other, in rotated order; who fails once is left out. */
function turns(report: Report, runners: readonly Runner[], rules: PeerRules, rounds: number): Result[] {
  const results = runners.map((runner) => ({ runner, rounds: [] as Said[], failed: false }));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < results.length; turn++) {
      const result = results[(turn + round) % results.length] as (typeof results)[number];
      if (result.failed) continue;
      try {
        result.rounds.push(run(result.runner, rules));
      } catch (error) {
        if (result.runner.peer === null) throw error;
        result.failed = true;
        report.line(`  ${result.runner.name}: failed: ${(error as Error).message}`);
      }
    }
  }
  return results.filter(({ rounds: said, failed }) => !failed && said.length > 0);
}

function run({ command }: Runner, rules: PeerRules): Said {
  const [executable, ...args] = command(rules);
  const { status, stdout, stderr } = spawnSync(executable, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const line = (stdout ?? '')
    .trim()
    .split('\n')
    .findLast((text) => text.startsWith('{'));
  if (status !== 0 || line === undefined) throw new Error(`ended with ${status}: ${(stderr ?? '').trim().slice(-300)}`);
  return JSON.parse(line) as Said;
}

const speedOf = ({ rounds }: Result): number => median(rounds.map(({ st }) => st)) / 1e6;
const cpuOf = ({ rounds }: Result): number => median(rounds.map(({ stCpuPerM }) => stCpuPerM));

/** Median over rounds: how many times faster Weir is, by the clock, and by processor time. */
function timesOf(weir: Result, other: Result): { wall: number; cpu: number } {
  const pairs = weir.rounds.map((said, i) => [said, other.rounds[i] as Said] as const);
  const wall = median(pairs.map(([a, b]) => a.st / b.st));
  return { wall, cpu: median(pairs.map(([a, b]) => b.stCpuPerM / a.stCpuPerM)) };
}

function sayResult(report: Report, group: string, result: Result, weir: Result): { wall: number; cpu: number } {
  const { name } = result.runner;
  const times = timesOf(weir, result);
  const cut = result.rounds.some((said) => said.cut) ? ', cut by --seconds' : '';
  const ratio = result === weir ? '' : `; Weir ${times.wall.toFixed(1)} times by wall, ${times.cpu.toFixed(1)} by CPU`;
  const speed = `${(speedOf(result) * 1000).toFixed(0).padStart(6)} thousand events/s`;
  report.line(`  ${name.padStart(10)} ${speed}, ${cpuOf(result).toFixed(2)} CPU s a million${ratio}${cut}`);
  const rounds = result.rounds.map(({ st }) => st / 1e6);
  report.figure({ group, name, value: speedOf(result), unit: 'M events/s', rounds });
  return times;
}

function sayMixed(report: Report, results: readonly Result[]): void {
  const weir = results[0] as Result;
  const own = answersOf(weir.rounds[0] as Said);
  for (const result of results) {
    const { name, peer } = result.runner;
    const times = sayResult(report, '10 mixed rules against other engines, by wall', result, weir);
    const said = result.rounds[0] as Said;
    report.line(`             R1 to R10: ${answersOf(said).join(' ')}`);
    if (peer === null) continue;
    const atLeast = least[name] as number;
    const shown = `${times.wall.toFixed(1)} times by wall, ${times.cpu.toFixed(1)} by CPU`;
    report.goal(`10 mixed rules: at least ${atLeast} times ${name}`, times.wall >= atLeast, shown);
    if (said.cut || weir.rounds[0]?.cut) continue;
    const other = answersOf(said);
    const differ = peer.same.filter((rule) => {
      const [a, b] = [own[rule - 1] as number, other[rule - 1] as number];
      return Math.abs(a - b) > TIES * Math.max(a, b);
    });
    const which = peer.same.map((rule) => `R${rule}`).join(' ');
    const text = differ.length === 0 ? `equal: ${which}` : differ.map((rule) => `R${rule} differs`).join(', ');
    report.goal(`${name} and Weir find the same`, differ.length === 0, text);
  }
}

function sayGenerated(report: Report, results: readonly Result[], goal: (typeof generated)[number]): void {
  const [weir, esper] = results;
  const group = `${goal.rules} generated rules of the comparison, by wall`;
  if (weir === undefined) return;
  sayResult(report, group, weir, weir);
  const speed = speedOf(weir);
  report.goal(
    `${goal.rules} generated rules: ${goal.speed} M events/s`,
    speed >= goal.speed,
    `${speed.toFixed(2)} M events/s`,
  );
  if (esper === undefined) return;
  const times = sayResult(report, group, esper, weir);
  const shown = `${times.wall.toFixed(1)} times by wall, ${times.cpu.toFixed(1)} by CPU`;
  report.goal(`${goal.rules} generated rules: at least ${goal.times} times Esper`, times.wall >= goal.times, shown);
  const [own, other] = [weir, esper].map(({ rounds }) => rounds[0] as Said) as [Said, Said];
  if (own.cut || other.cut) return;
  const [a, b] = [answersOf(own)[0], answersOf(other)[0]];
  report.goal(`${goal.rules} generated rules: Esper and Weir find the same`, a === b, `${a} and ${b}`);
}

/** By rule; RSigma prints what fired as text. */
function answersOf({ alerts }: Said): number[] {
  if (typeof alerts !== 'string') return [...alerts];
  const counts = new Array<number>(10).fill(0);
  for (const [, rule, count] of alerts.matchAll(/\(R(\d+), (\d+)\)/g)) counts[Number(rule) - 1] = Number(count);
  return counts;
}
