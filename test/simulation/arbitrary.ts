import fc from 'fast-check';
import type {
  AggregateRule,
  CaseExists,
  Condition,
  JoinOfPairs,
  JoinRule,
  SimulationEvent,
  SimulationRule,
  WindowRule,
} from './case.ts';
import type { LookupVersion } from './lookup-oracle.ts';

/** What a parity case is: events in their true order with gaps, rules, and everything that must not show. */
export interface ParityCase {
  lateness: number;
  events: ParityEvent[];
  rules: SimulationRule[];
  /** When it begins, epoch milliseconds; absent: on 9 September 2001. */
  start?: number | undefined;
  /** Versions of the lookup `known`; their times are numbers of events, modulo their count. */
  lookup?: LookupVersion[] | undefined;
  /** Of the lookup `nets`. */
  nets?: LookupVersion[] | undefined;
  /** Seed of the arrival shuffles, partitions and restart places. */
  seed: number;
}

export interface ParityEvent extends Omit<SimulationEvent, 'timestamp' | 'event_id'> {
  /** Milliseconds after the event before it. */
  gap: number;
  /** The id is e<index>, or the id of the event this many places before (a duplicate); null: no id. */
  id: number | null;
}

const event: fc.Arbitrary<ParityEvent> = fc.record(
  {
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 400 })),
    id: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) }),
    seq: fc.integer({ min: 0, max: 2 }),
    tenant_id: fc.oneof({ weight: 5, arbitrary: fc.constant('T') }, { weight: 1, arbitrary: fc.constant('U') }),
    type: fc.constantFrom('A', 'B', 'C'),
    k1: fc.constantFrom('a', 'b', 'a', 'b', 'c', null),
    k2: fc.constantFrom('m', 'n', 'm', null),
    x: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constant(null)),
    ip: fc.constantFrom('i1', 'i2', 'i3', null),
    res: fc.constantFrom('ok', 'no', 'no', null),
  },
  { requiredKeys: ['gap', 'id', 'tenant_id', 'type', 'k1', 'k2', 'x', 'ip', 'res'] },
);

export const equals = (field: string, values: string[]): fc.Arbitrary<Condition> =>
  fc.constantFrom(...values).map((value): Condition => ['=', ['f', field], ['v', value]]);

export const atom: fc.Arbitrary<Condition> = fc.oneof(
  equals('type', ['A', 'B', 'C']),
  equals('res', ['ok', 'no']),
  fc
    .constantFrom('=', '<>', '<', '<=', '>', '>=')
    .chain((operator) =>
      fc.integer({ min: -2, max: 5 }).map((value): Condition => [operator as '=', ['f', 'x'], ['v', value]]),
    ),
  fc.constant<Condition>(['in', ['f', 'ip'], ['i1', 'i2']]),
  fc.constant<Condition>(['isnull', ['f', 'k2']]),
  fc.constant<Condition>(['=', ['f', 'k1'], ['f', 'k2']]),
);

const where: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: atom },
  { weight: 2, arbitrary: fc.tuple(atom, atom).map(([a, b]): Condition => ['and', a, b]) },
  { weight: 2, arbitrary: fc.tuple(atom, atom).map(([a, b]): Condition => ['or', a, b]) },
  { weight: 1, arbitrary: atom.map((a): Condition => ['not', a]) },
);

const aggregates = (filter: Condition): AggregateRule[] => [
  { as: 'n', fn: 'count' },
  { as: 'd', fn: 'count_distinct', field: 'ip' },
  { as: 'mx', fn: 'max', field: 'x' },
  { as: 'mt', fn: 'max', field: 'ip' },
  { as: 's', fn: 'sum', field: 'x' },
  { as: 'mn', fn: 'min', field: 'x' },
  { as: 'av', fn: 'avg', field: 'x' },
  { as: 'fi', fn: 'first', field: 'ip' },
  { as: 'la', fn: 'last', field: 'x' },
  { as: 'any', fn: 'any_value', field: 'res' },
  { as: 'list', fn: 'array_agg', field: 'ip' },
  { as: 'fn', fn: 'count', filter },
  { as: 'sd', fn: 'stddev', field: 'x' },
  { as: 'fsd', fn: 'stddev', field: 'x', filter },
  { as: 'ac', fn: 'approx_count_distinct', field: 'x' },
  { as: 'med', fn: 'approx_percentile', field: 'x', second: 0.5 },
  { as: 'p9', fn: 'approx_percentile', field: 'x', second: 0.9, filter },
  { as: 'top', fn: 'top', field: 'res', second: 2 },
  { as: 'topx', fn: 'top', field: 'x', second: 3 },
  { as: 'bits', fn: 'entropy', field: 'ip' },
  { as: 'fs', fn: 'sum', field: 'x', filter },
  { as: 'cx', fn: 'count', field: 'x' },
  { as: 'few', fn: 'array_agg', field: 'x', second: 2 },
  { as: 'uniq', fn: 'array_agg_distinct', field: 'ip' },
  { as: 'fewu', fn: 'array_agg_distinct', field: 'x', second: 2, filter },
  { as: 'nt', fn: 'min', field: 'ip' },
  { as: 'from', fn: 'min', field: 'timestamp' },
  { as: 'upto', fn: 'max', field: 'timestamp' },
];

