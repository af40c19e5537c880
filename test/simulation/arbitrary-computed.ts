import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { type Columns, expression, ofEvents } from './arbitrary-expressions.ts';
import type {
  AggregateRule,
  Condition,
  JoinRule,
  SimulationEvent,
  SimulationRule,
  SingleRule,
  WindowRule,
} from './case.ts';

const texts = [
  ...['Ünal', 'SVC_Backup', 'svc_a', 'mail.example', 'Kim@Mail.Example', '17', '-3', '2.5', 'true', 'FALSE', ''],
  ...[
    ' a b ',
    '10.0.0.7',
    '2001:DB8::1',
    '😀x',
    '～',
    "it's",
    'a%b_c',
    'İ',
    'ß',
    '2026-03-29T01:00:00Z',
    'a',
    'b',
    null,
  ],
];
/** Around changes of clocks: in Berlin, New York, on Lord Howe, and in São Paulo at midnight. */
const times = [
  ...[1774745999999, 1774746000000, 1792891800000, 1792893600000, 1793512800000, 1793515800000, 1775314800000],
  ...[1541300400000, 1541296800000, 1000000000123, 951825599999, 978307200000, 1793509200000, 1793510100000],
  ...['2026-10-25T02:30:00+02:00', '2026-03-29T01:59:59.999Z', '2001-09-09T01:46:40Z'],
];
const addresses = [
  '10.0.0.7',
  '10.1.200.3',
  '203.0.113.77',
  '2001:DB8::1',
  '::1',
  '::ffff:10.0.0.7',
  '192.168.7.1',
  'fe80::1:0:0:1',
  null,
];

type Typed = Required<Pick<SimulationEvent, 'nm' | 'fl' | 'bo' | 'ts' | 'ad'>>;

const typed: fc.Arbitrary<Typed> = fc.record({
  nm: fc.constantFrom(...texts),
  fl: fc.constantFrom(0.5, -0.5, 0.1, 0.2, 0.7, -1.25, 2, 2.5, 1e15, null),
  bo: fc.constantFrom(true, false, null),
  ts: fc.constantFrom(...times, null),
  ad: fc.constantFrom(...addresses),
});

const types = ['string', 'string', 'string', 'int', 'int', 'bool', 'timestamp', 'timestamp', 'ip', 'float'] as const;
const key = fc.oneof(...types.map((type) => expression(type, ofEvents, 2)));

const overAggregates: Columns = { int: ['n', 'd'] };
const onAggregates = (c: Condition): Condition =>
  c[0] === 'f'
    ? ['a', c[1]]
    : (c.map((part) =>
        Array.isArray(part) ? onAggregates(part as unknown as Condition) : part,
      ) as unknown as Condition);

