import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { Columns } from './arbitrary-expressions.ts';
import type { AggregateRule, Condition, SimulationEvent, SimulationRule, WindowRule } from './case.ts';

type Details = Pick<SimulationEvent, 'details' | 'extra' | 'deep'>;

/** What producers send in one place: texts, numbers as such and as texts, truths, objects. */
const mixed = fc.constantFrom('a', 'b', 'a', '17', '-3', 'true', 2, 3, 2, 0, -2, 2.5, true, false, null, { c: 1 });
const numbers = fc.constantFrom<string | number | boolean | null>(1, 2, 3, 2, -2, 0, '2', '3', 2.5, true, null);
const list = fc.array(fc.constantFrom('p.1', 'p.2', 'q', '2', 2, 1.5, true, null), { maxLength: 3 });
const times = fc.constantFrom('2026-10-25T02:30:00+02:00', '2001-09-09T01:46:40Z', 1774745999999, 'soon', null);
const addresses = fc.constantFrom('10.0.0.7', '203.0.113.77', '2001:DB8::1', '::ffff:10.0.0.7', 'a', 7, null);
const deep = fc.record({ c: mixed, 'odd key': numbers, b: fc.constant('b') }, { requiredKeys: [] });

const details: fc.Arbitrary<Details> = fc.record(
  {
    details: fc.option(
      fc.record(
        {
          t: mixed,
          num: numbers,
          list: fc.option(list),
          hops: fc.array(addresses, { maxLength: 3 }),
          at: times,
          ad: addresses,
          deep,
          extra: mixed,
        },
        { requiredKeys: [] },
      ),
      { freq: 8 },
    ),
    /** An extra field at the top is part of details, where that has none. */
    extra: mixed,
    deep,
  },
  { requiredKeys: [] },
);

/** Paths by what they are cast to. */
export const ofDetails: Columns = {
  string: (['t', 'deep/c', 'extra', 'deep', 'num', 'list'] as const).map((path) => ['d', path, 'string', 'cast']),
  int: (['num', 'deep/odd key', 't'] as const).map((path) => ['d', path, 'int', 'cast']),
  float: (['num', 'deep/c'] as const).map((path) => ['d', path, 'float', 'cast']),
  bool: [
    ['d', 't', 'bool', 'cast'],
    ['d', 'num', 'bool', 'cast'],
    ['=', ['d', 't', 'string', 'literal'], ['v', 'a']],
    ['<>', ['d', 'deep/c', 'string', 'literal'], ['v', '17']],
    ['>', ['d', 'deep/odd key', 'float', 'literal'], ['v', 1]],
    ['<=', ['d', 'num', 'float', 'literal'], ['v', 2.5]],
    ['=', ['d', 'extra', 'bool', 'literal'], ['v', true]],
    ['in', ['d', 'extra', 'string', 'literal'], ['a', 'b']],
    ['isnull', ['d', 'deep/c', 'string', 'none']],
    ['not', ['isnull', ['d', 'list', 'string', 'none']]],
    ['any', '=', ['d', 'list', 'array', 'cast'], 'p.1'],
    ['any', 'like', ['d', 'list', 'array', 'cast'], 'p%'],
    ['any', '>', ['d', 'list', 'array', 'cast'], 1],
  ],
  timestamp: [['d', 'at', 'timestamp', 'cast']],
  ip: [['d', 'ad', 'ip', 'cast']],
  array: (['list', 'hops'] as const).map((path) => ['d', path, 'array', 'cast']),
};

/** What the second oracle can read too: of JSON's own kinds, and casts that only cut or print. */
const asked: fc.Arbitrary<Condition> = fc.constantFrom(
  ...(ofDetails.bool ?? []).filter((one): one is Condition => Array.isArray(one) && one[0] !== 'any' && one[0] !== 'd'),
  ['>=', ['d', 'num', 'int', 'cast'], ['v', 2]] as Condition,
  ['=', ['d', 'deep/c', 'string', 'cast'], ['v', '2']] as Condition,
  ['=', ['f', 'k1'], ['d', 't', 'string', 'cast']] as Condition,
);
const text = fc.constantFrom<Condition>(['d', 't', 'string', 'cast'], ['d', 'deep/c', 'string', 'cast']);
const number = fc.constantFrom<Condition>(['d', 'num', 'int', 'cast'], ['d', 'deep/odd key', 'int', 'cast']);

const changed = fc.record({
  where: fc.option(asked),
  right: fc.option(asked),
  joined: fc.constantFrom('and' as const, 'or' as const),
  filter: fc.option(asked),
  key: fc.option(text),
  text: fc.option(text),
  number: fc.option(number),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** Events of this many have what is drawn of details. */
export const someDetails = fc.array(details, { minLength: 70, maxLength: 70 });

/** The cases with paths into details: in WHERE of rules and of both sides of joins, in FILTER, GROUP BY and aggregates. */
export const withDetails = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc.tuple(cases, someDetails, fc.array(changed, { minLength: 6, maxLength: 6 })).map(([parity, all, changes]) => ({
    ...parity,
    events: parity.events.map((event, i) => ({ ...event, ...all[i % all.length] })),
    rules: parity.rules.map((rule, i) => reading(rule, changes[i % changes.length] as Changed)),
  }));

function reading(rule: SimulationRule, own: Changed): SimulationRule {
  const both = (one: Condition | null, other: Condition | null): Condition | null =>
    one === null || other === null ? (one ?? other) : [own.joined, one, other];
  if (rule.kind === 'join') {
    const { left, right } = rule;
    if (left.input !== undefined || right.input !== undefined) return rule;
    const sides = { left: { ...left, where: both(left.where, own.where) } };
    return { ...rule, ...sides, right: { ...right, where: both(right.where, own.right) } };
  }
  if (rule.kind === 'single') {
    const shown = Object.entries({ d_text: own.text, d_number: own.number }).filter(([, of]) => of !== null);
    const computed = { ...rule.computed, ...(Object.fromEntries(shown) as Record<string, Condition>) };
    return { ...rule, where: both(rule.where, own.where) as Condition, computed };
  }
  if (rule.kind !== 'window' || rule.input !== undefined) return rule;
  return ofWindow({ ...rule, where: both(rule.where, own.where) }, own);
}

function ofWindow(rule: WindowRule, { filter, key, text, number }: Changed): WindowRule {
  const computed: Record<string, Condition> = { ...rule.computed };
  const isKey = key !== null && !rule.view && !('expected' in rule.window && rule.window.expected);
  if (isKey) computed.d_key = key;
  if (text !== null) computed.d_text = text;
  if (number !== null && !rule.view) computed.d_number = number;
  const field = (a: AggregateRule) => {
    if (a.field === 'ip' && text !== null) return 'd_text';
    return a.field === 'x' && number !== null && !rule.view ? 'd_number' : a.field;
  };
  const aggs = rule.aggs.map((a): AggregateRule => {
    const read = field(a);
    const own = read === undefined ? a : { ...a, field: read };
    return filter !== null && a.filter !== undefined ? { ...own, filter } : own;
  });
  return { ...rule, computed, aggs, group_by: isKey ? [...rule.group_by, 'd_key'] : rule.group_by };
}
