import type { ColumnExpression, Expression, OperatorPlan, ProgramPlan } from '../../../dsl/plan/plan.ts';
import { eventSchemaV1, type Value, type ValueType } from '../../../engine/index.ts';

/** Plans written by hand, so that build/ is tested without the front. */
export function column(
  name: string,
  type: ValueType = 'string',
  conversion: ColumnExpression['conversion'] = 'declared',
) {
  return { kind: 'column', name, path: name.split('.'), type, conversion } as const;
}

export function literal(value: Value, type?: ValueType): Expression {
  const natural =
    value === null ? 'null' : typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'string';
  return { kind: 'literal', type: type ?? natural, value };
}

export function callOf(name: string, args: readonly Expression[], type: ValueType = 'bool'): Expression {
  return { kind: 'call', function: name, arguments: args, type };
}

export const aggregate = (index: number, type: ValueType = 'int'): Expression => ({ kind: 'aggregate', index, type });
export const key = (index: number, type: ValueType = 'string'): Expression => ({ kind: 'key', index, type });

export const countAll: OperatorPlan['aggregates'][number] = {
  ...{ function: 'count', argument: null, filter: null, type: 'int' },
  ...{ limit: 100, distinct: false, non_negative: false },
};

/** A single-event rule on events that selects account_id; `change` makes it another. */
export function operator(change: Partial<OperatorPlan> = {}): OperatorPlan {
  return {
    ...{ kind: 'rule', name: 'r', input: 'events', where: [], key: null, window: null, aggregates: [], having: null },
    ...{ bounds: [], bounds_are_exact: false, suppress: null, evidence_limit: 20, emits_early: false, params: [] },
    outputs: [{ name: 'account_id', type: 'string', expression: column('account_id') }],
    metadata: {
      ...{ title: ['r'], severity: 'medium', confidence: null, attack: [], entity: null, description: null },
      ...{ runbook: null, tags: [], references: [] },
    },
    source: { path: 'r.rule.sql', line: 1 },
    hash: '0123456789abcdef',
    ...change,
  };
}

/** count(*) >= least per account in a sliding window. */
export function threshold(least: number, change: Partial<OperatorPlan> = {}): OperatorPlan {
  return operator({
    key: [{ name: 'account_id', type: 'string', expression: column('account_id') }],
    window: { kind: 'sliding', size_ms: 900_000, decided: 'event' },
    aggregates: [countAll],
    having: callOf('>=', [aggregate(0), literal(least)]),
    bounds: [{ aggregate: 0, least }],
    bounds_are_exact: true,
    outputs: [
      { name: 'account_id', type: 'string', expression: key(0) },
      { name: 'failures', type: 'int', expression: aggregate(0) },
    ],
    ...change,
  });
}

export function program(...operators: OperatorPlan[]): ProgramPlan {
  const settings = { lateness_ms: 5_000, idle_ms: 5_000, max_ahead_ms: 300_000, dedup_horizon_ms: 3_600_000 };
  return { stream: { name: 'events', schema: eventSchemaV1, settings }, operators, hash: 'fedcba9876543210' };
}
