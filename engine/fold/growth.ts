import type { Program } from '../program.ts';
import { isExists } from './join-parts.ts';

/** What of a program may make many rows of one. */
export interface Growth {
  /** By stream: whether one event may be many rows of it, by a JOIN or UNNEST before it. Baselines and EXISTS make none. */
  readonly isGrown: readonly boolean[];
  /** By stream: whether a join reads all of its rows in one go, that is, of such a stream, or as a join that makes none. */
  readonly isJoined: readonly boolean[];
  /** The other streams, in order, whose rows such a JOIN or UNNEST reads. */
  readonly grownFrom: readonly number[];
}

export function growthOf({ streams, operators }: Program): Growth {
  // Every stream stands behind those that it is made of.
  const isGrown: boolean[] = [];
  const feeds = new Set<number>();
  streams.forEach(({ join }, stream) => {
    const makers = operators.filter(({ output_stream }) => output_stream === stream);
    const from = [
      ...makers.map(({ input }) => input),
      ...(join === undefined ? [] : [join.left.stream, join.right.stream]),
    ];
    const isPairs = join !== undefined && !join.as_of && !isExists(join.kind);
    const isOwn = isPairs || makers.some(({ unnest }) => unnest !== undefined);
    isGrown.push(isOwn || from.some((one) => isGrown[one]));
    if (isGrown[stream]) for (const one of from) feeds.add(one);
  });
  for (const { unnest, input } of operators) if (unnest !== undefined) feeds.add(input);
  const isJoined = streams.map((_, stream) =>
    streams.some(({ join }, reader) => {
      const isRead = join?.left.stream === stream || join?.right.stream === stream;
      return isRead && isGrown[reader] === isGrown[stream];
    }),
  );
  return { isGrown, isJoined, grownFrom: [...feeds].filter((stream) => !isGrown[stream]).sort((a, b) => a - b) };
}
