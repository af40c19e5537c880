import type { AggregateRule, Condition, SimulationEvent, WindowRule } from './case.ts';
import { monotone } from './naive-oracle.ts';

/**
 * A window rule of the JSON form as one ClickHouse query over its events: a second meaning of the windows (S8), by
 * people who never read ours. Each row of the answer is one detection: tenant, key, decided_at, the aggregates, total.
 * SUPPRESS and RESET are not in it. Texts come from the generator of the cases and are quoted.
 */
export function windowQuery(rule: WindowRule, accepted: readonly SimulationEvent[]): string {
  const keys = rule.group_by;
  const where = [rule.where === null ? null : condition(rule.where, 'f'), ...keys.map((key) => `${key} IS NOT NULL`)];
  const conditions = where.filter((part) => part !== null).join(' AND ') || '1';
  const { type } = rule.window;
  const { size, begins, starts, end, advance } = windowSql(rule.window, keys);
  const hasEnd = type !== 'sliding';
  const isEnd = hasEnd && !(rule.emit === 'auto' && monotone(rule.having, rule.aggs));
  const partition = ['tenant', ...keys, ...(hasEnd ? ['start'] : [])];
  const own = partition.map((name) => `a.${name}`).join(', ');
  const same = partition.map((name) => `a.${name} = b.${name}`).join(' AND ');
  const inside = type === 'sliding' ? `b.time >= a.time - ${size}` : '1';
  const upTo = isEnd ? '1' : 'b.rank <= a.rank';
  const over = `PARTITION BY ${partition.join(', ')} ORDER BY rank ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`;
  const shown = [
    ...['tenant', ...keys],
    isEnd ? `${end} - 1 AS decided_at` : 'time AS decided_at',
    ...[...rule.aggs.map((a) => a.as), 'total'],
  ];
  const fires = isEnd ? 'is_last' : type === 'sliding' ? 'NOT (was_true AND before >= time - size)' : 'NOT was_true';
  return `
WITH ${size} AS size,
events AS (SELECT * FROM values('${columns}', ${accepted.map(literals).join(', ')})),
marked AS (SELECT *, ${begins} AS begins FROM events WHERE ${conditions}),
passed AS (SELECT *, ${starts} AS start FROM marked),
grouped AS (
  SELECT a.rank AS rank, a.time AS time, ${partition.map((name) => `a.${name} AS ${name}`).join(', ')},
    ${rule.aggs.map((a) => `${aggregate(a)} AS ${a.as}`).join(', ')}, count() AS total
  FROM passed AS a INNER JOIN passed AS b ON ${same} WHERE ${inside} AND ${upTo} GROUP BY a.rank, a.time, ${own}),
judged AS (
  SELECT *, ifNull(${condition(rule.having, 'a')}, 0) AS is_true,
    max(rank) OVER (PARTITION BY ${partition.join(', ')}) = rank AS is_last
  FROM grouped),
followed AS (
  SELECT *, lagInFrame(is_true, 1, 0) OVER (${over}) AS was_true, lagInFrame(time, 1, -1) OVER (${over}) AS before
  FROM judged),
fired AS (SELECT * FROM followed WHERE is_true AND ${fires})
SELECT ${shown.join(', ')} FROM ${advance === null ? 'fired' : firstOfRuns(advance, keys)} ORDER BY rank
SETTINGS output_format_json_quote_64bit_integers = 0, join_use_nulls = 0 FORMAT JSONEachRow`;
}

/** HOPPING: a window that is true behind one that is gives no detection. */
function firstOfRuns(advance: number, keys: readonly string[]): string {
  const over = `PARTITION BY ${['tenant', ...keys].join(', ')} ORDER BY start ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`;
  return `(SELECT *, lagInFrame(start, 1, -1) OVER (${over}) AS before_it FROM fired) WHERE before_it <> start - ${advance}`;
}

/** WITH EMPTY would need rows that are not there, and with MAX sessions follow from one another: no query says that. */
export function queriedWindow(window: WindowRule['window']): WindowRule['window'] {
  if (window.type === 'session') return { type: 'session', gap: window.gap };
  return window.type === 'sliding' ? window : { ...window, empty: 0, expected: false };
}

/** Which windows a row is in, by their start (a session: by its number), and where the window of a row ends. */
function windowSql(window: WindowRule['window'], keys: readonly string[]) {
  if (window.type === 'sliding') return { size: window.size, begins: '0', starts: '0', end: 'time', advance: null };
  if (window.type === 'session') {
    const over = `PARTITION BY ${['tenant', ...keys].join(', ')} ORDER BY rank`;
    const before = `lagInFrame(time, 1, 0) OVER (${over} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`;
    const number = `toInt64(sum(begins) OVER (${over} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))`;
    const begins = `time - ${before} >= ${window.gap}`;
    return { size: window.gap, begins, starts: number, end: `time + ${window.gap}`, advance: null };
  }
  const { size, offset = 0 } = window;
  const advance = window.type === 'hopping' ? window.advance : size;
  const last = `intDiv(time - ${offset}, ${advance}) * ${advance} + ${offset}`;
  const all = `arrayMap(step -> ${last} - step * ${advance}, range(${Math.ceil(size / advance)}))`;
  const starts = `arrayJoin(arrayFilter(one -> one > time - ${size}, ${all}))`;
  return { size, begins: '0', starts, end: `start + ${size}`, advance: window.type === 'hopping' ? advance : null };
}

