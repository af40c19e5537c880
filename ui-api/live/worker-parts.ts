import { setImmediate } from 'node:timers/promises';
import { buildProgram, type ProgramPlan, selectOperators } from '../../dsl/index.ts';
import {
  type Digest,
  Engine,
  type EventLog,
  type OperatorSpec,
  type Program,
  type ProgramPart,
  partsOf,
  partsOfNames,
  type SavedWorkers,
  type WorkerPart,
  type WorkerParts,
} from '../../engine/index.ts';
import { digest } from '../cli/rules.ts';
import { startFold } from './fold-threads.ts';

/** How much work one event is before any rule sees it (read, judged, put in order), in rows of a single-event rule. */
const door_work = 3;

/** What is known of how much work which rules are: rows that passed their WHERE, of so many events. */
export interface SampledRows {
  readonly events: number;
  readonly rows: ReadonlyMap<string, number>;
}

const isFirst = ({ emits_early }: Pick<OperatorSpec, 'emits_early'>): boolean => emits_early === true;

/**
 * The rules for so many threads, a part for each. The first part is for the thread that has the door, and so has less of them
 * where it is known what they are; rules that say EMIT EARLY are in it, because what is told on arrival is told there.
 */
export function partsForWorkers(program: Program, workers: number, { events, rows }: SampledRows): ProgramPart[] {
  return [...partsOf(program, workers, rows, { isFirst, first_work: Math.max(1, events * door_work) })];
}

/** The program of a part's rules alone. */
export function programOfPart(plan: ProgramPlan, part: ProgramPart, sha256?: Digest): WorkerPart {
  return { part, program: buildProgram(selectOperators(plan, part.names), sha256) };
}

/** Events of the log that are judged to see how much work which rules are. */
const sampled_events = 10_000;
const step_entries = 256;

export interface WorkerOptions {
  /** Threads that judge, this one included. */
  readonly workers: number;
  readonly program: Program;
  /** null: the rules came from no files, and stay in this thread. */
  readonly plan: ProgramPlan | null;
  readonly log: EventLog;
  /** How the rules of the same program were divided before. */
  readonly saved: SavedWorkers | null;
}

/**
 * The rules divided among threads, which start when an engine has them; null: one thread has all. Rules that share a row store,
 * a view, a join or RISK stay together, and so do tables, and rules that say EMIT EARLY, so there may be fewer threads than
 * asked for.
 */
export async function divideWorkers(options: WorkerOptions): Promise<WorkerParts | null> {
  const { workers, program, plan, log, saved } = options;
  if (workers === 1 || plan === null) return null;
  // How many parts there are is known without a sample.
  const { length } = partsForWorkers(program, workers, { events: 0, rows: new Map() });
  if (length < 2) return null;
  const before = saved?.names.length === length ? partsOfNames(program, saved.names, { isFirst }) : null;
  const parts = before ?? partsForWorkers(program, workers, await sampleOf(program, log));
  const [own, ...others] = parts.map((part) => programOfPart(plan, part, digest));
  return { own, others, start: (k, listener) => startFold(plan, others[k].part, listener) };
}

/** By rule and view, how many rows of the log's first events passed its WHERE. */
async function sampleOf(program: Program, log: EventLog): Promise<SampledRows> {
  const engine = new Engine(program);
  let position = 0;
  for await (const { entry } of log.read(0)) {
    if (entry.kind === 'record' || entry.kind === 'lookup') engine.apply(position++, entry);
    if (engine.counters.read === sampled_events) break;
    if (position % step_entries > 0) continue;
    engine.advance();
    // Rules that are deployed are divided while others run.
    await setImmediate();
  }
  engine.apply(position, { kind: 'end' });
  engine.advance();
  return {
    events: engine.counters.accepted,
    rows: new Map(engine.stats().operators.map(({ name, events }) => [name, events])),
  };
}
