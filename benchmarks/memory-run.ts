import { Engine } from '../engine/index.ts';
import { mixedRules } from './mixed-rules.ts';
import { programOf } from './program.ts';
import { wideEvent } from './wide-events.ts';
import { eventTypes, generatedRules, type WorkloadOptions, workload } from './workload.ts';

/** Told as JSON in the argument: an engine by itself in this process. No event is made before it is taken. */
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

function run({ rules, count, workload: options, from }: MemoryTask): MemoryUse {
  const engine = new Engine(programOf(rules === 'mixed' ? mixedRules.map(({ sql }) => sql) : generatedRules(count)));
  const types = new Map(eventTypes.map((type, i) => [type, i]));
  const seen = new Uint8Array(options.accounts * types.size);
  const every = Math.max(1, Math.floor((options.events - from) / SAMPLES));
  const resident: number[] = [];
  let [n, detections] = [0, 0];
  for (const event of workload(options)) {
    seen[Number(event.account_id.slice(5)) * types.size + (types.get(event.event_type) as number)] = 1;
    const bytes = Buffer.from(JSON.stringify(wideEvent(event)));
    engine.apply(n, { kind: 'record', record: { partition: 'bench', position: n, received_at: 4e12, bytes } });
    n++;
    if (n % 1024 === 0) detections += engine.advance().detections.length;
    if (n >= from && (n - from) % every === 0) resident.push(process.memoryUsage.rss());
  }
  detections += engine.advance().detections.length;
  const { accepted, read } = engine.counters;
  if (read !== options.events || accepted + engine.pending !== read)
    throw new Error('the door did not take every event');
  const { state_bytes, parts, drops } = engine.stats();
  const ofRules = Object.entries(parts).filter(([name]) => /^(rows|keys|states) of /.test(name));
  const rules_bytes = ofRules.reduce((sum, [, bytes]) => sum + bytes, 0);
  const pairs = seen.reduce((sum, one) => sum + one, 0);
  return { resident, state_bytes, rules_bytes, parts, pairs, detections, drops: { ...drops } };
}

process.stdout.write(JSON.stringify(run(JSON.parse(process.argv[2] as string) as MemoryTask)));
