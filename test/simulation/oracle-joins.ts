import type { JoinRule } from './case.ts';
import { compareAll, evaluate, type Fired, type Row } from './naive-oracle.ts';
import { evidenceOf, restsOn } from './oracle-evidence.ts';
import { rowsThatExist, type Stream } from './oracle-exists.ts';
import { isOneEvent, unnested } from './oracle-unnest.ts';

/** A row that a join made, and the ids that name it in an anchor. */
interface Pair extends Row {
  anchor: [string] | [string, string | null];
}

/**
 * Joins (S9), every left row against every right row. Two rows make a pair when their keys are equal and the right one
 * lies from `before` before to `after` after the left one; the pair stands at the later of them. A left row of a LEFT
 * JOIN that is in no pair stands after all events at left.time + after. Of a join of joins the pairs are the left rows, at
 * the times and places where they stand; EXISTS asks them in the same way.
 */
export function fireJoin(rule: JoinRule, rows: readonly Row[]): Fired[] {
  const passes = ({ where }: { where: JoinRule['left']['where'] }, row: Row) =>
    where === null || evaluate(where, row.fields, {}) === true;
  const lefts = (rule.left.unnest ? unnested(rows, 'el') : rows).filter((row) => passes(rule.left, row));
  const rights = (rule.right.unnest ? unnested(rows, 'er') : rows).filter((row) => passes(rule.right, row));
  let pairs = pairsOf(lefts, rights, rule, 'r');
  const { third, exists = [] } = rule;
  if (third !== undefined) {
    const on = third.on.map(([l, r]): [string, string] => [`${third.of}.${l}`, r]);
    const thirds = rows.filter((row) => passes(third, row));
    pairs = pairsOf(pairs, thirds, { ...third, on }, 'm');
  }
  if (exists.length > 0) {
    const streams = new Map<string, Stream>([['events', { rows: [...rows], depth: 0 }]]);
    // At one place an event stands before the pairs that it made.
    const left = { name: rule.name, depth: 0.5 };
    pairs = rowsThatExist(pairs, exists, left, streams).map((row) => ({ ...row, anchor: [row.id] }));
  }
  return pairs.map((pair) => ({
    ...{ rule: rule.name, tenant: pair.tenant, key: pair.key as string[], anchor: pair.anchor },
    ...{ decided_at: pair.time, window: null, values: {}, ...evidenceOf(pair) },
    ...{ suppressed: false, place: pair.place, depth: 0, row: null, continues: false },
  }));
}

function pairsOf(
  lefts: readonly Row[],
  rights: readonly Row[],
  { on, before, after, left_join }: Pick<JoinRule, 'on' | 'before' | 'after' | 'left_join'>,
  right_alias: string,
): Pair[] {
  return lefts.flatMap((left) => {
    const key = on.map(([field]) => left.fields[field] ?? null);
    const partners = rights.filter(
      (right) =>
        !isOneEvent(right, left) &&
        right.tenant === left.tenant &&
        on.every(([, r], i) => key[i] !== null && key[i] === right.fields[r]) &&
        right.time >= left.time - before &&
        right.time <= left.time + after,
    );
    const made = (right: Row | null): Pair => {
      const deadline = [left.time + after, 1];
      const later = right === null ? deadline : [left, right].map(({ place }) => place).sort(compareAll)[1];
      // A pair whose left row came at its deadline, or behind it, stands there.
      const place = right === null && compareAll(left.place, deadline) > 0 ? left.place : (later as Row['place']);
      return {
        ...{ key, anchor: [left.id, right?.id ?? null], place, time: Number(place[0]), tenant: left.tenant },
        ...{ id: JSON.stringify([left.time, left.id, ...(right === null ? [null] : [right.time, right.id])]) },
        ...{ event: '', rests_on: restsOn(right === null ? [left] : [left, right]) },
        fields: { ...sided(left, 'l'), ...(right === null ? {} : sided(right, right_alias)) },
      };
    };
    if (partners.length === 0) return left_join ? [made(null)] : [];
    return partners.map(made);
  });
}

/** The fields of an event with its side in front; those of a pair have theirs. */
function sided({ fields, rests_on }: Row, side: string): Row['fields'] {
  if (rests_on !== undefined) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${side}.${name}`, value]));
}