export const columns = [
  'rank UInt32, time Int64, tenant String, type String, k1 Nullable(String), k2 Nullable(String)',
  'x Nullable(Int32), ip Nullable(String), res Nullable(String)',
].join(', ');

export function literals(event: SimulationEvent, rank: number): string {
  const { timestamp, tenant_id, type, k1, k2, x, ip, res } = event;
  return `(${[rank, timestamp, tenant_id, type, k1, k2, x, ip, res].map(literal).join(', ')})`;
}

function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(Number(value));
}

/** `kind`: what names stand for, fields of the event or aggregates. `prefix` names the table that fields are read from. */
export function condition(c: Condition, kind: 'f' | 'a', prefix = ''): string {
  const part = (one: Condition): string => condition(one, kind, prefix);
  if (c[0] === 'v') return literal(c[1]);
  if (c[0] === 'f' || c[0] === 'a') return `${prefix}${c[1]}`;
  if (c[0] === 'not') return `NOT (${part(c[1])})`;
  if (c[0] === 'isnull') return `(${part(c[1])} IS NULL)`;
  if (c[0] === 'in') return `(${c[2].map((value) => `${part(c[1])} = ${literal(value)}`).join(' OR ')})`;
  if (c[0] === 'ref' || c[0] === 'any' || c[0] === 'known') throw new Error(`no query for ${c[0]}`);
  if (c[0] === 'and' || c[0] === 'or') {
    return `(${(c.slice(1) as Condition[]).map(part).join(c[0] === 'and' ? ' AND ' : ' OR ')})`;
  }
  return `(${part(c[1] as Condition)} ${c[0]} ${part(c[2] as Condition)})`;
}

/** What ClickHouse estimates in its own way (approx_percentile) is left to the naive oracle. */
export const queriedAggregates: readonly AggregateRule['fn'][] = [
  ...(['count', 'count_distinct', 'sum', 'min', 'max', 'avg', 'first', 'last', 'any_value', 'array_agg'] as const),
  ...(['approx_count_distinct', 'stddev', 'entropy', 'top'] as const),
];

/** Sums of floats in another order differ in their last digits: these are compared without them, and not in HAVING. */
export const roundedAggregates: readonly AggregateRule['fn'][] = ['stddev', 'entropy'];

/** first, last and any_value skip NULL; any_value is the first; array_agg is in total order. */
function aggregate({ fn, field, filter, second }: AggregateRule): string {
  const value = field === undefined ? '1' : `b.${field}`;
  const kept = `(${value} IS NOT NULL AND ifNull(${filter === undefined ? '1' : condition(filter, 'f', 'b.')}, 0))`;
  const some = (expression: string) => `if(countIf(${kept}) = 0, NULL, ${expression})`;
  switch (fn) {
    case 'count':
      return `countIf(${kept})`;
    case 'count_distinct':
    case 'approx_count_distinct': // Exact up to 512, more than a case has.
      return `uniqExactIf(${value}, ${kept})`;
    case 'sum':
    case 'min':
    case 'max':
    case 'avg':
      return some(`${fn}If(assumeNotNull(${value}), ${kept})`);
    case 'first':
    case 'any_value':
      return some(`argMinIf(assumeNotNull(${value}), b.rank, ${kept})`);
    case 'last':
      return some(`argMaxIf(assumeNotNull(${value}), b.rank, ${kept})`);
    case 'array_agg':
      return `arraySlice(arrayMap(p -> p.2, arraySort(groupArrayIf((b.rank, assumeNotNull(${value})), ${kept}))), 1, 100)`;
    case 'stddev':
      return `if(countIf(${kept}) < 2, NULL, stddevSampStableIf(assumeNotNull(${value}), ${kept}))`;
    case 'entropy':
      return some(`entropyIf(assumeNotNull(${value}), ${kept})`);
    case 'top': {
      const all = `groupArrayIf(assumeNotNull(${value}), ${kept})`;
      const counted = `arrayMap(one -> (one, countEqual(${all}, one)), arrayDistinct(${all}))`;
      return `arraySlice(arraySort(pair -> (-toInt64(pair.2), pair.1), ${counted}), 1, ${second})`;
    }
    default:
      throw new Error(`no query for ${fn}`);
  }
}
