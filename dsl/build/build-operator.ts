import type {
  AggregateSpec,
  Decided,
  GroupResult,
  LowerBound,
  MuteSpec,
  OperatorSpec,
  OutputSpec,
  Reference,
  Severity,
  SuppressSpec,
  Truth,
} from '../../engine/index.ts';
import type { AggregatePlan, BoundPlan, Expression, OperatorPlan } from '../plan/plan.ts';
import type { StreamColumns } from './columns.ts';
import { compileExpression, type Evaluate, type Leaf } from './compile-expression.ts';
import { buildConjunct } from './conjunct.ts';
import { FailureSites, type OnFailure } from './failure-sites.ts';
import { compileOverDetection } from './over-detection.ts';
import { partsOf } from './walk.ts';
import { buildWindow } from './window.ts';

/** Where an operator stands among the others. */
export interface Place {
  readonly depth: number;
  readonly input: number;
  readonly output_stream: number;
}

/** One operator of the program. Throws on a plan that the checker cannot have made. */
export function buildOperator(
  plan: OperatorPlan,
  stream: StreamColumns,
  place: Place,
  lookups: readonly { readonly name: string }[] = [],
  failures: FailureSites = new FailureSites(),
): OperatorSpec {
  const onFailure = failures.ofCalls(failures.readers(), plan);
  const row_columns = rowColumnsOf(plan, stream);
  const read = (leaf: Leaf): Evaluate<GroupResult> => readResult(plan, stream, row_columns, leaf);
  const having = plan.having === null ? null : compileExpression(plan.having, read, onFailure);
  return {
    ...{ name: plan.name, kind: plan.kind, ...place, plan_hash: plan.hash },
    where: plan.where.map((conjunct) => buildConjunct(conjunct, stream)),
    key: plan.key?.map(({ expression, name }) => stream.indexOfExpression(expression, name)) ?? null,
    key_names: keyNamesOf(plan),
    window: plan.window === null ? null : buildWindow(plan.window, lookups),
    aggregates: plan.aggregates.map((aggregate) => buildAggregate(aggregate, plan, stream, failures)),
    having: having === null ? null : (result) => having(result) as Truth,
    having_reads: plan.having === null ? [] : aggregatesIn(plan.having),
    bounds: plan.bounds.map((bound) => buildBound(bound, stream)),
    bounds_are_exact: plan.bounds_are_exact,
    row_columns,
    outputs: plan.outputs.map(
      ({ name, type, expression }): OutputSpec => ({
        name,
        type,
        evaluate: compileExpression(expression, read, onFailure),
      }),
    ),
    suppress: plan.suppress === null ? null : buildSuppress(plan, plan.suppress),
    // A view's row stands for its last event alone.
    evidence_limit: plan.kind === 'rule' ? plan.evidence_limit : 0,
    emits_early: plan.emits_early,
    metadata: plan.metadata,
    ...severityOf(plan, onFailure),
    ...riskOf(plan, onFailure),
    ...mutesOf(plan, onFailure),
    ...lifeOf(plan, onFailure),
    ...(plan.state_keys === undefined ? {} : { state_keys: plan.state_keys }),
    ...(plan.across === true ? { across: true as const } : {}),
  };
}

/** The numbers of the aggregates that an expression reads. */
function aggregatesIn(expression: Expression): number[] {
  if (expression.kind === 'aggregate') return [expression.index];
  return [...new Set(partsOf(expression).flatMap(aggregatesIn))];
}

function severityOf({ severity }: OperatorPlan, onFailure: OnFailure): Pick<OperatorSpec, 'severity'> {
  if (severity === undefined) return {};
  const evaluate = compileOverDetection(severity, onFailure);
  return { severity: (decided) => evaluate(decided) as Severity | null };
}

function riskOf({ risk }: OperatorPlan, onFailure: OnFailure): Pick<OperatorSpec, 'risk'> {
  if (risk === undefined) return {};
  const { score, type, entity, half_life_ms } = risk;
  return { risk: { score: compileOverDetection(score, onFailure), entity: { type, id: entity }, half_life_ms } };
}

