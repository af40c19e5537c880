import type { ValueType } from '../../engine/index.ts';
import type { Checked, CheckedAggregate, CheckedLookup, CheckedOperator, CheckedSelect } from '../check/checked.ts';
import { identity } from '../check/checked.ts';
import { ofTenants } from '../check/tune.ts';
import { boundsOf, isDecidedEarly } from './bounds.ts';
import { planHash, withoutAliases } from './hash.ts';
import type {
  AggregatePlan,
  ExceptionPlan,
  Expression,
  NamedExpression,
  OperatorPlan,
  TunePlan,
  WindowPlan,
} from './plan.ts';

/** Collects the different aggregates of an operator: equal calls are computed once. */
class Aggregates {
  readonly plans: AggregatePlan[] = [];
  readonly #byIdentity = new Map<string, number>();

  /** Number of this aggregate among the operator's. */
  number(call: CheckedAggregate): number {
    const key = identity(call);
    const known = this.#byIdentity.get(key);
    if (known !== undefined) return known;
    const { limit, distinct, fraction, non_negative, type } = call;
    this.plans.push({
      function: call.function,
      argument: call.argument === null ? null : lower(call.argument, this),
      filter: call.filter === null ? null : lower(call.filter, this),
      ...{ type: typed(type), limit, distinct, non_negative },
      // Absent where it means nothing, so that it is in no other rule's hash.
      ...(fraction === undefined ? {} : { fraction }),
    });
    this.#byIdentity.set(key, this.plans.length - 1);
    return this.plans.length - 1;
  }
}

/** A value that is always NULL still needs a column to stand in. */
function typed(type: ValueType): ValueType {
  return type === 'null' ? 'string' : type;
}

/** A checked expression without its places, aggregates by number. */
function lower(expression: Checked, aggregates: Aggregates): Expression {
  const all = (list: readonly Checked[]) => list.map((part) => lower(part, aggregates));
  switch (expression.kind) {
    case 'literal':
      return { kind: 'literal', type: expression.type, value: expression.value };
    case 'column': {
      const { name, path, type, conversion } = expression;
      return { kind: 'column', name, path, type, conversion };
    }
    case 'lookup': {
      const { lookup, output, keys, type } = expression;
      return { kind: 'lookup', lookup, output, keys: all(keys), type };
    }
    case 'key':
      return { kind: 'key', index: expression.index, type: expression.type };
    case 'window_start':
    case 'window_end':
      return { kind: expression.kind, type: 'timestamp' };
    case 'aggregate':
      return { kind: 'aggregate', index: aggregates.number(expression), type: typed(expression.type) };
    case 'call':
      return {
        kind: 'call',
        function: expression.function,
        arguments: all(expression.arguments),
        type: expression.type,
      };
    case 'and':
    case 'or':
      return { kind: expression.kind, arguments: all(expression.arguments), type: 'bool' };
    case 'not':
    case 'is_null':
      return { kind: expression.kind, argument: lower(expression.argument, aggregates), type: 'bool' };
    case 'in':
      return {
        kind: 'in',
        argument: lower(expression.argument, aggregates),
        list: all(expression.list),
        type: 'bool',
      };
    case 'case':
      return {
        kind: 'case',
        branches: expression.branches.map(({ when, result }) => ({
          when: lower(when, aggregates),
          then: lower(result, aggregates),
        })),
        otherwise: expression.otherwise === null ? null : lower(expression.otherwise, aggregates),
        type: typed(expression.type),
      };
  }
}

/** AND taken apart, however it was bracketed; what is always true is left out. */
export function conjunctsOf(condition: Checked | null): readonly Checked[] {
  if (condition === null) return [];
  if (condition.kind === 'and') return condition.arguments.flatMap(conjunctsOf);
  return condition.kind === 'literal' && condition.value === true ? [] : [condition];
}

