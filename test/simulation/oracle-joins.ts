import type { JoinRule } from './case.ts';
import { compareAll, evaluate, type Fired, type Row } from './naive-oracle.ts';
import { isOneEvent, unnested } from './oracle-unnest.ts';

/**
 * Joins (S9), every left row against every right row. Two rows make a pair when their keys are equal and the right one
 * lies from `before` before to `after` after the left one; the pair stands at the later of them. A left row of a LEFT
 * JOIN that is in no pair stands after all events at left.time + after.
 */
export function fireJoin(rule: JoinRule, rows: readonly Row[]): Fired[] {
  const passes = ({ where }: JoinRule['left'], row: Row) => where === null || evaluate(where, row.fields, {}) === true;
  const lefts = (rule.left.unnest ? unnested(rows, 'el') : rows).filter((row) => passes(rule.left, row));
  const rights = (rule.right.unnest ? unnested(rows, 'er') : rows).filter((row) => passes(rule.right, row));
  return lefts.flatMap((left) => {
    const key = rule.on.map(([field]) => left.fields[field] as string | number | null);
    const partners = rights.filter(
      (right) =>
        !isOneEvent(right, left) &&
        right.tenant === left.tenant &&
        rule.on.every(([l, r]) => left.fields[l] !== null && left.fields[l] === right.fields[r]) &&
        right.time >= left.time - rule.before &&
        right.time <= left.time + rule.after,
    );
    const fired = (right: Row | null): Fired => {
      const both = right === null ? [left] : [left, right].sort((a, b) => compareAll(a.place, b.place));
      const decided_at = right === null ? left.time + rule.after : both[1].time;
      return {
        ...{ rule: rule.name, tenant: left.tenant, key, anchor: [left.id, right?.id ?? null], decided_at },
        ...{ window: null, values: {}, evidence: both.map((row) => row.event), total: both.length },
        ...{
          suppressed: false,
          place: right === null ? [decided_at, 1] : both[1].place,
          depth: 0,
          row: null,
          continues: false,
        },
      };
    };
    if (partners.length === 0) return rule.left_join ? [fired(null)] : [];
    return partners.map(fired);
  });
}
