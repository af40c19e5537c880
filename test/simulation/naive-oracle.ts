/**
 * The naive oracle: semantics.md said once more, without any code of the product, in a form that can be checked by
 * reading. Sort all accepted events, then for every event of every key compute everything again from all events.
 * Covers single-event rules, all windows (those with an end in oracle-windows.ts), HAVING, FILTER, SUPPRESS, RESET, and
 * views that rules read.
 */
import type {
  AggregateRule,
  CaseException,
  Computed,
  Condition,
  ExpectedDetection,
  Scalar,
  SimulationEvent,
  SimulationRule,
  SingleRule,
  StatisticName,
  WindowRule,
} from './case.ts';
import { called } from './forms.ts';
import type { LookupVersion } from './lookup-oracle.ts';
import { anyElement } from './oracle-any.ts';
import { besideTable } from './oracle-baselines.ts';
import { canBeNegative, exactSum, isFloat, withComputed } from './oracle-computed.ts';
import { readDetails } from './oracle-details.ts';
import { evidenceOf, lastEvents, type Rested } from './oracle-evidence.ts';
import { rowsThatExist, type Stream } from './oracle-exists.ts';
import { type Expected, expectedGroups } from './oracle-expected.ts';
import { fireJoin } from './oracle-joins.ts';
import { lives, type TrueAt } from './oracle-life.ts';
import { besideLookups } from './oracle-lookups.ts';
import { isEnough } from './oracle-policies.ts';
import { statistics } from './oracle-statistics.ts';
import { fireUnion, unionRows } from './oracle-unions.ts';
import { unnested } from './oracle-unnest.ts';
import { fireEnding } from './oracle-windows.ts';

export type Fields = Record<string, Scalar>;
/** A row of a stream: an event, or a view's row (whose `id` is its own and whose `event` is what decided it). */
export interface Row {
  time: number;
  place: Scalar[];
  tenant: string;
  id: string;
  event: string;
  /** Whose the event is, where the row's tenant is that of a rule across tenants. */
  event_tenant?: string;
  /** When that was; absent: `time`. */
  event_time?: number;
  fields: Fields;
  /** Of an element, and of a row with a table beside it: the row that it is of. */
  of?: Row;
  /** Of a row that JOIN or EXISTS gave: the values of its equalities, and the events behind it. */
  key?: Scalar[];
  rests_on?: Rested[];
}
export interface Fired extends TrueAt {
  row: Row | null;
  /** Of a revision: see oracle-life.ts. */
  by?: ExpectedDetection['key'];
  order?: number;
}

const rank = (v: Scalar) => (v === null ? 0 : typeof v === 'number' ? 1 : 2);
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const compare = (a: Scalar, b: Scalar): number =>
  rank(a) - rank(b) || (typeof a === 'string' ? byBytes(a, b as string) : Number(a) - Number(b));
export const compareAll = (a: readonly Scalar[], b: readonly Scalar[]): number =>
  a.map((v, i) => (i < b.length ? compare(v, b[i]) : 1)).find((d) => d !== 0) ?? a.length - b.length;

export function evaluate(c: Condition, field: Fields, aggregates: Record<string, unknown>): Scalar {
  if (c[0] === 'v') return c[1];
  if (c[0] === 'f') return field[c[1]] ?? null;
  if (c[0] === 'a') return (aggregates[c[1]] ?? null) as Scalar;
  // Looked up beforehand, as of the event's time (lookup-oracle.ts).
  if (c[0] === 'known') return field[`known:${c[1]}`] ?? null;
  if (c[0] === 'd') return readDetails(c, field);
  if (c[0] === 'any') return anyElement(c, evaluate(c[2], field, aggregates));
  if (c[0] === 'isnull') return evaluate(c[1], field, aggregates) === null;
  if (c[0] === 'ref') throw new Error('a reference to a sequence step stands outside of a sequence');
  if (c[0] === 'in') {
    const value = evaluate(c[1], field, aggregates);
    return value === null ? null : c[2].includes(value as string | number);
  }
  if (c[0] === 'call') {
    const [, name, ...given] = c;
    return called(
      name,
      given.map((one) => evaluate(one, field, aggregates)),
    );
  }
  const parts = (c.slice(1) as Condition[]).map((part) => evaluate(part, field, aggregates));
  if (c[0] === 'case')
    return parts.find((_, i) => i === parts.length - 1 || (i % 2 === 1 && parts[i - 1] === true)) ?? null;
  if (c[0] === 'and') return parts.includes(false) ? false : parts.includes(null) ? null : true;
  if (c[0] === 'or') return parts.includes(true) ? true : parts.includes(null) ? null : false;
  if (c[0] === 'not') return parts[0] === null ? null : !parts[0];
  if (parts.includes(null)) return null;
  const d = compare(parts[0], parts[1]);
  return { '=': d === 0, '<>': d !== 0, '<': d < 0, '<=': d <= 0, '>': d > 0, '>=': d >= 0 }[c[0]];
}