/** The plan of a checked rule or view with what it is for tenants that have values of their own (TUNE). */
export function lowerOperator(
  operator: CheckedOperator,
  inputOf: InputOf,
  line: number,
  lookups: readonly CheckedLookup[] = [],
): OperatorPlan {
  const { tunes, span } = operator;
  if (tunes.length === 0) return lowerOne(operator, inputOf, line, lookups);
  const tuned = tunes.flatMap(({ tenants }) => tenants);
  const others: Checked = { kind: 'not', argument: ofTenants(tuned, span), type: 'bool', span };
  const base = lowerOne(where(operator, others), inputOf, line, lookups);
  const plans = tunes.map(({ tenants, because, owner, operator: own }): TunePlan => {
    return { tenants, because, owner, plan: lowerOne(where(own, ofTenants(tenants, span)), inputOf, line, lookups) };
  });
  // One rule, one hash: of what it is for every tenant.
  const hash = planHash([base.hash, ...plans.map(({ plan }) => plan.hash).sort()]);
  return { ...base, hash, tunes: plans.map((tune) => ({ ...tune, plan: { ...tune.plan, hash } })) };
}

/** The operator with one more condition in front of those of its WHERE. */
function where(operator: CheckedOperator, condition: Checked): CheckedOperator {
  const { select } = operator;
  const parts = select.where === null ? [condition] : [condition, select.where];
  return {
    ...operator,
    select: { ...select, where: { kind: 'and', arguments: parts, type: 'bool', span: condition.span } },
  };
}

/** What an operator reads: events (without a hash), a view or a join; and the conditions that are left to ask of its rows. */
export interface LoweredInput {
  readonly name: string;
  readonly hash: string | null;
  readonly where: readonly Checked[];
  /** Of a join: the aliases of its sides, which say nothing but which is which. */
  readonly aliases?: readonly string[];
}

/** Says what an operator reads; a join is made with it. */
export type InputOf = (operator: CheckedOperator) => LoweredInput;

/** An expression over rows: there are no aggregates in it. */
export function lowerRowExpression(expression: Checked): Expression {
  return lower(expression, new Aggregates());
}

/** The plan of one operator. */
function lowerOne(
  operator: CheckedOperator,
  inputOf: InputOf,
  line: number,
  lookups: readonly CheckedLookup[],
): OperatorPlan {
  const { select } = operator;
  const aggregates = new Aggregates();
  const named = (name: string, expression: Checked): NamedExpression => ({
    name,
    type: typed(expression.type),
    expression: lower(expression, aggregates),
  });
  const input = inputOf(operator);
  const where = input.where.map((conjunct) => lower(conjunct, aggregates));
  const key = select.key?.map((part) => named(part.name, part.expression)) ?? null;
  const having = select.having === null ? null : lower(select.having, aggregates);
  const outputs = select.outputs.map((output) => named(output.name, output.expression));
  const { bounds, exact } = boundsOf(having, aggregates.plans);
  const window = windowOf(operator, having, aggregates.plans);
  const read = lookupsRead(select, lookups);
  const meaning = {
    ...{ kind: operator.kind, name: operator.name, input: input.name, where, key, window },
    ...{ aggregates: aggregates.plans, having, bounds, bounds_are_exact: exact, outputs },
    ...{ suppress: operator.suppress, evidence_limit: operator.evidence_limit, params: operator.params },
    ...unnestsOf(operator, aggregates),
    ...riskOf(operator, aggregates),
    ...(read.length === 0 ? {} : { lookups: read }),
    ...lifeOf(operator, aggregates),
    ...(operator.state_keys === null ? {} : { state_keys: operator.state_keys }),
    ...(operator.across === null ? {} : { across: true as const }),
  };
  const exceptions = operator.exceptions.map(({ place: _, ...one }): ExceptionPlan => {
    return { ...one, condition: lower(one.condition, aggregates) };
  });
  const mutes = exceptions
    .filter(({ action }) => action === 'mute')
    .map(({ condition, valid_from_ms, valid_to_ms }) => ({ condition, valid_from_ms, valid_to_ms }));
  const source = { path: operator.path, line };
  const severity = operator.severity === null ? {} : { severity: lower(operator.severity, aggregates) };
  const emits_early = operator.emit_early !== null;
  const excepted = exceptions.length === 0 ? {} : { exceptions };
  const written = operator.table ? { table: true as const } : {};
  const outside = { ...written, ...excepted, emits_early, metadata: operator.metadata, ...severity, source };
  const hashed = { ...meaning, ...hashedBounds(bounds, exact), ...(mutes.length === 0 ? {} : { mutes }) };
  const hash = planHash({ ...withoutAliases(hashed, input.aliases ?? []), ...namesIn(operator, input) });
  return { ...meaning, ...outside, hash };
}

