import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointDirectory } from '../connectors/index.ts';
import { type Detection, Engine, type Program, type Snapshot } from '../engine/index.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { foldLine } from './lines.ts';
import { median } from './measure.ts';
import { programOf } from './program.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { platforms, type WorkloadEvent } from './workload.ts';

const start_ms = Date.UTC(2026, 0, 15, 8);
/** Rounds of one process are no contestants: a few suffice for a median. */
const ROUNDS = 7;
/** Accounts that go on after the checkpoint, and events that each of them then has. */
const CHECKED = 400;
const MORE = 8;

const rule =
  "CREATE RULE guessing AS SELECT account_id, count(*) AS n, count(DISTINCT actor.ip) AS ips FROM events WHERE event_type = 'login' GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 10;";

function failedLogin(i: number, account: number): WorkloadEvent {
  return {
    event_id: `e${i.toString(36).padStart(8, '0')}`,
    timestamp: start_ms + Math.floor(i / 10),
    platform: platforms[i % 5] as string,
    event_type: 'login',
    account_id: `acct_${account}`,
    actor: { ip: `10.0.${(i >> 8) & 255}.${i & 255}` },
    net: { asn: 1000 + (i % 500) },
    geo: { country: 'US' },
    auth: { result: 'fail' },
  };
}

/** An engine that takes events as the live driver does, as bytes of JSON. */
class Taker {
  readonly engine: Engine;
  #next: number;

  constructor(engine: Engine, next: number) {
    this.engine = engine;
    this.#next = next;
  }

  take(event: WorkloadEvent): readonly Detection[] {
    const bytes = Buffer.from(JSON.stringify(event));
    const position = this.#next++;
    const record = { partition: 'bench', position, received_at: 4e12, bytes };
    this.engine.apply(position, { kind: 'record', record });
    return position % 1024 === 1023 ? this.engine.advance().detections : [];
  }

  end(): readonly Detection[] {
    this.engine.apply(this.#next++, { kind: 'end' });
    return this.engine.advance().detections;
  }
}

interface Round {
  readonly cpu_ms: number;
  readonly wall_ms: number;
}

async function timed<T>(work: () => T | Promise<T>): Promise<Round & { readonly result: T }> {
  globalThis.gc?.();
  const [wall, cpu] = [performance.now(), cpuTime_ms()];
  const result = await work();
  return { result, cpu_ms: cpuTime_ms() - cpu, wall_ms: performance.now() - wall };
}

function say(report: Report, group: string, name: string, rounds: readonly Round[]): number {
  const cpu_ms = rounds.map((round) => round.cpu_ms);
  const value = median(cpu_ms);
  const wall_ms = median(rounds.map((round) => round.wall_ms));
  report.line(`  ${name.padEnd(44)} ${value.toFixed(1)} ms of the thread, ${wall_ms.toFixed(1)} ms by the clock`);
  report.figure({ group, name, value, unit: 'ms', rounds: cpu_ms });
  return value;
}

/**
 * A whole engine (dictionary, door with its ids, fold) with a million keys of one or two rows each: how long snapshot()
 * stops it, how long it takes from the file on disk until an engine stands in that state again, and what a key weighs.
 * The restored engine and the one that went on must find the same in what follows.
 */
export async function benchCheckpoint(report: Report, { keys }: Settings): Promise<void> {
  const program = programOf([rule]);
  const group = `checkpoint of ${keys.toLocaleString('en')} keys`;
  report.line(`${group}, ${(keys * 1.5).toLocaleString('en')} rows and ids; the whole engine`);
  const taker = new Taker(new Engine(program), 0);
  const events = Math.floor(keys * 1.5);
  for (let i = 0; i < events; i++) taker.take(failedLogin(i, i % keys));
  taker.engine.advance();
  const { state_bytes, parts } = taker.engine.stats();
  report.figure({ group, name: 'a key, its rows, ids and texts included', value: state_bytes / keys, unit: 'bytes' });
  const greatest = Object.entries(parts).sort(([, a], [, b]) => b - a);
  report.line(
    `  ${(state_bytes / keys).toFixed(0)} bytes a key, of it ${greatest
      .slice(0, 4)
      .map(([name, bytes]) => `${name} ${(bytes / keys).toFixed(0)}`)
      .join(', ')}`,
  );

  const pauses: Round[] = [];
  let snapshot: Snapshot = null;
  for (let round = 0; round < ROUNDS; round++) {
    const { result, ...took } = await timed(() => taker.engine.snapshot());
    pauses.push(took);
    snapshot = result;
  }
  const pause_ms = say(report, group, 'pause', pauses);
  report.goal(`a ${group} pauses the engine under 25 ms`, pause_ms < 25, `${pause_ms.toFixed(1)} ms`);

  const restored = await benchRestore(report, group, program, snapshot);
  const [kept, again] = [taker, new Taker(restored, events)].map((one) => goOn(one, events, keys));
  const fired = Math.min(CHECKED, keys) >> 1;
  const text = `${again.length} detections of what follows, ${fired} expected`;
  report.goal(
    'the restored engine finds what the other finds',
    kept.join() === again.join() && again.length === fired,
    text,
  );
}

/** The accounts that go on had two rows, and one: with `MORE` each, only the first half of them reaches the rule's ten. */
function goOn(taker: Taker, from: number, keys: number): string[] {
  const half = Math.min(CHECKED, keys) >> 1;
  const accounts = Array.from({ length: 2 * half }, (_, i) => (i < half ? i : keys - 1 - (i - half)));
  const found: Detection[] = [];
  for (let i = 0; i < MORE * accounts.length; i++) {
    found.push(...taker.take(failedLogin(from + i, accounts[i % accounts.length] as number)));
  }
  found.push(...taker.end());
  return found.map(foldLine);
}

async function benchRestore(report: Report, group: string, program: Program, snapshot: Snapshot): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-checkpoint-'));
  try {
    const checkpoints = new CheckpointDirectory({ directory });
    const write = await timed(() => checkpoints.write(snapshot));
    say(report, group, 'written to disk, beside the events', [write]);
    const [reads, restores]: [Round[], Round[]] = [[], []];
    let engine: Engine | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const read = await timed(() => checkpoints.read());
      const restore = await timed(() => Engine.restore(program, read.result));
      reads.push(read);
      restores.push(restore);
      engine = restore.result;
    }
    say(report, group, 'reading the file', reads);
    say(report, group, 'restoring the engine', restores);
    const both = reads.map((read, i) => ({
      cpu_ms: read.cpu_ms + (restores[i] as Round).cpu_ms,
      wall_ms: read.wall_ms + (restores[i] as Round).wall_ms,
    }));
    const took_ms = say(report, group, 'restore, from file to engine', both);
    report.goal(`a ${group} is restored from its file in under 250 ms`, took_ms < 250, `${took_ms.toFixed(0)} ms`);
    if (engine === null) throw new Error('there was no round');
    return engine;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
