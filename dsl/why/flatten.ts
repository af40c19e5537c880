import { partsOf } from '../build/walk.ts';
import type { Expression, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { openBaselines } from './baseline.ts';

/**
 * The operator with the single-event views that it reads put into it, so that its funnel begins at the events. It
 * means the same: such a view gives a row for each event that passes, with what its SELECT computes from that event.
 * `tenant`: whose views they are where TUNE makes them others for some; null: those of the tenants that it does not name.
 */
export function flatten(operator: OperatorPlan, plan: ProgramPlan, tenant: string | null = null): OperatorPlan {
  const base = plan.operators.find(({ name }) => name === operator.input);
  const view = base === undefined ? undefined : ofTenant(base, tenant);
  // An UNNEST begins at the rows that it takes apart, and a view with one is not one row for an event.
  if (view === undefined || view.key !== null || (view.unnests ?? operator.unnests) !== undefined) return operator;
  const outputs = new Map(view.outputs.map(({ name, expression }) => [name, expression]));
  const inner = (e: Expression): Expression => substitute(e, outputs);
  const lookups = [...(view.lookups ?? []), ...(operator.lookups ?? [])];
  const flat: OperatorPlan = {
    ...operator,
    input: view.input,
    where: [...view.where, ...operator.where.map(inner)],
    key: operator.key?.map((part) => ({ ...part, expression: inner(part.expression) })) ?? null,
    aggregates: operator.aggregates.map((one) => ({
      ...one,
      argument: one.argument === null ? null : inner(one.argument),
      filter: one.filter === null ? null : inner(one.filter),
    })),
    outputs: operator.outputs.map((output) => ({ ...output, expression: inner(output.expression) })),
    ...(lookups.length === 0 ? {} : { lookups }),
  };
  return flatten(flat, plan, tenant);
}

/** What an operator is for a tenant: by TUNE it may be another one than for the others. */
export function ofTenant(operator: OperatorPlan, tenant: string | null): OperatorPlan {
  const tune = operator.tunes?.find(({ tenants }) => tenant !== null && tenants.includes(tenant));
  return tune?.plan ?? operator;
}

/** An operator of a plan by its name, with the views put into it and its tables open; null where there is none. */
export function flatOperator(name: string, plan: ProgramPlan): OperatorPlan | null {
  const operator = plan.operators.find((one) => one.name === name);
  return operator === undefined ? null : openBaselines(flatten(operator, plan), plan.joins ?? []).rule;
}

function substitute(e: Expression, outputs: ReadonlyMap<string, Expression>): Expression {
  const inner = (part: Expression): Expression => substitute(part, outputs);
  if (e.kind === 'column') return outputs.get(e.name) ?? e;
  if (partsOf(e).length === 0) return e;
  switch (e.kind) {
    case 'call':
    case 'and':
    case 'or':
      return { ...e, arguments: e.arguments.map(inner) };
    case 'lookup':
      return { ...e, keys: e.keys.map(inner) };
    case 'not':
    case 'is_null':
      return { ...e, argument: inner(e.argument) };
    case 'in':
      return { ...e, argument: inner(e.argument), list: e.list.map(inner) };
    case 'case': {
      const branches = e.branches.map(({ when, then }) => ({ when: inner(when), then: inner(then) }));
      return { ...e, branches, otherwise: e.otherwise === null ? null : inner(e.otherwise) };
    }
    default:
      return e;
  }
}
