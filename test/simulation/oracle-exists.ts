import type { CaseExists } from './case.ts';
import { compareAll, evaluate, type Row } from './naive-oracle.ts';
import { type Rested, restedOf, restsOn } from './oracle-evidence.ts';
import { isOneEvent, unnested } from './oracle-unnest.ts';

/** A stream's rows in total order, and how many views lie between it and the events. */
export interface Stream {
  rows: Row[];
  depth: number;
}

/** A left row on its way through the EXISTS of its rule: where it stands by now, and what it rests on by now. */
interface Held {
  row: Row;
  place: Row['place'];
  key: Row['place'];
  rests_on: Rested[];
}

/**
 * EXISTS and NOT EXISTS (S9), every left row against every right row. A right row matches when the keys are equal, it is not
 * the left row itself, and lies from `before` before to `after` after it. EXISTS gives the left row once, at the later of
 * it and its first match; NOT EXISTS gives it without a match, after all events at left.time + after. Of several each
 * measures from the left row's own time, and the row stands where the last of them is decided.
 */
export function rowsThatExist(
  left: readonly Row[],
  exists: readonly CaseExists[],
  { name, depth }: { name: string; depth: number },
  streams: ReadonlyMap<string, Stream>,
): Row[] {
  let held = left.map((row): Held => ({ row, place: row.place, key: [], rests_on: restedOf(row) }));
  for (const [i, one] of exists.entries()) {
    const from = one.input ?? 'events';
    const right = streams.get(from) as Stream;
    // At one place the stream that was made first stands first; of one stream the row that stands first in it.
    const order = i > 0 ? -1 : right.depth - depth || compareAll([from], [name]);
    const rows = (one.unnest ? unnested(right.rows, 'er') : right.rows).filter(
      (row) => one.where === null || evaluate(one.where, row.fields, {}) === true,
    );
    const named = (field: string) => (one.of === undefined ? field : `${one.of}.${field}`);
    held = held.flatMap(({ row, place, rests_on }): Held[] => {
      const key = one.on.map(([field]) => row.fields[named(field)] ?? null);
      const matches = rows.filter(
        (other) =>
          !isOneEvent(other, row) &&
          other.tenant === row.tenant &&
          one.on.every(([, r], i) => key[i] !== null && key[i] === other.fields[r]) &&
          (one.greater === null || isGreater(other.fields[one.greater], row.fields[named(one.greater)])) &&
          other.time >= row.time - one.before &&
          other.time <= row.time + one.after,
      );
      if (one.negated) {
        if (matches.length > 0) return [];
        const deadline = [row.time + one.after, 1];
        return [{ row, key, rests_on, place: compareAll(place, deadline) > 0 ? place : deadline }];
      }
      const isBefore = (other: Row) =>
        (compareAll(other.place, place) || order || right.rows.indexOf(other) - right.rows.indexOf(row.of ?? row)) < 0;
      const partner = matches.findLast(isBefore) ?? matches.at(0);
      if (partner === undefined) return [];
      const rests = restsOn([{ ...row, rests_on }, partner]);
      return [{ row, key, rests_on: rests, place: isBefore(partner) ? place : partner.place }];
    });
  }
  held.sort(
    (a, b) =>
      compareAll(a.place, b.place) ||
      compareAll([a.row.tenant], [b.row.tenant]) ||
      compareAll(a.key, b.key) ||
      compareAll([a.row.id], [b.row.id]),
  );
  return held.map(({ row, place, key, rests_on }) => ({
    ...row,
    time: Number(place[0]),
    place,
    key,
    rests_on,
  }));
}

function isGreater(right: unknown, left: unknown): boolean {
  return typeof right === 'number' && typeof left === 'number' && right > left;
}
