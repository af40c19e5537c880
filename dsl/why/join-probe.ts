import type { Detection, Value } from '../../engine/index.ts';
import { expressionText } from '../build/index.ts';
import { mapColumns } from '../plan/map-columns.ts';
import type { ColumnExpression, Expression, JoinPlan, OperatorPlan } from '../plan/plan.ts';
import type { WhyCondition } from './answer.ts';
import type { WhyRow } from './join-answer.ts';
import { Layout } from './layout.ts';
import { rowProbe } from './probe.ts';

/** The left side's alias in a probe, where its columns have none; no rule can write it. */
const leftAlias = 'left row';

/** One join of a rule, and the stream whose rows it is asked of: EXISTS behind EXISTS is asked of the same rows. */
export interface JoinStep {
  readonly join: JoinPlan;
  readonly base: string;
  /** What of the arrays of `base` becomes rows before it is asked. */
  readonly unnests: OperatorPlan['unnests'];
}

/**
 * The joins that make a stream, the first one first; [] for a stream that is none. A table beside the rows makes no other
 * rows of them.
 */
export function joinSteps(input: string, joins: readonly JoinPlan[]): JoinStep[] {
  const join = joins.find(({ name }) => name === input);
  if (join === undefined) return [];
  const below = joinSteps(join.left, joins);
  if (join.as_of) return below;
  const before = below.at(-1);
  const isBehind = isExists(join) && before !== undefined && isExists(before.join);
  const own = isBehind ? before : { base: join.left, unnests: join.left_unnests };
  return [...below, { join, base: own.base, unnests: own.unnests }];
}

export function isExists({ kind }: JoinPlan): boolean {
  return kind === 'semi' || kind === 'anti';
}

/** A left row with one right row of its key, near or not so near; of a left row without any, null. */
export interface ProbedPair {
  readonly tenant: string;
  readonly left: WhyRow;
  readonly right: WhyRow | null;
  readonly of_left: readonly WhyCondition[];
  /** On the right row, then on the pair. */
  readonly of_pair: readonly WhyCondition[];
}

/**
 * A join without its conditions and with more distance, as a LEFT JOIN: the engine itself says which rows were there and
 * what each condition is of them.
 */
export class JoinProbe {
  readonly plan: JoinPlan;
  readonly operator: OperatorPlan;
  readonly #layout: Layout;
  readonly #of_left: number;

  constructor(
    { join, base, unnests }: JoinStep,
    rule: OperatorPlan,
    restrict: readonly Expression[],
    isJoined: boolean,
  ) {
    const alias = isJoined ? null : (join.left_alias ?? leftAlias);
    const prefix = (e: Expression, name: string | null) =>
      name === null ? e : mapColumns(e, (one) => with_(one, name));
    const ofPair = (e: Expression) =>
      !isExists(join)
        ? e
        : mapColumns(e, (one) => (one.path[0] === join.right_alias || alias === null ? one : with_(one, alias)));
    const left = join.left_where.map((one) => prefix(one, alias));
    const right = join.right_where.map((one) => prefix(one, join.right_alias));
    const conditions = [...left, ...right, ...join.residual.map(ofPair)];
    this.#of_left = left.length;
    this.#layout = new Layout(rule, conditions, [], (one) => expressionText(one, rule));
    const look_ms = Math.max(10 * (join.before_ms + join.after_ms), 3_600_000);
    const name = `probe:${join.name}`;
    this.plan = {
      ...{ ...join, name, hash: name, kind: 'left', left: base, left_alias: alias },
      ...(unnests === undefined ? {} : { left_unnests: unnests }),
      ...{ before_ms: join.before_ms + look_ms, after_ms: join.after_ms + look_ms },
      ...{ left_where: restrict, right_where: [], residual: [] },
    };
    this.operator = { ...rowProbe(rule, name, [], this.#layout.outputs), input: name };
  }

  read(detection: Detection): ProbedPair {
    const { anchor, tenant } = detection;
    if (!('left' in anchor)) throw new Error('a join gives pairs');
    const row = ({ timestamp, id }: { timestamp: number; id: string }): WhyRow => ({ at_ms: timestamp, id });
    const conditions = this.#layout.read(detection).conditions.map(plainly);
    return {
      ...{ tenant, left: row(anchor.left), right: anchor.right === null ? null : row(anchor.right) },
      of_left: conditions.slice(0, this.#of_left),
      of_pair: conditions.slice(this.#of_left),
    };
  }
}

function with_(column: ColumnExpression, alias: string): ColumnExpression {
  return { ...column, name: `${alias}.${column.name}`, path: [alias, ...column.path] };
}

function plainly({ parts, ...one }: WhyCondition): WhyCondition {
  const named = { ...one, text: plain(one.text), name: plain(one.name) };
  return parts === undefined ? named : { ...named, parts: { ...parts, all: parts.all.map(plainly) } };
}

function plain(text: string): string {
  return text.replaceAll(`${leftAlias}.`, '');
}

/** That an expression has this value, or is NULL. */
export function equals(expression: Expression, value: Value): Expression {
  if (value === null) return { kind: 'is_null', argument: expression, type: 'bool' };
  const literal: Expression = { kind: 'literal', type: expression.type, value };
  return { kind: 'call', function: '=', arguments: [expression, literal], type: 'bool' };
}

/** The expression as it is called behind the first join. */
export function behind(expression: Expression, { left_alias }: Pick<JoinPlan, 'left_alias'>): Expression {
  return left_alias === null ? expression : mapColumns(expression, (one) => with_(one, left_alias));
}