function aggregate(a: AggregateRule, rows: Row[], computed?: Computed): unknown {
  const kept = rows.filter((r) => !a.filter || evaluate(a.filter, r.fields, {}) === true);
  const values = kept.map((r) => (a.field ? (r.fields[a.field] ?? null) : 1)).filter((v) => v !== null);
  const numbers = values as number[];
  const sum = isFloat(computed?.[a.field ?? '']) ? numbers.reduce((total, v) => total + v, 0) : exactSum(numbers);
  if (a.fn === 'count') return values.length;
  if (a.fn === 'count_distinct') return new Set(values).size;
  if (a.fn === 'array_agg') return values.slice(0, a.second ?? 100);
  if (a.fn === 'array_agg_distinct') return [...new Set(values)].slice(0, a.second ?? 100);
  if (a.fn in statistics) return statistics[a.fn as StatisticName](values, a.second ?? 0);
  if (values.length === 0) return null;
  if (a.fn === 'sum') return sum;
  if (a.fn === 'avg') return sum === null ? null : sum / values.length;
  if (a.fn === 'min') return [...values].sort(compare)[0];
  if (a.fn === 'max') return [...values].sort(compare).at(-1);
  return a.fn === 'last' ? values.at(-1) : values[0];
}

/** More rows can only make it truer (S8): AND / OR of lower bounds on counts and max. `sum` may be negative here. */
export function monotone(c: Condition, aggs: AggregateRule[], computed?: Computed): boolean {
  if (c[0] === 'and' || c[0] === 'or') return (c.slice(1) as Condition[]).every((one) => monotone(one, aggs, computed));
  if ((c[0] !== '>' && c[0] !== '>=') || c[1][0] !== 'a' || c[2][0] !== 'v') return false;
  const name = c[1][1];
  const aggregate = aggs.find((a) => a.as === name);
  if (aggregate?.fn === 'sum') return !canBeNegative(computed?.[aggregate.field as string]);
  return ['count', 'count_distinct', 'max'].includes(aggregate?.fn ?? '');
}

/** `reached`: time of the last event, beyond which nothing is known. */
function fireWindow(rule: WindowRule, group: Row[], depth: number, reached: number, expected?: Expected): Fired[] {
  const fired: Fired[] = [];
  const judge = (rows: Row[], by: Row, window: [number, number], anchor: string | number, atEnd: boolean): boolean => {
    const own = Object.fromEntries(rule.aggs.map((a) => [a.as, aggregate(a, rows, rule.computed)]));
    const shown = Object.entries(rule.shown ?? {}).map(([as, of]) => [as, evaluate(of, {}, own)]);
    const values = { ...own, ...Object.fromEntries(shown) };
    const least = rule.tunes?.find(({ tenant }) => tenant === by.tenant)?.least ?? rule.least;
    const count = rule.input === undefined ? values.n : values.w_n;
    if (least !== undefined && (count as number) < least) return false;
    if (evaluate(rule.having, {}, values) !== true) return false;
    const key = rule.group_by.map((k) => by.fields[k] as string | number);
    const decided_at = atEnd ? window[1] - 1 : by.time;
    const place = atEnd ? [decided_at, 2] : by.place.slice(0, by.place[1] === 2 ? 2 : 5);
    fired.push({
      ...{ rule: rule.name, tenant: by.tenant, key, anchor: [anchor], decided_at, window, values, depth, place },
      ...{
        evidence: lastEvents(rows, rule.evidence ?? 20),
        total: rows.length,
        suppressed: false,
      },
      continues: false,
      row: {
        time: decided_at,
        place: [],
        tenant: by.tenant,
        id: '',
        ...{ event: by.event, event_time: by.event_time ?? by.time },
        fields: { ...by.fields, ...(values as Fields), timestamp: decided_at },
      },
    });
    return true;
  };
  if (rule.window.type !== 'sliding') {
    const early = rule.emit === 'auto' && monotone(rule.having, rule.aggs, rule.computed);
    fireEnding(rule, group, early, reached, judge, fired, expected);
    return fired;
  }
  const { size } = rule.window;
  let from = 0;
  let trueAt = -1;
  for (const [i, e] of group.entries()) {
    const rows = group.slice(from, i + 1).filter((f) => f.time >= e.time - size);
    const before = fired.length;
    const isTrue = judge(rows, e, [e.time - size, e.time], e.id, false);
    // Rows that one deadline decided are judged in the order in which they stand, whatever their names.
    if (isTrue) (fired[before] as Fired).order = i;
    const previousStands = trueAt === i - 1 && trueAt >= from && trueAt >= 0 && group[trueAt].time >= e.time - size;
    if (isTrue && previousStands && rule.life) (fired[before] as Fired).continues = true;
    else if (isTrue && previousStands && !rule.view) fired.length = before;
    else if (isTrue && rule.suppress?.reset) from = i + 1;
    if (isTrue) trueAt = i;
  }
  return fired;
}

