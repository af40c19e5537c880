import fc from 'fast-check';
import { exists, type ParityCase } from './arbitrary.ts';
import { someTunes } from './arbitrary-tunes.ts';
import type {
  Around,
  CaseExists,
  JoinRule,
  Policy,
  SimulationRule,
  SingleRule,
  UnionRule,
  WindowRule,
} from './case.ts';

const changed = fc.record({
  policy: fc.record({
    suppress: fc.option(fc.record({ whole: fc.boolean(), for: fc.constantFrom(30, 200, 600) })),
    risk: fc.option(fc.record({ score: fc.constantFrom(10, 0.5, 'column'), half: fc.constantFrom(20, 100, 300) })),
    tuned: fc.option(fc.record({ least: fc.integer({ min: -1, max: 3 }), tunes: someTunes })),
  }),
  around: fc.record({
    evidence: fc.option(fc.constantFrom(1, 2, 5, 50)),
    title: fc.boolean(),
    severity: fc.option(fc.integer({ min: 0, max: 4 })),
    told: fc.option(
      fc.record({
        confidence: fc.constantFrom(0, 0.25, 1),
        attack: fc.constantFrom<string[]>([], ['T1110.001'], ['T1078', 'T1098']),
        responses: fc.constantFrom<string[]>([], ['step_up'], ['step_up', 'pause_moderation']),
        while_open: fc.boolean(),
      }),
    ),
    mode: fc.option(fc.constantFrom('shadow' as const, 'signal' as const)),
  }),
  /** Of a rule over a view: [NOT] EXISTS with the view's rows on its left. */
  asked: fc.array(exists, { maxLength: 2 }),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** The cases with SUPPRESS, RISK and TUNE on rules without a window, heads and EVIDENCE, and EXISTS over views. */
export const withPolicies = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc.tuple(cases, fc.array(changed, { minLength: 6, maxLength: 6 })).map(([parity, all]) => ({
    ...parity,
    rules: parity.rules.map((rule, i): SimulationRule => {
      const own = all[i % all.length] as Changed;
      if (rule.kind === 'sequence' || ('view' in rule && rule.view)) return rule;
      if (rule.kind === 'window') return ofWindow(rule, own, parity.rules);
      if (rule.kind === 'single') return ofSingle(rule, own);
      return withoutWindow(rule, own, 'k1', 'n');
    }),
  }));

function around(
  { around: { evidence, title, severity, mode, told } }: Changed,
  who: string | undefined,
  number: string,
  closes = false,
): Around {
  const named = who === undefined ? '' : ` of {${who}}`;
  return {
    ...(evidence === null ? {} : { evidence }),
    ...(title ? { title: `{${number}}${named}, seen` } : {}),
    ...(severity === null ? {} : { severity: { on: number, over: severity } }),
    ...(mode === null ? {} : { mode }),
    ...(told === null ? {} : { told: { ...told, who, while_open: told.while_open && closes } }),
  };
}

function ofSingle(rule: SingleRule, own: Changed): SingleRule {
  const computed = { ...rule.computed, who: ['f', 'k1'], number: ['f', 'x'] } as const;
  return withoutWindow({ ...rule, computed }, own, 'who', 'number');
}

function withoutWindow<Rule extends SingleRule | JoinRule | UnionRule>(
  rule: Rule,
  own: Changed,
  who: string,
  number: string,
): Rule {
  const { suppress, risk, tuned } = own.policy;
  const canTune = rule.kind !== 'union';
  const policy: Policy = {
    ...around(own, who, number),
    suppress: suppress === null ? rule.suppress : { by: suppress.whole ? [who] : [], for: suppress.for },
    ...(risk === null ? {} : { risk: { ...risk, score: risk.score === 'column' ? number : risk.score, on: who } }),
    ...(tuned === null || !canTune ? {} : tuned),
  };
  return { ...rule, ...policy };
}

function ofWindow(rule: WindowRule, own: Changed, rules: readonly SimulationRule[]): WindowRule {
  // A life has severities of its own.
  const closes = (rule.life?.close ?? null) !== null;
  const heads = around(own, rule.group_by[0], rule.input === undefined ? 'n' : 'w_n', closes);
  const whole = rule.life === undefined ? { ...rule, ...heads } : { ...rule, ...heads, severity: undefined };
  const canAsk = rule.input !== undefined && rule.local === undefined && own.asked.length > 0;
  return canAsk ? { ...whole, exists: own.asked.map((one) => overView(one, rule.input as string, rules)) } : whole;
}

/** A view's rows have other columns; and what is asked may be the view itself. */
function overView(one: CaseExists, view: string, rules: readonly SimulationRule[]): CaseExists {
  const isThere = one.input !== undefined && rules.some(({ name }) => name === view);
  const on: [string, string][] =
    one.on.length > 1
      ? [
          ['k1', 'k1'],
          ['fi', isThere ? 'fi' : 'ip'],
        ]
      : [['k1', 'k1']];
  return { ...one, on, greater: null, ...(isThere ? { input: view, where: null } : { input: undefined }) };
}
