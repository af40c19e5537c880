import type { OperatorPlan, ProgramPlan } from './plan.ts';

/** A view that counts, and that nothing reads. */
export interface ExceptionProbe {
  /** Name of the view in the program: its `events` are the rows that the exception kept from the rule. */
  readonly view: string;
  readonly rule: string;
  readonly exception: string;
}

/** More rows than a window of a millisecond is allowed to hold: the view never gives a row, and a row costs an append. */
const never = 1_000_000;

/**
 * The plan with a counting view for each IGNORE, for a backtest that says what its exceptions swallowed. What the rules
 * find is the same. IGNORE stands at the end of the rule's WHERE, one condition for each.
 */
export function withExceptionProbes(plan: ProgramPlan): { plan: ProgramPlan; probes: readonly ExceptionProbe[] } {
  const probes: ExceptionProbe[] = [];
  const views: OperatorPlan[] = [];
  for (const operator of plan.operators) {
    const ignored = (operator.exceptions ?? []).filter(({ action }) => action === 'ignore');
    // In front of the WHERE of a tuned rule stands for which tenants it is: the exception is for all.
    const first = operator.tunes === undefined ? 0 : 1;
    const where = operator.where.slice(first, operator.where.length - ignored.length);
    for (const { name, condition } of ignored) {
      const view = `exception:${name}:${operator.name}`;
      probes.push({ view, rule: operator.name, exception: name });
      views.push(countingView(operator, view, [...where, condition]));
    }
  }
  return { plan: { ...plan, operators: [...plan.operators, ...views] }, probes };
}

/** A view that counts the rows for which these conditions are true: its `events`. */
export function countingView(operator: OperatorPlan, name: string, where: OperatorPlan['where']): OperatorPlan {
  const { input, source, unnests } = operator;
  const count = { function: 'count', argument: null, filter: null, type: 'int', limit: 0, distinct: false } as const;
  return {
    ...{ kind: 'view', name, input, where, source, hash: name, emits_early: false, params: [], suppress: null },
    ...(unnests === undefined ? {} : { unnests }),
    ...{ key: [], window: { kind: 'sliding', size_ms: 1, decided: 'event' } },
    ...{ aggregates: [{ ...count, non_negative: false }], outputs: [], evidence_limit: 0 },
    having: {
      kind: 'call',
      function: '>=',
      arguments: [
        { kind: 'aggregate', index: 0, type: 'int' },
        { kind: 'literal', type: 'int', value: never },
      ],
      type: 'bool',
    },
    ...{ bounds: [{ aggregate: 0, least: never }], bounds_are_exact: true },
    metadata: {
      ...{ title: [], severity: 'info', confidence: null, attack: [], entity: null },
      ...{ description: null, runbook: null, tags: [], references: [] },
    },
  };
}
