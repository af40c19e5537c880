import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { withComputed } from './arbitrary-computed.ts';
import { type Columns, expression, ofViews } from './arbitrary-expressions.ts';
import { ofRows } from './arbitrary-typed.ts';
import type { Condition, JoinRule, SimulationRule } from './case.ts';
import type { FormType } from './forms.ts';

/** Keys that the second oracle can say too; the fields of a pair have their sides in front. */
const keys: readonly [left: Condition, right: Condition][] = [
  [
    ['call', 'lower', ['f', 'k1']],
    ['f', 'k1'],
  ],
  [
    ['call', 'add', ['f', 'x'], ['v', 1]],
    ['f', 'x'],
  ],
  [
    ['f', 'x'],
    ['call', 'subtract', ['v', 1], ['f', 'x']],
  ],
  [
    ['call', 'join', ['f', 'k1'], ['f', 'k2']],
    ['call', 'join', ['f', 'k1'], ['call', 'coalesce_string', ['f', 'k2'], ['v', 'm']]],
  ],
  [
    ['call', 'upper', ['f', 'res']],
    ['call', 'upper', ['call', 'coalesce_string', ['f', 'res'], ['v', 'ok']]],
  ],
];

const plain: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['<', ['f', 'l.x'], ['f', 'r.x']],
  ['<>', ['f', 'l.ip'], ['f', 'r.ip']],
  ['>=', ['call', 'add', ['f', 'l.x'], ['f', 'r.x']], ['v', 3]],
  ['or', ['=', ['f', 'l.res'], ['f', 'r.res']], ['isnull', ['f', 'r.k2']]],
  ['not', ['=', ['f', 'l.k2'], ['f', 'r.k2']]],
  // Of one side alone: a left row of a LEFT JOIN without it has no partner.
  ['>', ['f', 'l.x'], ['v', 0]],
  ['and', ['isnull', ['f', 'l.k2']], ['=', ['f', 'r.type'], ['v', 'A']]],
  ['=', ['call', 'length', ['call', 'join', ['f', 'l.ip'], ['f', 'r.type']]], ['v', 3]],
);

/** What WHERE asks of whole rows: of those without a partner too. */
const whole: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  ['isnull', ['f', 'r.k1']],
  ['isnull', ['f', 'r.res']],
  ['or', ['isnull', ['f', 'r.x']], ['>', ['f', 'r.x'], ['v', 1]]],
  ['not', ['=', ['f', 'l.res'], ['f', 'r.res']]],
  ['>=', ['call', 'coalesce_int', ['f', 'r.x'], ['v', 3]], ['f', 'l.x']],
);

const places = fc.record({ uses: fc.boolean(), more: fc.boolean(), in_on: fc.boolean() });

/** Keys of joins that are expressions, and conditions over both rows, as the second oracle says them. */
export const withJoinKeys = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(
      cases,
      fc.array(fc.tuple(places, fc.constantFrom(...keys), fc.option(plain), fc.option(whole)), {
        minLength: 3,
        maxLength: 3,
      }),
    )
    .map(([parity, all]) => ({
      ...parity,
      rules: parity.rules.map((rule, i): SimulationRule => {
        const [own, key, both, filter] = all[i % all.length] as (typeof all)[number];
        if (rule.kind !== 'join' || rule.left.input !== undefined || rule.right.input !== undefined) return rule;
        const asking = filter === null ? rule : { ...rule, filter };
        return joining(asking, own.uses ? key : null, both, own);
      }),
    }));

/** The columns of a side, each with the side in front. */
function ofSide(columns: Columns, side: string): Columns {
  const named = (one: string | Condition): string | Condition => {
    if (typeof one === 'string') return `${side}.${one}`;
    return sided(one, side);
  };
  return Object.fromEntries(Object.entries(columns).map(([type, all]) => [type, all.map(named)]));
}

function sided(c: Condition, side: string): Condition {
  if (c[0] === 'd') return ['d', c[1], c[2], c[3], side];
  return c.map((part, i) =>
    i > 0 && Array.isArray(part) && !(c[0] === 'in' && i === 2) ? sided(part as unknown as Condition, side) : part,
  ) as unknown as Condition;
}

const merged = (one: Columns, other: Columns): Columns =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((type) => [
      type,
      [...(one[type as FormType] ?? []), ...(other[type as FormType] ?? [])],
    ]),
  );

const rows: Record<'events' | 'view', Columns> = { events: ofRows, view: ofViews };
const drawn = (['events', 'view'] as const).flatMap((left) =>
  (['events', 'view'] as const).map((right) => {
    const both = merged(ofSide(rows[left], 'l'), ofSide(rows[right], 'r'));
    const key = fc
      .constantFrom('string' as const, 'string' as const, 'int' as const)
      .chain((type) => fc.tuple(expression(type, rows[left], 1), expression(type, rows[right], 1)));
    return [`${left} ${right}`, fc.tuple(key, fc.option(expression('bool', both, 2)))] as const;
  }),
);

/** The cases of withComputed with keys of joins, of events and of views, that are any expressions, and conditions over both. */
export const withJoinExpressions = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .tuple(withComputed(cases), fc.array(places, { minLength: 5, maxLength: 5 }), ...drawn.map(([, one]) => one))
    .map(([parity, all, ...expressions]) => ({
      ...parity,
      rules: parity.rules.map((rule, i): SimulationRule => {
        if (rule.kind !== 'join') return rule;
        const kind = [rule.left, rule.right].map(({ input }) => (input === undefined ? 'events' : 'view')).join(' ');
        const [key, both] = expressions[drawn.findIndex(([name]) => name === kind)] as (typeof expressions)[number];
        const own = all[i % all.length] as (typeof all)[number];
        return joining(rule, own.uses ? key : null, both, own);
      }),
    }));

/** An equality of both rows would be a part of the key. */
function noKey(both: Condition): Condition {
  return both[0] === 'call' && /^(same|equal)_/.test(both[1]) ? ['not', both] : both;
}

function joining(
  rule: JoinRule,
  key: readonly [Condition, Condition] | null,
  both: Condition | null,
  { more, in_on }: { more: boolean; in_on: boolean },
): JoinRule {
  const asked = both === null ? rule : { ...rule, both: noKey(both), in_on };
  if (key === null) return asked;
  const [left, right] = key;
  return {
    ...asked,
    left: { ...rule.left, computed: { l_key: left } },
    right: { ...rule.right, computed: { r_key: right } },
    on: [...(more ? rule.on : []), ['l_key', 'r_key']],
  };
}
