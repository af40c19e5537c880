import type { RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Bounds, Tracker } from './bounds.ts';

/**
 * HOT. Makes a payload of SLIDING bounds what it would be had it seen a key's rows one by one, oldest first, by its newest
 * rows: the last n times and the last d distinct values need no more rows than there are until they are found. A busy
 * key's window has thousands.
 *
 * `window` has the operator's newest rows in its window, newest first. Returns whether rows before
 * those would change nothing; then all bounds hold.
 */
export function fillFromNewest(
  bounds: Bounds,
  payload: Float64Array,
  at: number,
  table: RowTable,
  window: WindowRows,
): boolean {
  let isWhole = true;
  for (const tracker of bounds.trackers) {
    const base = at + tracker.offset;
    payload.fill(Number.NEGATIVE_INFINITY, base, base + tracker.size);
    if (!fill(tracker, payload, base, table, window)) isWhole = false;
  }
  return isWhole;
}

function fill(tracker: Tracker, payload: Float64Array, base: number, table: RowTable, window: WindowRows): boolean {
  switch (tracker.kind) {
    case 'count':
      return fillCount(tracker, payload, base, table, window);
    case 'distinct':
      return fillDistinct(tracker, payload, base, table, window);
    case 'max':
      return fillMax(tracker, payload, base, table, window);
    default:
      throw new Error(`a bound of kind ${tracker.kind} belongs to windows that start empty`);
  }
}

/** What the aggregate reads of a row; NaN where the row does not count. */
function countedValue({ filter, argument }: Tracker, table: RowTable, row: number): number {
  if (filter !== null && table.rawOf(row, filter) !== 1) return Number.NaN;
  if (argument === null) return 0;
  // Adding 0 makes -0 and 0 one value.
  const value = table.rawOf(row, argument) + 0;
  return argument.isId && value === 0 ? Number.NaN : value;
}

/** The ring: the oldest time stands where the next one goes. */
function fillCount(
  tracker: Tracker,
  payload: Float64Array,
  base: number,
  table: RowTable,
  window: WindowRows,
): boolean {
  const { rows, times, count } = window;
  const n = tracker.size - 1;
  let found = 0;
  for (let k = 0; k < count && found < n; k++) {
    if (Number.isNaN(countedValue(tracker, table, rows[k]))) continue;
    // From the ring's end back; moved to its beginning below where they are fewer.
    payload[base + n - found++] = times[k];
  }
  payload[base] = found === n ? 0 : found;
  if (found === n) return true;
  payload.copyWithin(base + 1, base + 1 + n - found, base + 1 + n);
  payload.fill(Number.NEGATIVE_INFINITY, base + 1 + found, base + 1 + n);
  return false;
}

/** Pairs (value, latest time), newest first: each value's latest time is the first that is met. */
function fillDistinct(
  tracker: Tracker,
  payload: Float64Array,
  base: number,
  table: RowTable,
  window: WindowRows,
): boolean {
  const { rows, times, count } = window;
  let end = base;
  for (let k = 0; k < count; k++) {
    const value = countedValue(tracker, table, rows[k]);
    if (Number.isNaN(value)) continue;
    let place = base;
    while (place < end && payload[place] !== value) place += 2;
    if (place < end) continue;
    payload[end] = value;
    payload[end + 1] = times[k];
    end += 2;
    if (end === base + tracker.size) return true;
  }
  return false;
}

function fillMax(tracker: Tracker, payload: Float64Array, base: number, table: RowTable, window: WindowRows): boolean {
  const { rows, times, count } = window;
  for (let k = 0; k < count; k++) {
    if (!(countedValue(tracker, table, rows[k]) >= tracker.least)) continue;
    payload[base] = times[k];
    return true;
  }
  return false;
}
