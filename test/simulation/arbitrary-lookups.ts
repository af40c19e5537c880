import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { Condition, SimulationRule } from './case.ts';
import type { LookupVersion } from './lookup-oracle.ts';

/** An event of the case, by its number modulo their count: what begins and ends does so at the times of events. */
const at = fc.integer({ min: 0, max: 1_000 });

/** Versions that replace one another while events come; keys valid for a while, or always. */
const versionsOf = (keys: readonly string[]): fc.Arbitrary<LookupVersion[]> =>
  fc.array(
    fc.record({
      at: fc.option(at, { freq: 3 }),
      rows: fc.array(
        fc.record({
          k: fc.constantFrom(...keys),
          owner: fc.constantFrom('a', 'b', 'i1', null),
          level: fc.constantFrom(0, 1, 2, 3, null),
          from: fc.option(at),
          to: fc.option(at),
        }),
        { maxLength: 6 },
      ),
    }),
    { maxLength: 3 },
  );
export const versions = versionsOf(['i1', 'i2', 'i3', 'a', 'b']);
export const networks = versionsOf([
  ...['10.0.0.0/8', '10.1.0.0/16', '10.1.200.0/24', '10.1.200.3/32', '0.0.0.0/0'],
  ...['2001:db8::/32', '2001:db8::1/128', '::/0', 'fe80::/10'],
]);

const asked: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['known', 'ip'],
  ['known', 'k1'],
  ['not', ['known', 'ip']],
  ['isnull', ['known', 'k1']],
);

/** Each rule's WHERE, or the FILTER of its counts, asks the lookup too: with AND, with OR, or by itself. */
const way = fc.record({ asked, where: fc.constantFrom('none', 'and', 'or', 'alone'), filter: fc.boolean() });

function asks(rule: SimulationRule, { asked: condition, where, filter }: { [name: string]: unknown }): SimulationRule {
  if (rule.kind !== 'single' && rule.kind !== 'window') return rule;
  if (rule.kind === 'window' && rule.input !== undefined) return rule;
  const known = condition as Condition;
  const own = rule.where;
  const joined: Condition | null =
    where === 'none' ? own : where === 'alone' || own === null ? known : [where as 'and', own, known];
  if (rule.kind === 'single') return { ...rule, where: joined ?? known };
  const aggs = rule.aggs.map((a) => (a.filter !== undefined && filter === true ? { ...a, filter: known } : a));
  return { ...rule, where: joined, aggs };
}

/** The cases with a lookup that changes, which their rules ask. */
export const withLookup = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc.tuple(cases, versions, fc.array(way, { minLength: 8, maxLength: 8 })).map(([parity, lookup, ways]) => ({
    ...parity,
    lookup,
    rules: parity.rules.map((rule, i) => asks(rule, ways[i % ways.length] as (typeof ways)[number])),
  }));