export const bound: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.constantFrom('n', 'n', 'd', 'mx', 's', 'fn', 'mn', 'av', 'la', 'n', 'd', 'sd', 'ac', 'med', 'p9', 'bits'),
    fc.constantFrom('>=', '>=', '>', '<', '='),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([name, operator, value]): Condition => [operator as '>=', ['a', name], ['v', value]]);

/** The greatest text is a lower bound as the greatest number is (S8). */
const boundOfTexts: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom('>=', '>=', '>', '<', '='), fc.constantFrom('i1', 'i2', 'i3'))
  .map(([operator, value]): Condition => [operator as '>=', ['a', 'mt'], ['v', value]]);

const oneBound = fc.oneof({ weight: 8, arbitrary: bound }, { weight: 1, arbitrary: boundOfTexts });

const having: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: oneBound },
  { weight: 2, arbitrary: fc.tuple(oneBound, oneBound).map(([a, b]): Condition => ['and', a, b]) },
  { weight: 2, arbitrary: fc.tuple(oneBound, oneBound).map(([a, b]): Condition => ['or', a, b]) },
);

function windowOf(parts: {
  type: 'sliding' | 'tumbling' | 'hopping' | 'session';
  size: number;
  steps: number;
  offset: number;
  empty: number;
}): WindowRule['window'] {
  const { type, size, steps, offset, empty } = parts;
  if (type === 'sliding') return { type, size };
  if (type === 'session') return steps === 0 ? { type, gap: size } : { type, gap: size, max: Math.floor(size * steps) };
  const alignment = { offset, empty: size * empty };
  if (type === 'tumbling') return { type, size, ...alignment };
  return { type, size, advance: size / (steps || 1), ...alignment };
}

type Life = NonNullable<WindowRule['life']>;

const life: fc.Arbitrary<Life> = fc.record({
  escalate: fc
    .tuple(fc.constantFrom('n', 'd', 's'), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 }))
    .map(([on, over, count]) =>
      (['high', 'critical'] as const).slice(0, count).map((to, i) => ({ on, over: over + i, to })),
    ),
  update: fc.boolean(),
  close: fc.constantFrom(null, 20, 100, 400),
});

export function windowRule(name: string, input: string | null, view: boolean): fc.Arbitrary<WindowRule> {
  return fc
    .record({
      where: fc.option(input === null ? where : equals('k1', ['a', 'b'])),
      group_by: input === null ? fc.constantFrom<string[]>(['k1'], ['k1', 'k2'], []) : fc.constant<string[]>(['k1']),
      type: fc.constantFrom('sliding' as const, 'tumbling' as const, 'hopping' as const, 'session' as const),
      /** HOPPING: how many advances a window is long. SESSION: MAX in gaps; 0: none. */
      steps: fc.constantFrom(1, 1.25, 2, 2.5, 0),
      offset: fc.constantFrom(0, 0, 10),
      /** WITH EMPTY FOR, in windows; 0: none. */
      empty: fc.constantFrom(0, 0, 1, 2.5),
      size: fc.constantFrom(50, 100, 300, 600),
      filter: input === null ? atom : fc.constant<Condition>(['>', ['f', 'n'], ['v', 2]]),
      having,
      atEnd: fc.boolean(),
      life: fc.option(life),
      risk: fc.option(
        fc.record({ score: fc.constantFrom<string | number>(10, 0.5, 'n', 's'), half: fc.constantFrom(20, 100, 300) }),
      ),
      suppress: fc.option(fc.record({ for: fc.constantFrom(200, 600), reset: fc.boolean(), whole: fc.boolean() })),
    })
    .map((parts): WindowRule => {
      const over = input === null ? aggregates(parts.filter) : viewAggregates(parts.filter);
      const group_by = view ? ['k1'] : parts.group_by;
      const { suppress } = parts;
      const policy = {
        by: suppress?.whole ? group_by : group_by.slice(0, 1),
        for: suppress?.for ?? 0,
        reset: suppress?.reset === true && parts.type === 'sliding',
      };
      return {
        name,
        kind: 'window',
        view,
        input: input ?? undefined,
        where: parts.where,
        group_by,
        window: windowOf(parts),
        aggs: over,
        having: input === null ? parts.having : overView(parts.having),
        emit: parts.atEnd && parts.type !== 'sliding' ? 'end' : 'auto',
        suppress: suppress && !view ? policy : undefined,
        life: view || parts.life === null ? undefined : livesIn(parts.life, over, policy.reset, parts),
        risk: view || input !== null || group_by.length === 0 ? undefined : (parts.risk ?? undefined),
      };
    });
}

