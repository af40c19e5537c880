import type { Batch, Column } from '../batch.ts';
import { noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Emission } from './emission.ts';

/** A part of a push, as it would be if it were pushed alone. */
export interface Piece {
  /** Its events are those of the batch before this one that no piece before it had. */
  readonly end: number;
  /** No later row has a lower time. */
  readonly until: number;
  /** Up to where events are known. */
  readonly reached: number;
  /** Whatever the push has left is of it. */
  readonly isLast: boolean;
}

/** The pieces of at most `most` events that `whole`, a push of these events, is; the push before it ended with these times. */
export function* piecesOf(
  { time }: Batch,
  most: number,
  before: Pick<Piece, 'until' | 'reached'>,
  whole: Piece,
): Generator<Piece> {
  let { until, reached } = before;
  for (let end = most; end < whole.end; end += most) {
    until = Math.max(until, time[end - 1]);
    reached = Math.max(reached, time[end - 1]);
    yield { end, until, reached, isLast: false };
  }
  yield whole;
}

/** Where the rows of a stream that are of this piece end, from row `from` on; all rows stand in total order. */
export function endIn(rows: StreamRows, from: number, piece: Piece): number {
  if (piece.isLast) return rows.count;
  let i = from;
  while (i < rows.count && isIn(piece, rows.atEnd[i], rows.root[i], rows.time[i])) i++;
  return i;
}

/** Takes what is of this piece away from the heads of runs that are in order each. */
export function takeIn(runs: Emission[][], piece: Piece): Emission[][] {
  if (piece.isLast) return runs.splice(0);
  const taken: Emission[][] = [];
  let left = 0;
  for (const run of runs) {
    const end = run.findIndex(({ at_end, root, time }) => !isIn(piece, at_end, root, time));
    if (end !== 0) taken.push(end < 0 ? run : run.slice(0, end));
    if (end >= 0) runs[left++] = end === 0 ? run : run.slice(end);
  }
  runs.length = left;
  return taken;
}

/** Whether the push of the piece alone would have decided what stands there. */
function isIn({ end, until }: Piece, at_end: number, root: number, time: number): boolean {
  return at_end === 0 ? root < end : time < until;
}

/** Rows [from, to) of a stream, on the same memory. */
export function rowsBetween(rows: StreamRows, from: number, to: number): StreamRows {
  if (from === 0 && to === rows.count) return rows;
  if (from === to) return noRows;
  const part = <T extends Column | Uint8Array>(column: T): T => column.subarray(from, to) as T;
  const time = part(rows.time);
  const between: StreamRows = {
    count: to - from,
    time,
    // Who asks whether times were raised asks whether both are one array.
    stamp: rows.stamp === rows.time ? time : part(rows.stamp),
    seq: part(rows.seq),
    tenant: part(rows.tenant),
    idStart: noRows.idStart,
    idBytes: noRows.idBytes,
    partition: part(rows.partition),
    position: part(rows.position),
    columns: rows.columns.map(part),
    evidenceStart: rows.evidenceStart.subarray(from, to + 1),
    evidenceBytes: rows.evidenceBytes,
    root: part(rows.root),
    atEnd: part(rows.atEnd),
  };
  const { idOf, from: since, origin, place, pairs, rests } = rows;
  if (idOf === undefined) {
    // Who asks whether a row stands for itself asks for the array, too.
    const isOwn = rows.idStart === rows.evidenceStart;
    between.idStart = isOwn ? between.evidenceStart : rows.idStart.subarray(from, to + 1);
    between.idBytes = rows.idBytes;
  } else makeIdsLate(between, rows, from, to);
  if (since !== undefined) between.from = part(since);
  if (origin !== undefined) between.origin = part(origin);
  if (place !== undefined) between.place = part(place);
  if (pairs !== undefined) between.pairs = pairs.slice(from, to);
  if (rests !== undefined) between.rests = rests.slice(from, to);
  return between;
}

/** Ids of a view's rows are hashes, which are made when somebody looks at them. */
function makeIdsLate(between: StreamRows, rows: StreamRows, from: number, to: number): void {
  between.idOf = (i) => (rows.idOf as (i: number) => string)(from + i);
  Object.defineProperties(between, {
    idStart: { get: () => rows.idStart.subarray(from, to + 1), enumerable: true },
    idBytes: { get: () => rows.idBytes, enumerable: true },
  });
}
