import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Engine } from '../engine/index.ts';
import { mixedRules } from './mixed-rules.ts';
import { programOf } from './program.ts';
import { eventTypes, generatedRules, type WorkloadOptions, workload } from './workload.ts';

/** Told as JSON in the argument: an engine by itself in this process. Its events are made in another one. */
export interface MemoryTask {
  readonly rules: 'mixed' | 'generated';
  /** Of the generated ones. */
  readonly count: number;
  readonly workload: WorkloadOptions;
  /** From this event on memory is looked at. */
  readonly from: number;
}

export interface MemoryUse {
  /** Resident memory of this process, samples from event `from` on, in bytes. */
  readonly resident: readonly number[];
  readonly state_bytes: number;
  /** Of it what rules keep: keys, rows, states. */
  readonly rules_bytes: number;
  readonly parts: Readonly<Record<string, number>>;
  /** Pairs of an account and an event type that had an event. */
  readonly pairs: number;
  readonly detections: number;
  readonly drops: Readonly<Record<string, number>>;
}

const SAMPLES = 20;

const source = fileURLToPath(new URL('./event-source.ts', import.meta.url));

/** The events of a workload as they come: each the bytes of a record, as many as came together. */
async function* eventsOf(options: WorkloadOptions): AsyncGenerator<Uint8Array[]> {
  const child = spawn(process.execPath, [source, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of child.stdout) {
    const bytes: Uint8Array = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    yield lines;
  }
}

/** Pairs of an account and an event type that have an event in a workload. */
function pairsOf(options: WorkloadOptions): number {
  const types = new Map(eventTypes.map((type, i) => [type, i]));
  const seen = new Uint8Array(options.accounts * types.size);
  for (const { account_id, event_type } of workload(options)) {
    seen[Number(account_id.slice(5)) * types.size + (types.get(event_type) as number)] = 1;
  }
  return seen.reduce((sum, one) => sum + one, 0);
}

async function run({ rules, count, workload: options, from }: MemoryTask): Promise<MemoryUse> {
  const engine = new Engine(programOf(rules === 'mixed' ? mixedRules.map(({ sql }) => sql) : generatedRules(count)));
  const every = Math.max(1, Math.floor((options.events - from) / SAMPLES));
  const resident: number[] = [];
  let [n, detections] = [0, 0];
  for await (const records of eventsOf(options)) {
    for (const bytes of records) {
      engine.apply(n, { kind: 'record', record: { partition: 'bench', position: n, received_at: 4e12, bytes } });
      n++;
      if (n % 1024 === 0) detections += engine.advance().detections.length;
      if (n >= from && (n - from) % every === 0) resident.push(process.memoryUsage.rss());
    }
  }
  detections += engine.advance().detections.length;
  const { accepted, read } = engine.counters;
  if (read !== options.events || accepted + engine.pending !== read)
    throw new Error('the door did not take every event');
  const { state_bytes, parts, drops } = engine.stats();
  const ofRules = Object.entries(parts).filter(([name]) => /^(rows|keys|states) of /.test(name));
  const rules_bytes = ofRules.reduce((sum, [, bytes]) => sum + bytes, 0);
  return { resident, state_bytes, rules_bytes, parts, pairs: pairsOf(options), detections, drops: { ...drops } };
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] as string) as MemoryTask)));