const changed = fc.record({
  computes: fc.boolean(),
  key: fc.option(key),
  alone: fc.boolean(),
  byAlias: fc.boolean(),
  number: fc.option(fc.oneof(expression('int', ofEvents, 2), expression('float', ofEvents, 1))),
  text: fc.option(expression('string', ofEvents, 2)),
  where: fc.option(expression('bool', ofEvents, 2)),
  joined: fc.constantFrom('and' as const, 'or' as const),
  filter: fc.option(expression('bool', ofEvents, 1)),
  having: fc.option(expression('bool', overAggregates, 2).map(onAggregates)),
  /** HAVING asks for the greatest truth, which leaves it decided early where it was (S8). */
  truth: fc.boolean(),
  shown: fc.option(
    fc.oneof(expression('int', overAggregates, 2), expression('string', overAggregates, 2)).map(onAggregates),
  ),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** A rule that shows many expressions of single events. */
const columns: fc.Arbitrary<SimulationRule> = fc
  .tuple(
    expression('bool', ofEvents, 1),
    fc.array(fc.oneof(...types.map((type) => expression(type, ofEvents, 3))), { maxLength: 5 }),
  )
  .map(([where, all]) => ({
    ...{ name: 'columns', kind: 'single', where },
    computed: Object.fromEntries(all.map((of, i) => [`c${i}`, of])),
  }));

/** The cases with fields of further types, and functions, casts, arithmetic and CASE wherever an expression can stand. */
export const withComputed = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(
      cases,
      fc.array(typed, { minLength: 70, maxLength: 70 }),
      fc.array(changed, { minLength: 6, maxLength: 6 }),
      columns,
    )
    .map(([parity, all, changes, further]) => ({
      ...parity,
      events: parity.events.map((event, i) => ({ ...event, ...all[i % all.length] })),
      // In the place of the last rule, which nothing reads: a case has no more rules than others.
      rules: [
        ...parity.rules
          .slice(0, parity.rules.length > 2 ? -1 : undefined)
          .map((rule, i) => changedRule(rule, changes[i % changes.length] as Changed)),
        further,
      ],
    }));

function changedRule(rule: SimulationRule, own: Changed): SimulationRule {
  if (!own.computes) return rule;
  if (rule.kind === 'single') return ofSingle(rule, own);
  if (rule.kind === 'join') return ofJoin(rule, own);
  return rule.kind === 'window' && rule.input === undefined ? ofWindow(rule, own) : rule;
}

function joinedBy(joined: 'and' | 'or', one: Condition | null, other: Condition | null): Condition | null {
  return one === null || other === null ? (one ?? other) : [joined, one, other];
}

function ofJoin(rule: JoinRule, { where, filter, joined }: Changed): JoinRule {
  const { left, right } = rule;
  return {
    ...rule,
    left: { ...left, where: joinedBy(joined, left.where, where) },
    right: { ...right, where: joinedBy(joined, right.where, filter) },
  };
}

function ofSingle(rule: SingleRule, { key, number, text, where, joined }: Changed): SingleRule {
  const shown = Object.entries({ c_key: key, c_number: number, c_text: text }).filter(([, of]) => of !== null);
  return {
    ...rule,
    where: joinedBy(joined, rule.where, where) as Condition,
    computed: { ...rule.computed, ...Object.fromEntries(shown) } as Record<string, Condition>,
  };
}

const ofNumbers: readonly AggregateRule['fn'][] = ['sum', 'avg', 'min', 'max', 'last', 'count_distinct'];
const ofTexts: readonly AggregateRule['fn'][] = ['count_distinct', 'first', 'any_value', 'array_agg', 'entropy', 'top'];

function ofWindow(rule: WindowRule, own: Changed): WindowRule {
  const name = own.byAlias ? 'by_alias' : 'by_expression';
  const computed: Record<string, Condition> = { ...rule.computed };
  // Computed once for each row.
  if (own.filter !== null) computed.c_filter = own.filter;
  if (own.number !== null) computed.c_number = own.number;
  if (own.text !== null) computed.c_text = own.text;
  const asked = JSON.stringify([rule.having, rule.life, rule.risk]);
  // The oracle knows stddev and approx_percentile of small whole numbers only, which a view's readers ask of its sums.
  const { number, text } = rule.view ? { number: null, text: null } : own;
  const aggs = rule.aggs.map((a): AggregateRule => {
    const filter = own.filter === null || a.as === 'n' || a.as === 's' ? {} : { filter: ['f', 'c_filter'] as const };
    if (number !== null && a.field === 'x' && ofNumbers.includes(a.fn)) return { ...a, ...filter, field: 'c_number' };
    if (text !== null && a.field !== 'x' && a.field !== undefined && ofTexts.includes(a.fn)) {
      return { ...a, ...filter, field: 'c_text' };
    }
    return asked.includes(`"${a.as}"`) ? a : { ...a, ...filter };
  });
  const grouped = own.key !== null && !rule.view;
  if (grouped) computed[name] = own.key as Condition;
  const group_by = grouped ? (own.alone ? [name] : [...rule.group_by, name]) : rule.group_by;
  const { suppress, where } = rule;
  if (own.truth) aggs.push({ as: 'truth', fn: 'max', field: 'bo' });
  const isTrue: Condition | null = own.truth ? ['>=', ['a', 'truth'], ['v', true]] : null;
  const having = joinedBy(own.joined, rule.having, isTrue) as Condition;
  return {
    ...{ ...rule, aggs, computed, group_by },
    where: joinedBy(own.joined, where, own.where),
    having: joinedBy(own.joined, having, own.having) as Condition,
    ...(own.shown === null || rule.view ? {} : { shown: { o_shown: own.shown } }),
    suppress: suppress && {
      ...suppress,
      by: suppress.by.length > 1 ? group_by : group_by.slice(0, suppress.by.length),
    },
    risk: group_by.length === 0 ? undefined : rule.risk,
  };
}
