import type { CaseBaseline, Condition, SimulationEvent, SingleRule, WindowRule } from './case.ts';
import { detailsSql } from './details-sql.ts';
import { distinctRows, type LookupVersion } from './lookup-oracle.ts';
import { windowParts } from './window-sql.ts';

/** What a query in ClickHouse SQL reads: events in total order, versions of the lookup by time, the tables of the case. */
export interface Source {
  readonly accepted: readonly SimulationEvent[];
  readonly versions: readonly LookupVersion[];
  readonly tables: readonly WindowRule[];
}

/** Columns of a table that stand beside rows. */
const besideColumns = ['n', 's', 'fi'] as const;
const eventColumns = [
  'rank',
  'time',
  'tenant',
  'type',
  'k1',
  'k2',
  'x',
  'ip',
  'res',
  'tags',
  'has_tags',
  'details',
  'top',
] as const;
const rowColumns = [...eventColumns, 'known_ip', 'known_k1'] as const;
const types = [
  'rank UInt32, time Int64, tenant String, type String, k1 Nullable(String), k2 Nullable(String)',
  'x Nullable(Int32), ip Nullable(String), res Nullable(String), tags Array(Nullable(String)), has_tags UInt8',
  'details String, top String',
].join(', ');

/** The rank of a row says of which event it is, and of which element of its array, and of which of the same once more. */
const event_ranks = 10_000;
const element_ranks = 100;

/** A row's event by its place among them, and its name as it stands in an anchor. */
export function nameOf(rank: number, accepted: readonly SimulationEvent[]): readonly [number, string] | null {
  if (rank < 0) return null;
  const event = accepted[Math.floor(rank / event_ranks)] as SimulationEvent;
  const places = [Math.floor((rank % event_ranks) / element_ranks), rank % element_ranks].filter((place) => place > 0);
  return [event.timestamp, `${event.event_id}${places.map((place) => `[${place - 1}]`).join('')}`];
}

/** Whether two rows are of one event. */
export const isOneEvent = (a: string, b: string) =>
  `intDiv(${a}.rank, ${event_ranks}) = intDiv(${b}.rank, ${event_ranks})`;

/** CTEs: `events`, with what the lookup says of them, and `rows`, what the rule reads: elements, and a table beside them. */
export function rowsSql(rule: SingleRule | WindowRule, source: Source): string {
  const { baseline } = rule;
  const table = baseline === undefined ? '' : `${tableSql(baseline, source)},\n`;
  return `${eventsSql(source)},\n${table}rows AS (${rowsOf(rule)})`;
}

function rowsOf({ unnest, twice, baseline, computed = {} }: SingleRule | WindowRule): string {
  const once = unnest ? elements('events', 'el') : 'events';
  const whole = twice ? elements(once, 'el2', 1, ['el']) : once;
  const names = [...rowColumns, ...(unnest ? ['el'] : []), ...(twice ? ['el2'] : [])];
  const read = baseline === undefined ? `SELECT * FROM ${whole}` : beside(whole, names, baseline);
  const own = Object.entries(computed).map(([as, of]) => `, ${condition(of, 'f')} AS ${as}`);
  return own.length === 0 ? read : `SELECT *${own.join('')} FROM (${read})`;
}

/** The conditions on the rows of a rule that is not over a view. */
export function conditionsOf({ where, baseline }: SingleRule | WindowRule): string[] {
  return [where, baseline?.where ?? null].filter((one) => one !== null).map((one) => condition(one, 'f'));
}

function eventsSql({ accepted, versions }: Source): string {
  // format() reads rows in a fifth of the time that values() takes, which evaluates each of them as an expression.
  const rows = literal(accepted.map(rowText).join('\n'));
  const raw = `raw AS (SELECT *, 1 AS one FROM format(JSONCompactEachRow, '${types}', ${rows}))`;
  const shown = eventColumns.join(', ');
  if (versions.length === 0) {
    const unknown = 'CAST(NULL AS Nullable(UInt8))';
    return `${raw},\nevents AS (SELECT ${shown}, ${unknown} AS known_ip, ${unknown} AS known_k1 FROM raw)`;
  }
  // Of two versions from one time on the later one stands; the first one is number 1.
  const last = new Map(versions.map(({ at }, i) => [at ?? 0, i + 1]));
  const dated = [...last].map(([at, number]) => `(1, ${at}, ${number})`).join(', ');
  const entries = versions.flatMap(({ rows }, i) =>
    distinctRows(rows).map(({ k, from, to }) => `(${i + 1}, ${literal(k)}, ${from ?? 0}, ${to ?? 9e15})`),
  );
  const holds = (key: string) => {
    const valid = `row.1 = version AND row.2 = assumeNotNull(${key}) AND row.3 <= time AND time < row.4`;
    const found = entries.length === 0 ? '0' : `arrayExists(row -> ${valid}, [${entries.join(', ')}])`;
    return `if(version = 0 OR ${key} IS NULL, NULL, ${found}) AS known_${key}`;
  };
  return `${raw},
versions AS (SELECT * FROM values('one UInt8, at Int64, version UInt32', ${dated})),
acting AS (SELECT ${shown}, ifNull(versions.version, 0) AS version
  FROM raw ASOF LEFT JOIN versions ON raw.one = versions.one AND raw.time >= versions.at),
events AS (SELECT ${shown}, ${holds('ip')}, ${holds('k1')} FROM acting)`;
}