/** What Weir does not refuse: HOPPING at its ends only, no UPDATE AT END where one decision is all; and a view's columns have other names. */
function livesIn(
  given: Life,
  aggs: AggregateRule[],
  resets: boolean,
  { type, empty, ...parts }: { type: string; empty: number; atEnd: boolean },
): Life | undefined {
  const atEnd = parts.atEnd && type !== 'sliding';
  if (type === 'hopping' && !atEnd) return undefined;
  const isDecidedOnce = atEnd || (type === 'tumbling' && empty > 0);
  const escalate = given.escalate.map((one) => ({
    ...one,
    on: aggs.some(({ as }) => as === one.on) ? one.on : `w_${one.on}`,
  }));
  const update = given.update && !resets && (type === 'hopping' || !isDecidedOnce);
  return escalate.length === 0 && !update && given.close === null ? undefined : { ...given, escalate, update };
}

/** The same aggregates over a view's columns: each reads what the view made, under an alias of its own. */
function viewAggregates(filter: Condition): AggregateRule[] {
  const made: Record<string, string> = { ip: 'fi', res: 'any', x: 's' };
  return aggregates(filter).map((a) => ({
    ...a,
    as: `w_${a.as}`,
    ...(a.field === undefined ? {} : { field: made[a.field] ?? a.field }),
  }));
}

function overView(condition: Condition): Condition {
  if (condition[0] === 'a') return ['a', `w_${condition[1]}`];
  if (condition[0] === 'v') return condition;
  return condition.map((part, i) => (i === 0 ? part : overView(part as Condition))) as unknown as Condition;
}

const third: fc.Arbitrary<JoinOfPairs> = fc.record({
  of: fc.constantFrom('l', 'r'),
  on: fc.constantFrom<[string, string][]>([['k1', 'k1']], [['ip', 'ip']], [['k2', 'k1']]),
  where: fc.option(where),
  before: fc.constantFrom(0, 0, 50),
  after: fc.constantFrom(0, 50, 100),
  left_join: fc.boolean(),
});

const joinRule: fc.Arbitrary<JoinRule> = fc
  .record({
    left: where,
    right: where,
    on: fc.constantFrom<[string, string][]>(
      [['k1', 'k1']],
      [['ip', 'ip']],
      [
        ['k1', 'k1'],
        ['k2', 'k2'],
      ],
    ),
    before: fc.constantFrom(0, 0, 50, 200),
    after: fc.constantFrom(0, 50, 100, 400),
    left_join: fc.boolean(),
    third: fc.option(third, { nil: undefined, freq: 2 }),
  })
  .map(({ left, right, ...rest }) => ({
    ...{ name: 'join', kind: 'join', left: { as: 'l', where: left }, right: { as: 'r', where: right } },
    ...rest,
  }));

export const exists: fc.Arbitrary<CaseExists> = fc.record({
  negated: fc.boolean(),
  input: fc.constantFrom(undefined, undefined, 'v0'),
  where: fc.option(where),
  on: fc.constantFrom<[string, string][]>(
    [['k1', 'k1']],
    [['k1', 'k1']],
    [
      ['k1', 'k1'],
      ['k2', 'k2'],
    ],
    [['k1', 'k2']],
  ),
  greater: fc.constantFrom(null, null, 'x'),
  before: fc.constantFrom(0, 50, 200),
  after: fc.constantFrom(0, 0, 100, 400),
});

