import { buildProgram, type ProgramPlan, selectOperators } from '../../dsl/index.ts';
import { type Digest, type Program, type ProgramPart, partsOf, type WorkerPart } from '../../engine/index.ts';

/** How much work one event is before any rule sees it (read, judged, put in order), in rows of a single-event rule. */
const door_work = 3;

/** What is known of how much work which rules are: rows that passed their WHERE, of so many events. */
export interface SampledRows {
  readonly events: number;
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * The rules for so many threads, a part for each. The first part is for the thread that has the door, and so has less of them
 * where it is known what they are; rules that say EMIT EARLY are in it, because what is told on arrival is told there.
 */
export function partsForWorkers(program: Program, workers: number, { events, rows }: SampledRows): ProgramPart[] {
  const isFirst = ({ emits_early }: { readonly emits_early?: boolean }): boolean => emits_early === true;
  return [...partsOf(program, workers, rows, { isFirst, first_work: events * door_work })];
}

/** The program of a part's rules alone. */
export function programOfPart(plan: ProgramPlan, part: ProgramPart, digest?: Digest): WorkerPart {
  return { part, program: buildProgram(selectOperators(plan, part.names), digest) };
}