/** A row of `from` for each element of `tags`, in order; `more`: what `from` has beside the columns of events. */
export function elements(from: string, name: string, ranks = element_ranks, more: readonly string[] = []): string {
  const others = [...rowColumns.filter((one) => one !== 'rank'), ...more, name].join(', ');
  return `(SELECT ${others}, of_element AS rank FROM (SELECT ${others}, toUInt32(rank + place * ${ranks}) AS of_element
  FROM ${from} ARRAY JOIN tags AS ${name}, arrayEnumerate(tags) AS place))`;
}

/** CTEs of other names than those of the rule that reads it: ClickHouse resolves no name inside of itself. */
function tableSql({ table }: CaseBaseline, source: Source): string {
  const rule = source.tables.find(({ name }) => name === table) as WindowRule;
  const shown = besideColumns.map((name) => `${name} AS b_${name}`).join(', ');
  const { ctes, select } = windowParts(rule, 'table_');
  return `table_rows AS (${rowsOf(rule)}),
${ctes},
base AS (SELECT tenant, k1, decided_at + 1 AS ended, ${shown} FROM (${select}))`;
}

/** The last window of the key that ended at or before the row's time. */
function beside(rows: string, names: readonly string[], { left_join }: CaseBaseline): string {
  const shown = [
    ...names.map((name) => `e.${name} AS ${name}`),
    ...besideColumns.map((name) => `t.b_${name} AS b_${name}`),
  ];
  return `SELECT ${shown.join(', ')} FROM ${rows} AS e ASOF ${left_join ? 'LEFT' : 'INNER'} JOIN base AS t
  ON e.tenant = t.tenant AND e.k1 = t.k1 AND e.time >= t.ended`;
}

function rowText(event: SimulationEvent, i: number): string {
  const { timestamp, tenant_id, type, k1, k2, x, ip, res, tags, details, extra, deep } = event;
  const open = [JSON.stringify(details ?? {}), JSON.stringify({ extra, deep })];
  const elements = (tags ?? []).map((tag) => (tag === null ? null : String(tag)));
  const has_tags = tags === null || tags === undefined ? 0 : 1;
  return JSON.stringify([i * event_ranks, timestamp, tenant_id, type, k1, k2, x, ip, res, elements, has_tags, ...open]);
}

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : String(Number(value));
}

/** The column of a field; those of a table beside the row are called `b.n` in the rules. */
export const column = (field: string) => field.replace('.', '_');

/**
 * `kind`: what names stand for, fields of the event, aggregates, or fields of a pair, `l.x` of `a` and `r.x` of `b`. `prefix`
 * names the table that fields are read from.
 */
export function condition(c: Condition, kind: 'f' | 'a' | 'pair', prefix = ''): string {
  const part = (one: Condition): string => condition(one, kind, prefix);
  if (c[0] === 'f' && kind === 'pair') return c[1].replace('l.', 'a.').replace('r.', 'b.');
  if (c[0] === 'd' && kind === 'pair') return detailsSql(c, c[4] === 'l' ? 'a.' : 'b.');
  if (c[0] === 'call') return callSql(c[1], (c.slice(2) as Condition[]).map(part));
  if (c[0] === 'v') return literal(c[1]);
  if (c[0] === 'f' || c[0] === 'a') return `${prefix}${column(c[1])}`;
  if (c[0] === 'not') return `NOT (${part(c[1])})`;
  if (c[0] === 'isnull') return `(${part(c[1])} IS NULL)`;
  if (c[0] === 'in') return `(${c[2].map((value) => `${part(c[1])} = ${literal(value)}`).join(' OR ')})`;
  if (c[0] === 'known') return `${prefix}known_${c[1]}`;
  if (c[0] === 'd') return detailsSql(c, prefix);
  if (c[0] === 'any') return anyOf(c, prefix);
  if (c[0] === 'ref') throw new Error(`no query for ${c[0]}`);
  if (c[0] === 'and' || c[0] === 'or') {
    return `(${(c.slice(1) as Condition[]).map(part).join(c[0] === 'and' ? ' AND ' : ' OR ')})`;
  }
  return `(${part(c[1] as Condition)} ${c[0]} ${part(c[2] as Condition)})`;
}

/** The few functions that mean the same there, of texts without accents and of small numbers. */
function callSql(name: string, parts: readonly string[]): string {
  const [a, b] = parts;
  if (name === 'add') return `(${a} + ${b})`;
  if (name === 'subtract') return `(${a} - ${b})`;
  if (name === 'join') return `concat(${a}, ${b})`;
  if (['lower', 'upper', 'abs', 'length'].includes(name)) return `${name}(${a})`;
  if (name.startsWith('coalesce_')) return `coalesce(${a}, ${b})`;
  throw new Error(`no query for ${name}`);
}

/** Of an array of texts; beside a number each is read as one, and is NULL where it is none. */
function anyOf([, operator, [kind, name], value]: Extract<Condition, readonly ['any', ...unknown[]]>, prefix: string) {
  const array = `${prefix}${name}`;
  const element = typeof value === 'number' ? 'toFloat64OrNull(one)' : 'one';
  const holds = `(${element} ${operator.toUpperCase()} ${value === null ? 'CAST(NULL AS Nullable(String))' : literal(value)})`;
  const some = `arrayExists(one -> ifNull(${holds}, 0), ${array})`;
  const unknown = `arrayExists(one -> ${holds} IS NULL, ${array})`;
  const isThere = kind === 'f' ? `${prefix}has_tags` : '1';
  return `multiIf(${isThere} = 0, NULL, ${some}, 1, ${unknown}, NULL, 0)`;
}