const sidesOfPairs = ['l', 'r'] as const;

/** EXISTS on some rules over events and pairs of events; a view on the right side has fewer columns to ask. */
function withExists(
  rules: readonly SimulationRule[],
  asked: readonly CaseExists[][],
  hasView: boolean,
): SimulationRule[] {
  return rules.map((rule, i) => {
    const own = asked[i] ?? [];
    if (rule.kind === 'join' && own.length > 0) {
      return { ...rule, exists: own.map((one, k) => ({ ...one, input: undefined, of: sidesOfPairs[(i + k) % 2] })) };
    }
    if (own.length === 0 || (rule.kind !== 'single' && rule.kind !== 'window') || ('view' in rule && rule.view))
      return rule;
    if (rule.kind === 'window' && rule.input !== undefined) return rule;
    const given = own.map((one): CaseExists => {
      if (one.input === undefined || !hasView) return { ...one, input: undefined };
      return { ...one, where: null, on: [['k1', 'k1']], greater: null };
    });
    return { ...rule, exists: given };
  });
}

/** A table that nothing reads, every window of it or those of a HAVING. */
export function tableOf(view: WindowRule, whole: boolean): WindowRule {
  const { window } = view;
  const ends: WindowRule['window'] = window.type === 'sliding' ? { type: 'tumbling', size: window.size } : window;
  const having: Condition = whole ? ['>=', ['a', 'n'], ['v', 0]] : view.having;
  return { ...view, table: true, emit: 'end', window: ends, having };
}

/** A view and its reader: the view as a statement, in its reader, or as a table where its windows have ends. */
function inForm(
  [view, reader]: [WindowRule, WindowRule],
  form: WindowRule['local'] | 'table',
): [WindowRule, WindowRule] {
  if (form !== 'table') return [view, { ...reader, local: form }];
  return [view.window.type === 'sliding' ? view : { ...view, table: true, emit: 'end' }, reader];
}

const ruleSet: fc.Arbitrary<SimulationRule[]> = fc
  .record({
    singles: fc.array(
      fc.record({
        where,
        suppress: fc.option(
          fc.record({ by: fc.constantFrom<string[]>(['type'], []), for: fc.constantFrom(30, 200, 600) }),
          { nil: undefined },
        ),
      }),
      { maxLength: 1 },
    ),
    joins: fc.array(joinRule, { maxLength: 2 }),
    windows: fc
      .integer({ min: 1, max: 4 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => windowRule(`r${i}`, null, false)))),
    table: fc.option(fc.tuple(windowRule('t0', null, true), fc.boolean())),
    chain: fc.option(fc.tuple(windowRule('v0', null, true), windowRule('w0', 'v0', false))),
    form: fc.constantFrom(undefined, 'with' as const, 'subquery' as const, 'table' as const, 'table' as const),
    asked: fc.array(fc.array(exists, { maxLength: 2 }), { maxLength: 5 }),
  })
  .map(({ singles, joins, windows, table, chain, asked, form }) => [
    ...(chain === null ? [] : inForm(chain, form)),
    ...(table === null ? [] : [tableOf(...table)]),
    ...withExists(
      [
        ...singles.map((single, i): SimulationRule => ({ name: `single${i}`, kind: 'single', ...single })),
        ...joins.map((join, i): SimulationRule => ({ ...join, name: `join${i}` })),
        ...windows,
      ],
      asked,
      chain !== null && (form === undefined || form === 'table'),
    ),
  ]);

const caseOf = (least: number, most: number): fc.Arbitrary<ParityCase> =>
  fc.record({
    lateness: fc.constantFrom(0, 50, 200),
    events: fc.array(event, { minLength: least, maxLength: most }),
    rules: ruleSet,
    seed: fc.integer({ min: 1, max: 0x7fffffff }),
  });

/** Random rule sets on random events: ties, duplicates, conflicts, NULLs, two tenants, views. */
export const parityCase = caseOf(1, 70);

/** The same with many events, so that most rules find something. */
export const denseCase = caseOf(40, 60);

/** For what knows only the first revision of a detection. */
export function withoutLives<Case extends { rules: SimulationRule[] }>(given: Case): Case {
  const rules = given.rules.map((rule) => (rule.kind === 'window' ? { ...rule, life: undefined } : rule));
  return { ...given, rules: rules as SimulationRule[] };
}
