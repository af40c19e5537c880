import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { CaseException, Condition, JoinRule, SimulationRule } from './case.ts';
import { eventsOf } from './parity.ts';

/** Over columns that events, the view of the cases and the detections of its readers have. */
const overKey: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['=', ['f', 'k1'], ['v', 'a']],
  ['in', ['f', 'k1'], ['a', 'b']],
  ['<>', ['f', 'k1'], ['v', 'b']],
  ['isnull', ['f', 'k1']],
);
/** Over what a rule without a window shows. */
const overShown: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['=', ['f', 'type'], ['v', 'A']],
  ['isnull', ['f', 'type']],
  ['not', ['=', ['f', 'type'], ['v', 'B']]],
);
const overEvents: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['in', ['f', 'ip'], ['i1', 'i2']],
  ['not', ['=', ['f', 'k2'], ['v', 'm']]],
  ['>', ['f', 'x'], ['v', 1]],
);

/** Over what a join shows: of a LEFT JOIN `n` is NULL where there is no partner. */
const overPairs: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['isnull', ['f', 'n']],
  ['>=', ['f', 'n'], ['v', 2]],
  ['not', ['=', ['f', 'k1'], ['v', 'a']]],
);

const exception = fc.record({
  action: fc.constantFrom('ignore' as const, 'ignore' as const, 'mute' as const),
  overKey,
  overEvents: fc.option(overEvents),
  overShown,
  overPairs: fc.option(overPairs),
  ofRight: fc.boolean(),
  from: fc.option(fc.nat(1_000)),
  to: fc.option(fc.nat(1_000)),
});

type Exception = typeof exception extends fc.Arbitrary<infer T> ? T : never;

/** IGNORE over the fields of a pair, which a left row without a partner has not all of; MUTE over what is shown. */
function ofJoin(
  { left, right }: JoinRule,
  all: readonly Exception[],
  time: (event: number | null) => number | null,
): CaseException[] {
  return all.flatMap((one): CaseException[] => {
    const [from, to] = [time(one.from), time(one.to)];
    if (from !== null && to !== null && from >= to) return [];
    if (one.action === 'mute') return [{ action: 'mute', where: one.overPairs ?? one.overKey, from, to }];
    const side = one.ofRight ? 'r' : 'l';
    const isOfEvents = (one.ofRight ? right : left).input === undefined;
    const where = named(isOfEvents ? (one.overEvents ?? one.overKey) : one.overKey, side);
    return [{ action: 'ignore', where, from, to }];
  });
}

function named(c: Condition, side: string): Condition {
  if (c[0] === 'f') return ['f', `${side}.${c[1]}`];
  return c.map((part, i) =>
    Array.isArray(part) && !(c[0] === 'in' && i === 2) ? named(part as unknown as Condition, side) : part,
  ) as unknown as Condition;
}

/** The cases with exceptions on their rules and views; they begin and end at the times of events. */
export const withExceptions = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(cases, fc.array(fc.array(exception, { maxLength: 2 }), { minLength: 8, maxLength: 8 }))
    .map(([parity, all]) => {
      const times = eventsOf(parity).map(({ timestamp }) => timestamp);
      const time = (event: number | null) => (event === null ? null : (times[event % times.length] as number));
      const rules = parity.rules.map((rule, i): SimulationRule => {
        if (rule.kind === 'join' && !rule.view)
          return { ...rule, exceptions: ofJoin(rule, all[i % all.length] ?? [], time) };
        if (rule.kind !== 'single' && rule.kind !== 'window') return rule;
        const own = (all[i % all.length] ?? []).flatMap((one): CaseException[] => {
          const [from, to] = [time(one.from), time(one.to)];
          if (from !== null && to !== null && from >= to) return [];
          const onEvents = rule.kind === 'single' || rule.input === undefined;
          if (one.action === 'mute' && rule.kind === 'single') {
            return [{ action: 'mute', where: one.overShown, from, to }];
          }
          const canMute = rule.kind === 'window' && !rule.view && rule.group_by.includes('k1');
          if (one.action === 'mute' && !canMute) return [];
          const where = one.action === 'ignore' && onEvents ? (one.overEvents ?? one.overKey) : one.overKey;
          return [{ action: one.action, where, from, to }];
        });
        return own.length === 0 ? rule : { ...rule, exceptions: own };
      });
      return { ...parity, rules };
    });
