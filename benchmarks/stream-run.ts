import { Dictionary, Fold, type Program } from '../engine/index.ts';
import { toBatches } from './columns.ts';
import type { Round } from './contestant.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { foldLine, plainLine } from './lines.ts';
import { mixedRules } from './mixed-rules.ts';
import { PlainEngine } from './plain-engine.ts';
import { type WorkloadEvent, type WorkloadOptions, workload } from './workload.ts';

/** Events that are made at once, and then taken. */
const CHUNK = 16_384;

/** An engine under measurement: takes events, and gives the processor time of that and what it found, as lines if asked. */
export type Taker = (events: readonly WorkloadEvent[], lines: string[] | null) => { took_ms: number; found: number };

/**
 * Events as they come from a stream: made anew, chunk by chunk, between what is timed, so that nobody holds an event that
 * the engine does not hold. The first `fill` of them fill the windows and are not timed.
 */
export function runStream(take: Taker, options: WorkloadOptions, fill: number, describe: boolean): Round {
  const lines: string[] | null = describe ? [] : null;
  let took_ms = 0;
  let detections = 0;
  let seen = 0;
  let chunk: WorkloadEvent[] = [];
  for (const event of workload(options)) {
    chunk.push(event);
    const reached = seen + chunk.length;
    if (chunk.length < CHUNK && reached !== fill && reached !== options.events) continue;
    const taken = take(chunk, lines);
    if (seen >= fill) took_ms += taken.took_ms;
    detections += taken.found;
    seen = reached;
    chunk = [];
  }
  return { took_ms, detections, matches: 0, text: lines?.sort().join('\n') ?? null };
}

export function plainTaker(): Taker {
  const engine = new PlainEngine(mixedRules.map((rule) => rule.plain));
  return (events, lines) => {
    const found: Parameters<PlainEngine['push']>[1] = [];
    const started = cpuTime_ms();
    for (const event of events) engine.push(event, found);
    const took_ms = cpuTime_ms() - started;
    if (lines !== null) for (const detection of found) lines.push(plainLine(detection));
    return { took_ms, found: found.length };
  };
}

/** The columns are made before, as the decoder makes them. */
export function foldTaker(program: Program): Taker {
  const dictionary = new Dictionary();
  const fold = new Fold(program, dictionary, { shards: 1, form: 'hot' });
  return (events, lines) => {
    const batches = toBatches(events, program, dictionary, 1024);
    const started = cpuTime_ms();
    const found = batches.flatMap((batch) => fold.push(batch, batch.time[batch.count - 1] as number));
    const took_ms = cpuTime_ms() - started;
    if (lines !== null) for (const detection of found) lines.push(foldLine(detection));
    return { took_ms, found: found.length };
  };
}
