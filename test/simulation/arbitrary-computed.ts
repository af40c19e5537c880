import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { someDetails } from './arbitrary-details.ts';
import { type Columns, expression, ofViews } from './arbitrary-expressions.ts';
import { ofRows, typed } from './arbitrary-typed.ts';
import type {
  AggregateRule,
  Condition,
  JoinRule,
  SimulationRule,
  SingleRule,
  UnionBranch,
  WindowRule,
} from './case.ts';

const types = ['string', 'string', 'string', 'int', 'int', 'bool', 'timestamp', 'timestamp', 'ip', 'float'] as const;
const onAggregates = (c: Condition): Condition =>
  c[0] === 'f'
    ? ['a', c[1]]
    : (c.map((part) =>
        Array.isArray(part) ? onAggregates(part as unknown as Condition) : part,
      ) as unknown as Condition);

/** Expressions over the columns of what a rule reads, and over its aggregates. */
function changedOf(columns: Columns, counts: string[], depth: number) {
  const over: Columns = { int: counts };
  return fc.record({
    computes: fc.boolean(),
    key: fc.option(fc.oneof(...types.map((type) => expression(type, columns, 2)))),
    alone: fc.boolean(),
    byAlias: fc.boolean(),
    number: fc.option(fc.oneof(expression('int', columns, 2), expression('float', columns, depth))),
    text: fc.option(expression('string', columns, 2)),
    where: fc.option(expression('bool', columns, 2)),
    joined: fc.constantFrom('and' as const, 'or' as const),
    filter: fc.option(expression('bool', columns, 1)),
    having: fc.option(expression('bool', over, 2).map(onAggregates)),
    /** HAVING asks for the greatest truth, which leaves it decided early where it was (S8). */
    truth: fc.boolean(),
    shown: fc.option(fc.oneof(expression('int', over, 2), expression('string', over, 2)).map(onAggregates)),
    /** A whole number of which a view shows the remainder: what reads it asks for small ones. */
    whole: fc.option(expression('int', columns, 1)),
  });
}

const ofEventsChanged = changedOf(ofRows, ['n', 'd'], 1);
/** Over a view of windows, of pairs or of a UNION ALL. */
const ofViewsChanged = changedOf(ofViews, ['w_n', 'w_d'], 2);

type Changed = typeof ofEventsChanged extends fc.Arbitrary<infer T> ? T : never;

/** A rule that shows many expressions of single events. */
const columns: fc.Arbitrary<SimulationRule> = fc
  .tuple(
    expression('bool', ofRows, 1),
    fc.array(fc.oneof(...types.map((type) => expression(type, ofRows, 3))), { maxLength: 5 }),
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
      someDetails,
      fc.array(fc.tuple(ofEventsChanged, ofViewsChanged), { minLength: 6, maxLength: 6 }),
      columns,
    )
    .map(([parity, all, open, changes, further]) => ({
      ...parity,
      events: parity.events.map((event, i) => ({ ...event, ...all[i % all.length], ...open[i % open.length] })),
      // In the place of the last rule, which nothing reads: a case has no more rules than others.
      rules: [
        ...parity.rules
          .slice(0, parity.rules.length > 2 ? -1 : undefined)
          .map((rule, i) => changedRule(rule, ...(changes[i % changes.length] as [Changed, Changed]))),
        further,
      ],
    }));

function changedRule(rule: SimulationRule, own: Changed, ofView: Changed): SimulationRule {
  if (!own.computes || rule.kind === 'sequence') return rule;
  if (rule.kind === 'single') return ofSingle(rule, own);
  if (rule.kind === 'join') return ofJoin(rule, own, ofView);
  if (rule.kind === 'window') return ofWindow(rule, rule.input === undefined ? own : ofView);
  const branches = rule.branches.map((one, i) => {
    if (one.input === undefined) return ofBranch(one, own);
    // The names that the first SELECT gives may not hide columns of the view.
    return ofBranch(one, i === 0 ? { ...ofView, text: null, whole: null } : ofView);
  });
  return { ...rule, branches };
}

/** A SELECT whose texts, and whose last number, are expressions. */
function ofBranch(branch: UnionBranch, { text, where, joined, whole }: Changed): UnionBranch {
  if (branch.window !== undefined) return branch;
  const computed: Record<string, Condition> = {};
  if (text !== null) computed.c_text = text;
  if (whole !== null) computed.c_whole = ['call', 'remainder', whole, ['v', 5]];
  const [k1, n, fi, any, s] = branch.columns as [string, string, string, string, string];
  const columns = [k1, n, fi, text === null ? any : 'c_text', whole === null ? s : 'c_whole'];
  return { ...branch, where: joinedBy(joined, branch.where, where), columns, computed };
}

function joinedBy(joined: 'and' | 'or', one: Condition | null, other: Condition | null): Condition | null {
  return one === null || other === null ? (one ?? other) : [joined, one, other];
}

function ofJoin(rule: JoinRule, own: Changed, ofView: Changed): JoinRule {
  const { left, right } = rule;
  const ofSide = ({ input }: JoinRule['left']) => (input === undefined ? own : ofView);
  return {
    ...rule,
    left: { ...left, where: joinedBy(own.joined, left.where, ofSide(left).where) },
    right: { ...right, where: joinedBy(own.joined, right.where, ofSide(right).filter) },
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
  const isNumber = ({ field }: AggregateRule) => field === (rule.input === undefined ? 'x' : 's');
  const aggs = rule.aggs.map((a): AggregateRule => {
    const isPlain = ['n', 's', 'w_n', 'w_s'].includes(a.as);
    const filter = own.filter === null || isPlain ? {} : { filter: ['f', 'c_filter'] as const };
    if (number !== null && isNumber(a) && ofNumbers.includes(a.fn)) return { ...a, ...filter, field: 'c_number' };
    if (text !== null && !isNumber(a) && a.field !== undefined && ofTexts.includes(a.fn)) {
      return { ...a, ...filter, field: 'c_text' };
    }
    return asked.includes(`"${a.as}"`) ? a : { ...a, ...filter };
  });
  // A part that is in the key already would be no further one.
  const isNew = own.key?.[0] !== 'f' || !rule.group_by.includes(own.key[1]);
  const grouped = own.key !== null && !rule.view && isNew;
  if (grouped) computed[name] = own.key as Condition;
  const group_by = grouped ? (own.alone ? [name] : [...rule.group_by, name]) : rule.group_by;
  const { suppress, where } = rule;
  const asksTruth = own.truth && rule.input === undefined;
  if (asksTruth) aggs.push({ as: 'truth', fn: 'max', field: 'bo' });
  const isTrue: Condition | null = asksTruth ? ['>=', ['a', 'truth'], ['v', true]] : null;
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
