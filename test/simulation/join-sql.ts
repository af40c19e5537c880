import type { CaseExists, Condition, JoinRule, SimulationEvent, SingleRule } from './case.ts';
import { columns, condition, literals } from './window-sql.ts';

/**
 * Joins and EXISTS of the JSON form as one ClickHouse query (S9), over events alone. Each row of the answer is one
 * detection: decided_at, and the ranks of the left and the right event (of EXISTS the left one; -1 is none).
 */
export function joinQuery(rule: JoinRule | SingleRule, accepted: readonly SimulationEvent[]): string {
  const events = `events AS (SELECT * FROM values('${columns}', ${accepted.map(literals).join(', ')}))`;
  const query = rule.kind === 'join' ? pairs(rule) : existing(rule);
  return `WITH ${events},\n${query}
SETTINGS output_format_json_quote_64bit_integers = 0, join_use_nulls = 1 FORMAT JSONEachRow`;
}

const filtered = (where: Condition | null) =>
  `(SELECT * FROM events WHERE ${where === null ? '1' : condition(where, 'f')})`;

/** Equal keys of one tenant, near enough, and not the same event. */
function near(on: readonly [string, string][], before: number, after: number): string {
  const equal = on.map(([l, r]) => `a.${l} = b.${r}`);
  const within = `b.time BETWEEN a.time - ${before} AND a.time + ${after}`;
  return ['a.tenant = b.tenant', ...equal, within, 'a.rank <> b.rank'].join(' AND ');
}

function pairs({ left, right, on, before, after, left_join }: JoinRule): string {
  const matched = `SELECT a.rank AS l, b.rank AS r, greatest(a.time, b.time) AS decided_at
  FROM ${filtered(left.where)} AS a, ${filtered(right.where)} AS b WHERE ${near(on, before, after)}`;
  const unmatched = `SELECT rank AS l, -1 AS r, time + ${after} AS decided_at
  FROM ${filtered(left.where)} WHERE rank NOT IN (SELECT l FROM matched)`;
  return `matched AS (${matched})
SELECT toInt64(l) AS l, toInt64(r) AS r, decided_at FROM (SELECT * FROM matched${left_join ? ` UNION ALL ${unmatched}` : ''})`;
}

function existing({ where, exists = [] }: SingleRule): string {
  const matches = exists.map((one, i) => `m${i} AS (${matchesOf(one)})`);
  const joins = exists.map((_, i) => `LEFT JOIN m${i} ON m${i}.rank = e.rank`);
  const holds = exists.map(({ negated }, i) => `m${i}.rank IS ${negated ? '' : 'NOT '}NULL`);
  const times = exists.map(({ negated, after }, i) => (negated ? `e.time + ${after}` : `ifNull(m${i}.first, 0)`));
  return `${matches.join(',\n')}
SELECT toInt64(e.rank) AS l, -1 AS r, greatest(${['e.time', ...times].join(', ')}) AS decided_at
FROM ${filtered(where)} AS e ${joins.join(' ')} WHERE ${holds.join(' AND ')}`;
}

/** For each left event that has one, the time of its first match. */
function matchesOf({ where, on, greater, before, after }: CaseExists): string {
  const more = greater === null ? '' : ` AND b.${greater} > a.${greater}`;
  return `SELECT a.rank AS rank, min(greatest(a.time, b.time)) AS first FROM events AS a, ${filtered(where)} AS b
  WHERE ${near(on, before, after)}${more} GROUP BY a.rank`;
}
