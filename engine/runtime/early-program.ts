import { joinedStreams, type Program, type StreamSpec } from '../program.ts';

/** What of a program runs on the early side. */
export interface EarlyProgram {
  /** Streams have the numbers that they have in the whole program; those that no early rule reads are empty. */
  readonly program: Program;
  /** By its operators, which they are in the whole program. */
  readonly operators: readonly number[];
}

/**
 * The rules of a program that say EMIT EARLY, with the views, tables and joins that they read, directly or through others;
 * null where no rule says so. What no early rule reads would cost work and state on arrival and be heard by nobody.
 */
export function earlyProgramOf(program: Program): EarlyProgram | null {
  const wanted: number[] = [];
  const streams = new Set<number>();
  // Operators stand in the order of their depth: backwards, every reader comes before the view that it reads.
  for (let index = program.operators.length - 1; index >= 0; index--) {
    const operator = program.operators[index];
    const isRead = operator.kind === 'view' && streams.has(operator.output_stream);
    if (!isRead && operator.emits_early !== true) continue;
    wanted.push(index);
    for (const stream of [operator.input, ...joinedStreams(program, operator.input)]) streams.add(stream);
  }
  if (wanted.length === 0) return null;
  const operators = wanted.reverse();
  return {
    program: {
      ...program,
      streams: program.streams.map((spec, stream) => (streams.has(stream) ? spec : withoutJoin(spec))),
      operators: operators.map((index) => program.operators[index]),
    },
    operators,
  };
}

function withoutJoin({ join: _, ...spec }: StreamSpec): StreamSpec {
  return spec;
}
