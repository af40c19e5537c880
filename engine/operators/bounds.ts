import { addTo } from '../aggregates/aggregate.ts';
import type { LowerBound, OperatorSpec } from '../program.ts';
import type { Place, RowTable } from '../state/row-table.ts';
import type { ValueType } from '../value.ts';

/** Bounds that ask for more than this are left to the judge: a payload is at most this many entries. */
const LONGEST_RING = 100_000;
const LONGEST_DISTINCT = 4096;

/**
 * HOT. The hot form of `aggregate >= least`, one of HAVING's lower bounds: it keeps, per key, just what decides the
 * bound for rows from some time on, and nothing that the window's length or the number of rows could make larger.
 *
 * - tally (count in TUMBLING, whose windows start empty): the window's start and the rows in it.
 * - count (SLIDING): the times of the last n rows (a ring); true when the oldest of them is inside.
 * - distinct: the last d distinct values with their latest times, newest first; true when the last of them is inside.
 * - max: the time of the last row whose value is at least the bound, or of which the column `reached` says so.
 * - sum (only TUMBLING): the window's start and the running sum in total order; NaN once it is NULL for good.
 */
export interface Tracker {
  readonly kind: 'tally' | 'count' | 'distinct' | 'max' | 'sum';
  readonly least: number;
  /** Doubles of payload, and where they begin in it. */
  readonly size: number;
  readonly offset: number;
  readonly argument: Place | null;
  readonly filter: Place | null;
  /** Of the aggregate. */
  readonly type: ValueType;
  /** sum: called once a window, where the sum leaves what can be said. */
  readonly onFailure: (() => void) | null;
}

/** What the bounds of an operator say: the trackers, and how much they decide. */
export interface Bounds {
  readonly trackers: readonly Tracker[];
  /** Doubles of payload of a state. */
  readonly payload: number;
  /** With fewer rows of the key than this, HAVING cannot be true, whatever the rows are. */
  readonly least_rows: number;
  /** HAVING is true exactly when all trackers say so. */
  readonly are_exact: boolean;
  /**
   * HAVING is exactly `count(*) >= n`: when a rule fires it has just reached n, so that its rows are n (S8: HAVING was
   * not true a row earlier). 0: anything else.
   */
  readonly exact_rows: number;
}

/** The judge form: nothing is tracked, every event is judged by its rows. */
export const noBounds: Bounds = { trackers: [], payload: 0, least_rows: 1, are_exact: false, exact_rows: 0 };

export function compileBounds(spec: OperatorSpec, placeOf: (column: number) => Place): Bounds {
  const trackers: Tracker[] = [];
  let payload = 0;
  let least_rows = 1;
  let are_exact = spec.bounds_are_exact;
  for (const bound of spec.bounds) {
    const aggregate = spec.aggregates[bound.aggregate];
    const isCount = aggregate.function === 'count' || aggregate.function === 'count_distinct';
    if (isCount && bound.least <= 0) continue;
    if (isCount) least_rows = Math.max(least_rows, Math.ceil(bound.least));
    const tracker = compileTracker(spec, bound, payload, placeOf);
    if (tracker === null) are_exact = false;
    else payload += tracker.size;
    if (tracker !== null) trackers.push(tracker);
  }
  const [only] = trackers;
  const countsRows = trackers.length === 1 && (only.kind === 'count' || only.kind === 'tally');
  const isPlain = countsRows && only.argument === null && only.filter === null;
  return { trackers, payload, least_rows, are_exact, exact_rows: are_exact && isPlain ? least_rows : 0 };
}

