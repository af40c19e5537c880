import type { Program } from '../program.ts';
import { isExists } from './join-parts.ts';

/** Which streams of a program may have many rows for one event. */
export interface Growth {
  /** By stream: whether a JOIN of streams or UNNEST makes it, or stands before it. A baseline gives a row at most one, EXISTS each once. */
  readonly isGrown: readonly boolean[];
  /** By stream: whether a join reads its rows as they come, whole or in pieces: one that is grown like it, or like it is not. */
  readonly isJoined: readonly boolean[];
  /** The others, in order, of whose rows a JOIN or UNNEST makes those. */
  readonly grownFrom: readonly number[];
}

export function growthOf({ streams, operators }: Program): Growth {
  // Every stream stands behind those that it is made of.
  const isGrown: boolean[] = [];
  const grownFrom = new Set<number>();
  streams.forEach(({ join }, stream) => {
    const sides = join === undefined ? [] : [join.left.stream, join.right.stream];
    const makers = operators.filter(({ output_stream }) => output_stream === stream);
    const unnested = makers.filter(({ unnest }) => unnest !== undefined).map(({ input }) => input);
    const isPairs = join !== undefined && !join.as_of && !isExists(join.kind);
    const from = [...sides, ...makers.map(({ input }) => input)];
    isGrown.push(isPairs || unnested.length > 0 || from.some((one) => isGrown[one]));
    // What another maker emits of rows that are no more than events is cut where it is emitted.
    if (isGrown[stream]) for (const one of [...sides, ...unnested]) grownFrom.add(one);
  });
  // A rule may unnest by itself.
  for (const { unnest, input } of operators) if (unnest !== undefined) grownFrom.add(input);
  const isJoined = streams.map((_, stream) =>
    streams.some(({ join }, reader) => {
      const isRead = join?.left.stream === stream || join?.right.stream === stream;
      return isRead && isGrown[reader] === isGrown[stream];
    }),
  );
  return {
    ...{ isGrown, isJoined },
    grownFrom: [...grownFrom].filter((stream) => !isGrown[stream]).sort((a, b) => a - b),
  };
}
