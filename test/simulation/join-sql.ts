import type { CaseExists, Condition, JoinRule, SingleRule } from './case.ts';
import { condition, conditionsOf, elements, isOneEvent, rowsSql, type Source } from './rows-sql.ts';

/**
 * Rules without a window (joins, EXISTS, single rows) of the JSON form as one ClickHouse query (S9). Each row of the answer
 * is one detection: decided_at, the ranks of the left and the right row (of EXISTS the left one; -1 is none), and what
 * stands beside it.
 */
export function joinQuery(rule: JoinRule | SingleRule, source: Source): string {
  const plain: SingleRule = { name: '', kind: 'single', where: ['v', true] };
  const rows = rowsSql(rule.kind === 'join' ? plain : rule, source);
  const query = rule.kind === 'join' ? pairs(rule) : existing(rule);
  return `WITH ${rows}${query}
SETTINGS output_format_json_quote_64bit_integers = 0, join_use_nulls = 1 FORMAT JSONEachRow`;
}

const filtered = (where: Condition | null, from = 'events') =>
  `(SELECT * FROM ${from} WHERE ${where === null ? '1' : condition(where, 'f')})`;

/** The rows of a side, with what it computes of each. */
function sideOf({ where, unnest, computed = {} }: JoinRule['left'], element: string): string {
  const rows = filtered(where, unnest ? elements('events', element) : 'events');
  const own = Object.entries(computed).map(([as, of]) => `, ${condition(of, 'f')} AS ${as}`);
  return own.length === 0 ? rows : `(SELECT *${own.join('')} FROM ${rows})`;
}

/** Equal keys of one tenant, near enough, and not the same event. */
function near(on: readonly [string, string][], before: number, after: number): string {
  const equal = on.map(([l, r]) => `a.${l} = b.${r}`);
  const within = `b.time BETWEEN a.time - ${before} AND a.time + ${after}`;
  return ['a.tenant = b.tenant', ...equal, within, `NOT ${isOneEvent('a', 'b')}`].join(' AND ');
}

function pairs({ left, right, on, before, after, left_join, both, filter }: JoinRule): string {
  const lefts = sideOf(left, 'el');
  const rights = sideOf(right, 'er');
  const asked = both === undefined ? '' : ` AND ifNull(${condition(both, 'pair')}, 0)`;
  const passes = filter === undefined ? '1' : `ifNull(${condition(filter, 'pair')}, 0)`;
  const matched = `SELECT a.rank AS l, b.rank AS r, greatest(a.time, b.time) AS decided_at, ${passes} AS passes
  FROM ${lefts} AS a, ${rights} AS b WHERE ${near(on, before, after)}${asked}`;
  // Beside nothing: NULLs.
  const unmatched = `SELECT a.rank AS l, -1 AS r, a.time + ${after} AS decided_at, ${passes} AS passes
  FROM ${lefts} AS a LEFT JOIN (SELECT * FROM ${rights} AS none WHERE 0) AS b ON a.rank = b.rank
  WHERE a.rank NOT IN (SELECT l FROM matched)`;
  return `,
matched AS (${matched})
SELECT toInt64(l) AS l, toInt64(r) AS r, decided_at FROM (SELECT * FROM matched${left_join ? ` UNION ALL ${unmatched}` : ''})
WHERE passes`;
}

function existing(rule: SingleRule): string {
  const { exists = [], baseline } = rule;
  const passed = `passed AS (SELECT * FROM rows WHERE ${conditionsOf(rule).join(' AND ')})`;
  const matches = [passed, ...exists.map((one, i) => `m${i} AS (${matchesOf(one)})`)];
  const joins = exists.map((_, i) => `LEFT JOIN m${i} ON m${i}.rank = e.rank`);
  const holds = exists.map(({ negated }, i) => `m${i}.rank IS ${negated ? '' : 'NOT '}NULL`);
  const times = exists.map(({ negated, after }, i) => (negated ? `e.time + ${after}` : `ifNull(m${i}.first, 0)`));
  return `,
${matches.join(',\n')}
SELECT toInt64(e.rank) AS l, -1 AS r, greatest(${['e.time', 'e.time', ...times].join(', ')}) AS decided_at,
  ${baseline === undefined ? 'NULL' : 'e.b_n'} AS bn
FROM passed AS e ${joins.join(' ')} WHERE ${['1', ...holds].join(' AND ')}`;
}

/** For each left event that has one, the time of its first match. */
function matchesOf({ where, on, greater, before, after, unnest }: CaseExists): string {
  const more = greater === null ? '' : ` AND b.${greater} > a.${greater}`;
  const rights = filtered(where, unnest ? elements('events', 'er') : 'events');
  return `SELECT a.rank AS rank, min(greatest(a.time, b.time)) AS first FROM passed AS a, ${rights} AS b
  WHERE ${near(on, before, after)}${more} GROUP BY a.rank`;
}
