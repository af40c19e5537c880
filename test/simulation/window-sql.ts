import type { AggregateRule, WindowRule } from './case.ts';
import { monotone } from './naive-oracle.ts';
import { column, condition, conditionsOf, rowsSql, type Source } from './rows-sql.ts';

/**
 * A window rule of the JSON form as one ClickHouse query over its events: a second meaning of the windows (S8), by
 * people who never read ours. Each row of the answer is one detection: tenant, key, decided_at, the aggregates, total.
 * SUPPRESS and RESET are not in it. Texts come from the generator of the cases and are quoted.
 */
export function windowQuery(rule: WindowRule, source: Source): string {
  const { ctes, select } = windowParts(rule, '');
  return `WITH ${rowsSql(rule, source)},
${ctes}
${select}
SETTINGS output_format_json_quote_64bit_integers = 0, join_use_nulls = 1 FORMAT JSONEachRow`;
}

/**
 * CTEs over `rows`, and the SELECT behind them, all of their names with something before them. Of a view or a table a row for
 * each window that is true, whatever the one before it was.
 */
export function windowParts(rule: WindowRule, named: string): { readonly ctes: string; readonly select: string } {
  const keys = rule.group_by;
  const conditions = [...conditionsOf(rule), ...keys.map((key) => `${key} IS NOT NULL`)].join(' AND ') || '1';
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
  const fires = isEnd ? 'is_last' : type === 'sliding' ? `NOT (was_true AND before >= time - ${size})` : 'NOT was_true';
  const ctes = `${named}marked AS (SELECT *, ${begins} AS begins FROM ${named}rows WHERE ${conditions}),
${named}passed AS (SELECT *, ${starts} AS start FROM ${named}marked),
${named}grouped AS (
  SELECT a.rank AS rank, a.time AS time, ${partition.map((name) => `a.${name} AS ${name}`).join(', ')},
    ${rule.aggs.map((a) => `${aggregate(a)} AS ${a.as}`).join(', ')}, count() AS total
  FROM ${named}passed AS a INNER JOIN ${named}passed AS b ON ${same} WHERE ${inside} AND ${upTo} GROUP BY a.rank, a.time, ${own}),
${named}judged AS (
  SELECT *, ifNull(${condition(rule.having, 'a')}, 0) AS is_true,
    max(rank) OVER (PARTITION BY ${partition.join(', ')}) = rank AS is_last
  FROM ${named}grouped),
${named}followed AS (
  SELECT *, lagInFrame(is_true, 1, 0) OVER (${over}) AS was_true, lagInFrame(time, 1, -1) OVER (${over}) AS before
  FROM ${named}judged),
${named}fired AS (SELECT * FROM ${named}followed WHERE is_true AND ${fires})`;
  const from = advance === null || rule.view ? `${named}fired` : firstOfRuns(advance, keys);
  return { ctes, select: `SELECT ${shown.join(', ')} FROM ${from} ORDER BY rank` };
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

/** What ClickHouse estimates in its own way (approx_percentile) is left to the naive oracle. */
export const queriedAggregates: readonly AggregateRule['fn'][] = [
  ...(['count', 'count_distinct', 'sum', 'min', 'max', 'avg', 'first', 'last', 'any_value', 'array_agg'] as const),
  'array_agg_distinct',
  ...(['approx_count_distinct', 'stddev', 'entropy', 'top'] as const),
];

/** Sums of floats in another order differ in their last digits: these are compared without them, and not in HAVING. */
export const roundedAggregates: readonly AggregateRule['fn'][] = ['stddev', 'entropy'];

/** first, last and any_value skip NULL; any_value is the first; array_agg is in total order. */
function aggregate({ fn, field, filter, second }: AggregateRule): string {
  const value = field === undefined ? '1' : `b.${field === 'timestamp' ? 'time' : column(field)}`;
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
      return `arraySlice(arrayMap(p -> p.2, arraySort(groupArrayIf((b.rank, assumeNotNull(${value})), ${kept}))), 1, ${second ?? 100})`;
    case 'array_agg_distinct': {
      const all = `arrayMap(p -> p.2, arraySort(groupArrayIf((b.rank, assumeNotNull(${value})), ${kept})))`;
      return `arraySlice(arrayDistinct(${all}), 1, ${second ?? 100})`;
    }
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