function compileTracker(
  spec: OperatorSpec,
  { aggregate: index, least, reached }: LowerBound,
  offset: number,
  placeOf: (column: number) => Place,
): Tracker | null {
  const aggregate = spec.aggregates[index];
  const column = reached ?? aggregate.column;
  const argument = column === null ? null : placeOf(column);
  const filter = aggregate.filter === null ? null : placeOf(aggregate.filter);
  const n = Math.ceil(least);
  const part = { least, offset, argument, filter, type: aggregate.type, onFailure: aggregate.onFailure ?? null };
  switch (aggregate.function) {
    case 'count':
      if (spec.window?.kind === 'tumbling') return { kind: 'tally', size: 2, ...part };
      return n <= LONGEST_RING ? { kind: 'count', size: n + 1, ...part } : null;
    case 'count_distinct':
      return n <= LONGEST_DISTINCT ? { kind: 'distinct', size: 2 * n, ...part } : null;
    case 'max':
      return argument !== null && !argument.isId ? { kind: 'max', size: 1, ...part } : null;
    case 'sum':
      return spec.window?.kind === 'tumbling' ? { kind: 'sum', size: 2, ...part } : null;
    default:
      return null;
  }
}

/** Makes a payload that has seen no row. */
export function clearPayload(bounds: Bounds, payload: Float64Array, at: number): void {
  for (const tracker of bounds.trackers) {
    const base = at + tracker.offset;
    payload.fill(Number.NEGATIVE_INFINITY, base, base + tracker.size);
    if (tracker.kind === 'count') payload[base] = 0;
  }
}

/** Takes in one row of the operator; `window_start` matters to a sum only. */
export function feedPayload(
  bounds: Bounds,
  payload: Float64Array,
  at: number,
  rows: RowTable,
  row: number,
  time: number,
  window_start: number,
): void {
  for (const tracker of bounds.trackers) {
    if (tracker.filter !== null && rows.rawOf(row, tracker.filter) !== 1) continue;
    let value = 0;
    if (tracker.argument !== null) {
      // Adding 0 makes -0 and 0 one value.
      value = rows.rawOf(row, tracker.argument) + 0;
      if (tracker.argument.isId ? value === 0 : Number.isNaN(value)) continue;
    }
    const base = at + tracker.offset;
    if (tracker.kind === 'count') feedCount(payload, base, tracker.size - 1, time);
    else if (tracker.kind === 'distinct') feedDistinct(payload, base, tracker.size, value, time);
    else if (tracker.kind === 'sum') feedRunning(payload, base, value, window_start, tracker);
    else if (tracker.kind === 'tally') feedRunning(payload, base, 1, window_start, tracker);
    else if (value >= tracker.least) payload[base] = time;
  }
}

function feedCount(payload: Float64Array, base: number, n: number, time: number): void {
  const next = payload[base];
  payload[base + 1 + next] = time;
  payload[base] = next + 1 === n ? 0 : next + 1;
}

/** Move to front: pairs (value, latest time), newest first. */
function feedDistinct(payload: Float64Array, base: number, size: number, value: number, time: number): void {
  let at = base;
  const last = base + size - 2;
  while (at < last && payload[at] !== value) at += 2;
  if (at > base) payload.copyWithin(base + 2, base, at);
  payload[base] = value;
  payload[base + 1] = time;
}

/** A running sum that begins again with every window. */
function feedRunning(payload: Float64Array, base: number, value: number, window_start: number, tracker: Tracker): void {
  const running = payload[base] === window_start ? payload[base + 1] : 0;
  payload[base] = window_start;
  const next = addTo(running, value, tracker.type);
  payload[base + 1] = next;
  if (tracker.onFailure !== null && !Number.isFinite(next) && Number.isFinite(running)) tracker.onFailure();
}

/**
 * The latest time such that all bounds hold for the rows from it on; -Infinity: they hold for no window that begins at
 * `from` or later. More rows can only raise it, so bounds that hold now hold until this time has left the window.
 */
export function heldFrom(bounds: Bounds, payload: Float64Array, at: number, from: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const tracker of bounds.trackers) {
    const base = at + tracker.offset;
    let since = Number.NEGATIVE_INFINITY;
    if (tracker.kind === 'count') since = payload[base + 1 + payload[base]];
    else if (tracker.kind === 'distinct') since = payload[base + tracker.size - 1];
    else if (tracker.kind === 'max') since = payload[base];
    else if (payload[base] === from && payload[base + 1] >= tracker.least) since = from;
    if (since < from) return Number.NEGATIVE_INFINITY;
    if (since < least) least = since;
  }
  return least;
}