function mutesOf({ exceptions = [] }: OperatorPlan, onFailure: OnFailure): Pick<OperatorSpec, 'mutes'> {
  const mutes = exceptions
    .filter(({ action }) => action === 'mute')
    .map(({ name, condition, valid_from_ms, valid_to_ms }): MuteSpec => {
      const evaluate = compileOverDetection(condition, onFailure);
      const from_ms = valid_from_ms ?? Number.NEGATIVE_INFINITY;
      const to_ms = valid_to_ms ?? Number.POSITIVE_INFINITY;
      return { name, from_ms, to_ms, test: (decided) => evaluate(decided) as Truth };
    });
  return mutes.length === 0 ? {} : { mutes };
}

function lifeOf({ life }: OperatorPlan, onFailure: OnFailure): Pick<OperatorSpec, 'life'> {
  if (life === undefined) return {};
  const escalations = life.escalations.map(({ when, severity }) => {
    const condition = compileOverDetection(when, onFailure);
    return { when: (decided: Decided) => condition(decided) as Truth, severity };
  });
  return { life: { ...life, escalations } };
}

/** A single-event operator's outputs read the row; a windowed one's read its group. */
function rowColumnsOf({ key, outputs }: OperatorPlan, stream: StreamColumns): number[] {
  if (key !== null) return [];
  return [...new Set(outputs.flatMap(({ expression }) => stream.indexesIn(expression)))];
}

/** The plan's own names; a part that is named like an earlier one (`GROUP BY a + 1, b + 1`) gets its place behind it. */
function keyNamesOf({ key }: OperatorPlan): string[] {
  const names: string[] = [];
  for (const { name } of key ?? []) {
    let unique = name;
    for (let place = names.length + 1; names.includes(unique); place++) unique = `${name}_${place}`;
    names.push(unique);
  }
  return names;
}

/** How HAVING and the outputs read a leaf of their expressions. */
function readResult(
  plan: OperatorPlan,
  stream: StreamColumns,
  row_columns: readonly number[],
  leaf: Leaf,
): Evaluate<GroupResult> {
  switch (leaf.kind) {
    case 'key':
      return (result) => result.key[leaf.index];
    case 'aggregate':
      return (result) => result.aggregates[leaf.index];
    case 'window_start':
      return (result) => result.window_start;
    case 'window_end':
      return (result) => result.window_end;
    default: {
      const place = row_columns.indexOf(stream.indexOf(leaf));
      if (place < 0) {
        const what = leaf.kind === 'column' ? `column ${leaf.name}` : `the lookup ${leaf.lookup}`;
        throw new Error(`the plan of ${plan.name} reads ${what} outside of a group`);
      }
      return (result) => result.row[place];
    }
  }
}

function buildAggregate(
  plan: AggregatePlan,
  operator: OperatorPlan,
  stream: StreamColumns,
  failures: FailureSites,
): AggregateSpec {
  const { argument, filter, type, limit, distinct, fraction, non_negative } = plan;
  return {
    function: plan.function,
    column: argument === null ? null : stream.indexOfExpression(argument, `argument of ${plan.function}`),
    type,
    filter: filter === null ? null : stream.indexOfExpression(filter, `filter of ${plan.function}`),
    ...{ limit, distinct, non_negative },
    ...(plan.function === 'sum' || plan.function === 'avg' ? { onFailure: failures.ofAggregate(plan, operator) } : {}),
    ...(fraction === undefined ? {} : { fraction }),
  };
}

function buildBound({ reached, ...bound }: BoundPlan, stream: StreamColumns): LowerBound {
  if (reached === undefined) return bound;
  return { ...bound, reached: stream.indexOfExpression(reached, `bound of ${bound.aggregate}`) };
}

/** SUPPRESS BY names an output or a part of the key. */
function buildSuppress(plan: OperatorPlan, { by, for_ms, reset }: NonNullable<OperatorPlan['suppress']>): SuppressSpec {
  const references = by.map((name): Reference => {
    const output = plan.outputs.findIndex((one) => one.name === name);
    if (output >= 0) return { from: 'output', index: output };
    const part = plan.key?.findIndex((one) => one.name === name) ?? -1;
    if (part >= 0) return { from: 'key', index: part };
    throw new Error(`the plan of ${plan.name} suppresses by '${name}', which it neither selects nor groups by`);
  });
  return { by: references, for_ms, reset };
}