/** Bounds follow from HAVING: those that are asked of each row came later, and change no rule's hash. */
function hashedBounds(
  bounds: OperatorPlan['bounds'],
  exact: boolean,
): Pick<OperatorPlan, 'bounds' | 'bounds_are_exact'> {
  const hashed = bounds.filter(({ reached }) => reached === undefined);
  return { bounds: hashed, bounds_are_exact: exact && hashed.length === bounds.length };
}

/**
 * What is hashed of names: a rule's own, and the stream's. What a view is called, and whether it stands in the rule or in a
 * statement of its own, is no meaning: it is in the hash by what it means.
 */
function namesIn({ kind, name, branch }: CheckedOperator, input: LoweredInput) {
  return {
    // Two SELECTs of a UNION ALL that mean the same are two all the same: their rows have ids of their own (S7).
    ...(branch === null ? {} : { branch }),
    name: kind === 'view' ? null : name,
    input: input.hash === null ? input.name : null,
    input_hash: input.hash,
  };
}

/** Absent where there is none, so that it is in no other rule's hash. */
function unnestsOf({ select: { unnests } }: CheckedOperator, aggregates: Aggregates): Pick<OperatorPlan, 'unnests'> {
  if (unnests.length === 0) return {};
  return { unnests: unnests.map(({ array, column }) => ({ array: lower(array, aggregates), column })) };
}

/** Absent where there is none, so that it is in no other rule's hash. */
function riskOf({ risk }: CheckedOperator, aggregates: Aggregates): Pick<OperatorPlan, 'risk'> {
  return risk === null ? {} : { risk: { ...risk, score: lower(risk.score, aggregates) } };
}

/** The meaning of the lookups that a SELECT reads: columns, key and bounds, not where the rows come from. */
function lookupsRead(select: CheckedSelect, lookups: readonly CheckedLookup[]): NonNullable<OperatorPlan['lookups']> {
  if (lookups.length === 0) return [];
  const { window } = select;
  const names = new Set<string>();
  if (window !== null && 'empty_keys' in window && window.empty_keys !== undefined) names.add(window.empty_keys);
  // Names of lookups are plain data at the nodes that read them.
  JSON.stringify(select, (_, part) => {
    if (part?.kind === 'lookup' && typeof part.lookup === 'string') names.add(part.lookup);
    return part;
  });
  return lookups
    .filter(({ name }) => names.has(name))
    .map(({ name, columns, key, valid_from, valid_to }) => ({ name, columns, key, valid_from, valid_to }));
}

function lifeOf({ life }: CheckedOperator, aggregates: Aggregates): Pick<OperatorPlan, 'life'> {
  if (life === null) return {};
  const escalations = life.escalations.map(({ when, severity }) => ({ when: lower(when, aggregates), severity }));
  return { life: { ...life, escalations } };
}

function windowOf(
  { select, emit_at_end }: CheckedOperator,
  having: Expression | null,
  aggregates: readonly AggregatePlan[],
): WindowPlan | null {
  if (select.window === null) return null;
  const { window } = select;
  if (window.kind === 'sliding') return { ...window, decided: 'event' };
  // An empty window is known to be empty at its end only.
  const waits = emit_at_end || (window.kind !== 'session' && (window.empty_ms ?? window.empty_keys) !== undefined);
  return { ...window, decided: !waits && isDecidedEarly(having, aggregates) ? 'early' : 'end' };
}