/** The order of S2: what decided it, then depth, rule name, tenant, key, anchor. */
export const compareFired = (a: Fired, b: Fired): number =>
  compareAll(a.place, b.place) ||
  a.depth - b.depth ||
  byBytes(a.rule, b.rule) ||
  byBytes(a.tenant, b.tenant) ||
  compareAll(a.by ?? a.key, b.by ?? b.key) ||
  (a.order ?? 0) - (b.order ?? 0) ||
  compareAll(a.anchor, b.anchor);

/** Whether an exception of the rule takes an event out of what it sees, or keeps a detection from being shown. */
type Suppressing = Pick<SingleRule, 'exceptions' | 'suppress'>;

/** MUTE, and SUPPRESS BY columns FOR a time from the first that was not suppressed, of a rule's firings in their order (S13). */
function suppressSome(rule: Suppressing, fired: readonly Fired[], columnsOf: (one: Fired) => Fields): void {
  const until = new Map<string, number>();
  for (const f of fired) {
    const columns = columnsOf(f);
    f.suppressed = excepted(rule, 'mute', f.decided_at, columns);
    if (f.suppressed || !rule.suppress) continue;
    const by = JSON.stringify([f.tenant, ...rule.suppress.by.map((name) => columns[name])]);
    if (f.decided_at < (until.get(by) ?? Number.NEGATIVE_INFINITY)) f.suppressed = true;
    else until.set(by, f.decided_at + rule.suppress.for);
  }
}

/** Whether an exception of the rule is about a row or a detection, at its time. */
export function excepted(rule: Suppressing, action: CaseException['action'], time: number, fields: Fields): boolean {
  return (rule.exceptions ?? []).some(
    (one) =>
      one.action === action &&
      (one.from ?? -Infinity) <= time &&
      time < (one.to ?? Infinity) &&
      evaluate(one.where, fields, {}) === true,
  );
}

/** What a view of windows gives where it stands in another one. */
function windowRows(rule: WindowRule, streams: ReadonlyMap<string, { rows: Row[]; depth: number }>, reached: number) {
  const { rows, depth } = streams.get(rule.input ?? 'events') as { rows: Row[]; depth: number };
  const passed = rows.filter((r) => rule.where === null || evaluate(rule.where, r.fields, {}) === true);
  const keyed = passed.filter((r) => rule.group_by.every((k) => r.fields[k] !== null));
  const groups = Map.groupBy(keyed, (r) => JSON.stringify([r.tenant, ...rule.group_by.map((k) => r.fields[k])]));
  return {
    fired: [...groups.values()].flatMap((group) => fireWindow(rule, group, depth, reached)).sort(compareFired),
    depth,
  };
}

