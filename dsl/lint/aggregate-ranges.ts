import { type Checked, type CheckedAggregate, identity } from '../check/checked.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from './facts.ts';
import {
  alwaysNull,
  anything,
  between,
  canBe,
  exactly,
  greatestOf,
  isNullOnly,
  type Known,
  leastOf,
  listOfAtMost,
  sizeOf,
} from './known.ts';

/** The rows of a group of which a HAVING is asked. */
export interface GroupRows {
  /** What holds of each row. */
  readonly rows: Facts;
  readonly least_rows: number;
  readonly most_rows: number;
  /** By identity: what has one value in a group. */
  readonly keys: ReadonlySet<string>;
}

/** What an aggregate over such rows can be. */
export function aggregateKnown(call: CheckedAggregate, group: GroupRows, facts: Facts): Known {
  const { filter } = call;
  const passes = filter === null ? exactly(true) : evaluate(filter, group.rows);
  const rows = group.rows.copy();
  if (filter !== null) rows.learn(filter);
  const argument = call.argument === null ? exactly(true) : evaluate(call.argument, rows);
  const isNone = !canBe(passes, true) || isNullOnly(argument);
  const isAll = !canBe(passes, false) && !passes.null && !argument.null;
  const least = isAll ? group.least_rows : 0;
  const most = isNone ? 0 : Math.min(group.most_rows, mostCounted(call, facts) ?? group.most_rows);
  const size = call.argument === null ? null : sizeIn(call.argument, argument, group);
  return overRows(call, argument, { least, most, size });
}

/** HAVING may have said already how many rows there are. */
function mostCounted(call: CheckedAggregate, facts: Facts): number | null {
  if (call.function === 'count' && call.argument === null && call.filter === null) return null;
  const all: Checked = {
    ...call,
    function: 'count',
    argument: null,
    filter: null,
    type: 'int',
    limit: 0,
    distinct: false,
  };
  const known = facts.of({ ...all, non_negative: false });
  // `n = 3` leaves a set of one value, `n <= 3` a range.
  const bound = known === undefined || known === null ? undefined : greatestOf(known)?.value;
  return typeof bound === 'number' ? bound : null;
}

function sizeIn(argument: Checked, known: Known, { keys }: GroupRows): number | null {
  return keys.has(identity(argument)) ? 1 : sizeOf(known, argument.type);
}

interface Rows {
  readonly least: number;
  readonly most: number;
  /** Different values that the argument can have; null: nobody knows. */
  readonly size: number | null;
}

function overRows(call: CheckedAggregate, argument: Known, { least, most, size }: Rows): Known {
  const different = Math.min(most, size ?? most);
  switch (call.function) {
    case 'count':
      return least === most ? exactly(most) : between(least, most, false);
    case 'count_distinct':
      return between(Math.min(least, 1), different, false);
    case 'approx_count_distinct':
      return between(0, most === 0 ? 0 : null, false);
    case 'array_agg':
      return listOfAtMost(Math.min(call.limit, call.distinct ? different : most));
    case 'top':
      return listOfAtMost(Math.min(call.limit, different));
    default:
      return most === 0 ? alwaysNull : { ...ofValues(call, argument, most), null: mayBeNull(call, least) };
  }
}

/** The others are NULL over no rows, the deviation over one, and a sum of whole numbers beyond what is exact. */
function mayBeNull({ function: name, type }: CheckedAggregate, least: number): boolean {
  return least === 0 || name === 'stddev' || (name === 'sum' && type !== 'float') || name === 'approx_percentile';
}

function ofValues(call: CheckedAggregate, argument: Known, most: number): Known {
  const isPositive = Number(leastOf(argument)?.value ?? -1) >= 0;
  const bounds = [leastOf(argument)?.value ?? null, greatestOf(argument)?.value ?? null] as const;
  switch (call.function) {
    case 'min':
    case 'max':
    case 'first':
    case 'last':
    case 'any_value':
      return argument;
    case 'sum':
      if (most === 1) return argument;
      return call.non_negative || isPositive ? between(isPositive ? bounds[0] : 0, null, true) : anything(call.type);
    case 'avg':
      // The mean of equal fractions may be off by the last digit; of whole numbers it lies between them.
      if (call.argument?.type === 'int') return between(bounds[0], bounds[1], true);
      return isPositive ? between(0, null, true) : anything(call.type);
    case 'stddev':
      return most === 1 ? alwaysNull : between(0, null, true);
    case 'entropy':
      return most === 1 ? exactly(0) : between(0, null, true);
    default:
      return isPositive ? between(0, null, true) : anything(call.type);
  }
}
