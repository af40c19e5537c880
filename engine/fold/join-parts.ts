import type { DropCounters } from '../limits.ts';
import type { Lookups } from '../lookups/lookups.ts';
import type { JoinSpec, Program } from '../program.ts';
import type { RowEvidence } from '../route/row-evidence.ts';
import { type Pair, type StreamRows, withoutPlaces } from '../route/stream-rows.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Value } from '../value.ts';
import type { JoinRoutes } from './join-routes.ts';
import type { SideQuestions } from './side-questions.ts';

/** A join as the fold drives it: the plain form is its meaning (plain-join.ts), the other one is held equal to it. */
export interface JoinOperator {
  readonly spec: JoinSpec;
  /**
   * Takes the next rows of both streams; no later row has time < `until`. `first`: how many events came in pushes before.
   * Gives the joined rows in total order.
   */
  process(left: StreamRows, right: StreamRows, until: number, first: number): StreamRows;
  /** What bounds dropped, by the bound's name. */
  readonly drops: readonly DropCounters[];
  readonly keys: number;
  readonly rows: number;
  readonly bytes: number;
  /** Sets used[id] = 1 for every dictionary id that it holds. */
  markUsed(used: Uint8Array): void;
  /** Ids were taken back and may be given to other texts. */
  forget?(): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

/** What the joins of a fold share. */
export interface JoinNeeds {
  readonly routes: JoinRoutes;
  readonly lookups: Lookups;
  readonly questions: SideQuestions;
}

/** More than there are events. */
const BEHIND_EVENTS = 2 ** 52;

export type Side = 'left' | 'right';

/** A row that was joined, with values instead of numbers. */
export interface JoinRow {
  /** What WITHIN is measured from; of a left row that an EXISTS held back, before it came. */
  readonly time: number;
  /** Where it stood among the rows of that time, see orderOf(). */
  readonly order: number;
  readonly stamp: number;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly id: string;
  /** Its place in its stream, where its id is a hash and says nothing of its order (S2); 0 where events name it. */
  readonly place: number;
  readonly event_id: string;
  /** Whether it stands for the last event of a window. */
  readonly of_window: boolean;
  /** The events that it rests on, where they are several. */
  readonly rests: RowEvidence | null;
  /** Values for the joined row, in the order of JoinSpec.sources; null for those of the other side. */
  readonly values: readonly Value[];
}

/** What names a row of the join; with EXISTS the left row does. */
export function pairOf(spec: JoinSpec, left: JoinRow, right: JoinRow | null): Pair {
  const both = { left: placeOf(left), right: right === null ? null : placeOf(right) };
  return { key: left.key, anchor: isExists(spec.kind) ? both.left : both };
}

/**
 * Where row i stands among rows of its time, whatever the batches: the number of the event that decided it, behind all of
 * them a deadline and then a window's end. A row that EXISTS held back is asked for where it stood before.
 */
export function orderOf(rows: StreamRows, i: number, first: number): number {
  if (rows.origin !== undefined) return rows.origin[i];
  return rows.atEnd[i] > 0 ? BEHIND_EVENTS + rows.atEnd[i] : first + rows.root[i];
}

function placeOf({ stamp, id }: JoinRow) {
  return { timestamp: stamp, id };
}

/** Which stands first (S2) of two rows of the sides: negative the left one, positive the right one, 0 where they are one. */
export function compareRows(spec: JoinSpec, left: StreamRows, l: number, right: StreamRows, r: number): number {
  if (l >= left.count) return 1;
  if (r >= right.count) return -1;
  return (
    left.time[l] - right.time[r] ||
    left.atEnd[l] - right.atEnd[r] ||
    left.root[l] - right.root[r] ||
    spec.left.stream - spec.right.stream ||
    l - r
  );
}

/** Whether a join gives left rows instead of pairs. */
export function isExists(kind: JoinSpec['kind'] | undefined): boolean {
  return kind === 'semi' || kind === 'anti';
}

/** Whether left rows without a match are of interest. */
export function isOuter(kind: JoinSpec['kind']): boolean {
  return kind === 'left' || kind === 'anti';
}

/** What a join has to know of the streams around it. */
export interface JoinPlace {
  /** How long after its time a row of each side can be matched. */
  readonly keep_ms: Readonly<Record<Side, number>>;
  /** Whether left rows come from an EXISTS before this one. */
  readonly isChained: boolean;
  /** Whether a left row may be a right one too, or an element of the same event: no event joins itself (S9). */
  readonly isSelf: boolean;
  /** How many UNNESTs made the rows of each side. */
  readonly levels: Readonly<Record<Side, number>>;
}

export function joinPlace(program: Program, stream: number): JoinPlace {
  const spec = program.streams[stream].join as JoinSpec;
  const isChained = isExists(program.streams[spec.left.stream].join?.kind);
  const [left, right] = [spec.left, spec.right].map((side) => sourceOf(program, side.stream));
  const levels = { left: left.levels, right: right.levels };
  return {
    keep_ms: { left: spec.after_ms, right: spec.before_ms + heldBack_ms(program, spec.left.stream) },
    isChained,
    // Of one stream that is joined with itself, a row is taken once.
    isSelf: left.stream === right.stream && (spec.left.stream !== spec.right.stream || levels.left + levels.right > 0),
    levels,
  };
}

/**
 * Whether a left row that comes stood before a right row that is there: only one that an EXISTS held back can have, at
 * one time too.
 */
export function standsBefore(left: JoinRow, right: JoinRow, { isChained }: JoinPlace): boolean {
  if (!isChained) return left.time < right.time;
  return left.time < right.time || (left.time === right.time && left.order <= right.order);
}

/** How much later than its own time a row of a stream may come, because EXISTS waits for others. */
function heldBack_ms(program: Program, stream: number): number {
  const { join } = program.streams[stream];
  return join === undefined || !isExists(join.kind)
    ? 0
    : Math.max(join.after_ms, heldBack_ms(program, join.left.stream));
}

/**
 * The stream whose rows an EXISTS or a table, and those before it, are asked of; below UNNESTs, the one whose arrays are
 * taken apart.
 */
function sourceOf(program: Program, stream: number): { readonly stream: number; readonly levels: number } {
  const { join } = program.streams[stream];
  if (join !== undefined && (isExists(join.kind) || join.as_of)) return sourceOf(program, join.left.stream);
  const maker = program.operators.find(({ output_stream }) => output_stream === stream);
  if (maker?.unnest === undefined) return { stream, levels: 0 };
  const below = sourceOf(program, maker.input);
  return { stream: below.stream, levels: below.levels + 1 };
}

/**
 * Whether the ids of a stream's rows are those of events, alone or in pairs: such ids say by value in which order rows
 * stand (S2). A view's row has a hash.
 */
export function isNamedByEvents(program: Program, stream: number): boolean {
  const { join } = program.streams[stream];
  if (join !== undefined) {
    const isOfLeft = isExists(join.kind) || join.as_of === true;
    return isNamedByEvents(program, join.left.stream) && (isOfLeft || isNamedByEvents(program, join.right.stream));
  }
  const maker = program.operators.find(({ output_stream }) => output_stream === stream);
  if (maker === undefined) return true;
  return maker.unnest !== undefined && isNamedByEvents(program, maker.input);
}

/** Whether rows of a stream may stand for the last events of windows: those of views with windows, and what reads them. */
export function isOfWindows(program: Program, stream: number): boolean {
  const { join } = program.streams[stream];
  if (join !== undefined) return isOfWindows(program, join.left.stream);
  const makers = program.operators.filter(({ output_stream }) => output_stream === stream);
  return makers.some(({ window, input }) => window !== null || isOfWindows(program, input));
}

/** Whether two rows of one source are one, or elements of one. */
export function isOneSource(left: string, right: string, { levels }: JoinPlace): boolean {
  return withoutPlaces(left, levels.left) === withoutPlaces(right, levels.right);
}

/**
 * How much earlier than it comes a row may have its timestamp, by stream: EXISTS holds a row back and gives it on as it
 * was, through views too. Lookups and tables act as of the timestamp, so what they say stays as long.
 */
export function agesOf_ms({ streams, operators }: Program): number[] {
  // Every stream stands behind those that it is made of.
  const ages: number[] = [];
  streams.forEach(({ join }, stream) => {
    const from = operators.filter(({ output_stream }) => output_stream === stream).map(({ input }) => input);
    if (join !== undefined) from.push(join.left.stream, join.right.stream);
    const held_ms = join !== undefined && isExists(join.kind) ? join.after_ms : 0;
    ages.push(held_ms + Math.max(0, ...from.map((one) => ages[one])));
  });
  return ages;
}

/** Where what row i decides stands in the order (S2). */
export function placeOfRow(rows: StreamRows, i: number) {
  return { time: rows.time[i], stamp: rows.stamp[i], at_end: rows.atEnd[i], root: rows.root[i] };
}