/** All final detections of the rules over the accepted events, in total order. `viewRowId` names a view's row; `table_rows` takes those of tables. */
export function oracle(
  rules: readonly SimulationRule[],
  events: readonly (SimulationEvent & { event_id: string; seq: number })[],
  viewRowId: (row: Fired) => string,
  versions: readonly LookupVersion[] = [],
  table_rows: Fired[] = [],
  networks: readonly LookupVersion[] = [],
): ExpectedDetection[] {
  const rows = events.map(
    (e): Row => ({
      ...{ time: e.timestamp, tenant: e.tenant_id, id: e.event_id, event: e.event_id },
      place: [e.timestamp, 0, e.seq, e.event_id, e.tenant_id],
      fields: { ...e } as unknown as Fields,
    }),
  );
  rows.sort((a, b) => compareAll(a.place, b.place));
  const reached = rows.at(-1)?.time ?? 0;
  const streams = new Map<string, Stream>([['events', { rows, depth: 0 }]]);
  const all: Fired[] = [];
  for (const rule of rules) {
    if (rule.kind === 'join') {
      const fired = fireJoin(rule, streams, { versions, networks });
      // Also where it has no row.
      const read = [rule.left, rule.right].map(({ input = 'events' }) => (streams.get(input) as Stream).depth);
      const depth = Math.max(...read) + 1;
      if (rule.view) streams.set(rule.name, { rows: fired.map(({ row }) => row as Row), depth });
      else {
        suppressSome(rule, fired, (one) => one.values as Fields);
        all.push(...fired);
      }
      continue;
    }
    if (rule.kind === 'union') {
      let number = 0;
      const made = unionRows(rule, streams, (window) => {
        const rows = windowRows(window, streams, reached);
        number++;
        if (rule.table) table_rows.push(...rows.fired.map((one) => ({ ...one, rule: `${rule.name} (${number})` })));
        return rows;
      });
      if (rule.view) streams.set(rule.name, made);
      else {
        const fired = fireUnion(rule, made);
        suppressSome(rule, fired, (one) => one.values as Fields);
        all.push(...fired);
      }
      continue;
    }
    if (rule.kind !== 'single' && rule.kind !== 'window') throw new Error(`the oracle does not know ${rule.kind}`);
    const name = (rule as WindowRule).input ?? 'events';
    const stream = streams.get(name) as Stream;
    const { baseline } = rule;
    const table = baseline === undefined ? null : (streams.get(baseline.table) as Stream);
    const once = rule.unnest ? unnested(stream.rows) : stream.rows;
    const whole = besideLookups(rule.twice ? unnested(once, 'el2') : once, rule.lookups ?? [], versions, networks);
    const beside = baseline === undefined ? whole : besideTable(whole, baseline, table?.rows ?? []);
    const read = withComputed(beside, rule.computed);
    const asked = read.filter(
      (r) =>
        [rule.where, baseline?.where ?? null].every((one) => one === null || evaluate(one, r.fields, {}) === true) &&
        (rule.kind === 'window' || isEnough(rule, r, 'x')) &&
        !excepted(rule, 'ignore', r.time, r.fields),
    );
    const { exists = [] } = rule;
    // Rows with a table beside them stand behind all that they are made of.
    const reading = table === null ? stream.depth : Math.max(stream.depth, table.depth) + 0.5;
    const passed = exists.length === 0 ? asked : rowsThatExist(asked, exists, { name, depth: reading }, streams);
    // A rule stands behind all that it reads, on either side of an EXISTS too (S2).
    const depth = Math.max(
      stream.depth,
      table?.depth ?? 0,
      ...exists.map(({ input = 'events' }) => streams.get(input)?.depth ?? 0),
    );
    let fired: Fired[];
    if (rule.kind === 'single') {
      fired = passed.map((r, order) => ({
        rule: rule.name,
        tenant: r.tenant,
        key: (r.key ?? []) as string[],
        anchor: [r.id],
        decided_at: r.time,
        window: null,
        values: {
          ...(baseline === undefined ? {} : { bn: r.fields['b.n'] ?? null }),
          ...Object.fromEntries(Object.keys(rule.computed ?? {}).map((as) => [as, r.fields[as] ?? null])),
        },
        ...evidenceOf(r),
        suppressed: false,
        place: r.place,
        depth,
        ...(rule.unnest ? { order } : {}),
        continues: false,
        row: null,
      }));
      suppressSome(rule, fired, (one) => {
        const type = passed[fired.indexOf(one)]?.fields.type ?? null;
        return { ...(one.values as Fields), type };
      });
    } else {
      const seen = rule.across ? passed.map((r) => ({ ...r, tenant: '*', event_tenant: r.tenant })) : passed;
      const keyed = seen.filter((r) => rule.group_by.every((k) => r.fields[k] !== null));
      const groups = Map.groupBy(keyed, (r) => JSON.stringify([r.tenant, ...rule.group_by.map((k) => r.fields[k])]));
      const expected = new Map(
        expectedGroups(rule, rows, versions).map((one) => [JSON.stringify([one.tenant, one.key]), one]),
      );
      for (const key of expected.keys()) if (!groups.has(key)) groups.set(key, []);
      fired = [...groups]
        .flatMap(([key, group]) => fireWindow(rule, group, depth, reached, expected.get(key)))
        .sort(compareFired);
      if (rule.view) {
        const made = fired.map((f): Row => ({ ...(f.row as Row), id: viewRowId(f), place: [...f.place] }));
        if (rule.table) table_rows.push(...fired);
        streams.set(rule.name, { rows: made, depth: stream.depth + 1 });
        continue;
      }
      if (rule.life) {
        for (const f of fired) {
          const columns = Object.fromEntries(rule.group_by.map((k, i) => [k, f.key[i] ?? null]));
          f.muted = excepted(rule, 'mute', f.decided_at, columns);
        }
        all.push(...lives(rule, fired).map((revision) => ({ ...revision, row: null })));
        continue;
      }
      suppressSome(rule, fired, (one) => {
        return Object.fromEntries(rule.group_by.map((k, i) => [k, one.key[i] ?? null]));
      });
    }
    all.push(...fired);
  }
  return all.sort(compareFired).map(expectedOf);
}

function expectedOf({
  place: _place,
  depth: _depth,
  row: _row,
  continues: _c,
  by: _by,
  order: _order,
  muted: _muted,
  ...rest
}: Fired) {
  return rest as ExpectedDetection;
}
