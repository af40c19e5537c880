import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { networks, versions } from './arbitrary-lookups.ts';
import type { CaseLookup, Condition, JoinRule, SimulationRule, SingleRule, WindowRule } from './case.ts';
import type { LookupVersion } from './lookup-oracle.ts';

const addresses = [
  '10.0.0.7',
  '10.1.200.3',
  '10.1.9.9',
  '203.0.113.77',
  '2001:DB8::1',
  '2001:db8::2',
  '::ffff:10.0.0.7',
  null,
];

const first = fc.record({ lookup: fc.constantFrom('known' as const, 'nets' as const), left_join: fc.boolean() });
/** The second lookup is found by what the first one says. */
const second = fc.record({ on: fc.constantFrom('o.owner', 'o.owner', 'k1'), left_join: fc.boolean() });

const asked: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom('a', 'b').map((owner): Condition => ['=', ['f', 'o.owner'], ['v', owner]]),
  fc.constantFrom('>=' as const, '<' as const).map((operator): Condition => [operator, ['f', 'o.level'], ['v', 1]]),
  fc.constant<Condition>(['isnull', ['f', 'o.k']]),
  fc.constant<Condition>(['not', ['isnull', ['f', 'o.owner']]]),
  fc.constant<Condition>(['=', ['f', 'o.owner'], ['f', 'k1']]),
);

const changed = fc.record({
  joins: fc.boolean(),
  first,
  second: fc.option(second, { freq: 2 }),
  on: fc.constantFrom('ip', 'k1', 'ip'),
  where: fc.option(asked),
  how: fc.constantFrom('and' as const, 'or' as const),
  grouped: fc.boolean(),
  alone: fc.boolean(),
  filter: fc.boolean(),
  having: fc.option(fc.constantFrom('>=' as const, '<' as const)),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** The cases with lookups that are joined with their columns, by a text and by the network of an address. */
export const withLookupJoins = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .record({
      parity: cases,
      lookup: versions,
      nets: networks,
      ads: fc.array(fc.constantFrom(...addresses), { minLength: 70, maxLength: 70 }),
      all: fc.array(changed, { minLength: 6, maxLength: 6 }),
    })
    .map(({ parity, lookup, nets, ads, all }) => ({
      ...{ ...parity, lookup, nets },
      events: parity.events.map((event, i) => ({ ...event, ad: ads[i % ads.length] as string | null })),
      rules: parity.rules.map((rule, i): SimulationRule => {
        const own = all[i % all.length] as Changed;
        if (rule.kind === 'join' && own.joins && !rule.view) return besidePairs(rule, own);
        return own.joins && canJoin(rule) ? joining(rule, own) : rule;
      }),
    }));

/** The same with lookups without valid time: what a pair's side alone is asked stays as it is until the content changes. */
export const withTimelessLookups = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  withLookupJoins(cases).map((parity) => ({
    ...parity,
    lookup: parity.lookup?.map(always),
    nets: parity.nets?.map(always),
    rules: parity.rules.map((rule) => (rule.kind === 'join' ? { ...rule, timeless: true } : rule)),
  }));

function always({ at, rows }: LookupVersion): LookupVersion {
  return { at, rows: rows.map((row) => ({ ...row, from: null, to: null })) };
}

/** A SELECT of a WITH has no alias of its own for what stands in brackets. */
function canJoin(rule: SimulationRule): rule is SingleRule | WindowRule {
  return rule.kind === 'single' || (rule.kind === 'window' && rule.local === undefined);
}

/** Lookups beside the pairs of a join, found by fields of either side, and asked of them in WHERE. */
function besidePairs(rule: JoinRule, own: Changed): JoinRule {
  const side = own.grouped ? 'r' : 'l';
  const { input } = own.grouped ? rule.right : rule.left;
  const lookups = lookupsOf(own, input !== undefined).map((one): CaseLookup => {
    return one.on.includes('.') ? one : { ...one, on: `${side}.${one.on}` };
  });
  const known: Condition[] = input === undefined && own.filter ? [['known', `${side}.${own.alone ? 'ip' : 'k1'}`]] : [];
  const conditions = [...(own.where === null ? [] : [ofPairs(own.where, side)]), ...known];
  const [first, ...more] = conditions;
  // In ON it is of the right row alone, as of its own time.
  const { right } = rule;
  const inOn = rule.left_join && right.input === undefined && own.having !== null && own.second === null;
  const ofRight: Condition = right.where === null ? ['known', 'ip'] : ['and', right.where, ['known', 'ip']];
  return {
    ...(inOn ? { ...rule, right: { ...right, where: ofRight } } : rule),
    lookups,
    ...(first === undefined ? {} : { filter: more.length > 0 ? [own.how, ...conditions] : first }),
  };
}

function ofPairs(c: Condition, side: string): Condition {
  if (c[0] === 'f') return c[1].includes('.') ? c : ['f', `${side}.${c[1]}`];
  return c.map((part) =>
    Array.isArray(part) ? ofPairs(part as unknown as Condition, side) : part,
  ) as unknown as Condition;
}

function lookupsOf({ first, second, on }: Changed, ofView: boolean): CaseLookup[] {
  const lookup = ofView ? 'known' : first.lookup;
  const own: CaseLookup = { ...first, lookup, as: 'o', on: lookup === 'nets' ? 'ad' : ofView ? 'k1' : on };
  return second === null ? [own] : [own, { ...second, lookup: 'known', as: 'p' }];
}

function joining(rule: SingleRule | WindowRule, own: Changed): SimulationRule {
  const lookups = lookupsOf(own, rule.kind === 'window' && rule.input !== undefined);
  const where =
    own.where === null || rule.where === null ? (own.where ?? rule.where) : ([own.how, rule.where, own.where] as const);
  const last = lookups.at(-1)?.as as string;
  if (rule.kind === 'single') {
    const computed = {
      ...rule.computed,
      c_owner: ['f', `${last}.owner`],
      c_level: ['call', 'add', ['f', 'o.level'], ['v', 1]],
      c_k: ['f', 'o.k'],
    } as const;
    return { ...rule, lookups, where: where as Condition, computed };
  }
  const computed = { ...rule.computed, o_owner: ['f', `${last}.owner`] } as const;
  const group_by = !own.grouped || rule.view ? rule.group_by : own.alone ? ['o_owner'] : [...rule.group_by, 'o_owner'];
  // What reads a view has names of its own.
  const [ow, lv] = rule.view ? ['v_ow', 'v_lv'] : ['ow', 'lv'];
  const { suppress } = rule;
  return {
    ...{ ...rule, lookups, where, computed, group_by },
    aggs: [
      ...rule.aggs.map((a) =>
        own.filter && a.filter !== undefined && own.where !== null ? { ...a, filter: own.where } : a,
      ),
      { as: ow, fn: 'count_distinct' as const, field: `${last}.owner` },
      { as: lv, fn: 'max' as const, field: 'o.level' },
    ],
    having: own.having === null ? rule.having : [own.how, rule.having, [own.having, ['a', lv], ['v', 1]]],
    suppress: suppress && {
      ...suppress,
      by: suppress.by.length > 1 ? group_by : group_by.slice(0, suppress.by.length),
    },
    risk: group_by.length === 0 ? undefined : rule.risk,
  };
}
