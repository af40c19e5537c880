import type { OperatorSpec } from '../../engine/index.ts';
import { elementText } from '../functions/array.ts';
import { planHash } from '../plan/hash.ts';
import type { ColumnExpression, Expression, JoinPlan, OperatorPlan, ProgramPlan, UnnestPlan } from '../plan/plan.ts';
import type { Place } from './build-operator.ts';
import type { StreamColumns } from './columns.ts';
import { buildConjunct } from './conjunct.ts';
import { columnsIn } from './walk.ts';

/** A stream with a row for each element of an array of its input's rows. */
export interface UnnestStream {
  readonly name: string;
  readonly input: string;
  readonly array: Expression;
  /** What the element is called. */
  readonly column: string;
  /** What a row of the input must pass before it is taken apart. */
  readonly where: readonly Expression[];
}

/**
 * The plan with UNNEST as streams of their own: what WHERE asks without the element is asked before, and equal ones are one
 * stream. What is left of the operators, and of the sides of joins, reads that.
 */
export function takeUnnests(plan: ProgramPlan): { plan: ProgramPlan; unnests: ReadonlyMap<string, UnnestStream> } {
  const unnests = new Map<string, UnnestStream>();
  const chain = (input: string, list: readonly UnnestPlan[], where: readonly Expression[]) => {
    let left = { input, where };
    list.forEach((one, i) => {
      const later = list.slice(i);
      const asksLater = (condition: Expression) =>
        columnsIn(condition).some((column) => later.some((other) => isElement(column, other)));
      const meaning = { ...one, input: left.input, where: left.where.filter((condition) => !asksLater(condition)) };
      const stream = { ...meaning, name: `unnest ${planHash(meaning)}` };
      unnests.set(stream.name, stream);
      left = { input: stream.name, where: left.where.filter(asksLater) };
    });
    return left;
  };
  const take = ({ unnests: own = [], ...operator }: OperatorPlan): OperatorPlan => {
    const tunes = operator.tunes?.map((tune) => ({ ...tune, plan: take(tune.plan) }));
    const taken = tunes === undefined ? operator : { ...operator, tunes };
    return { ...taken, ...chain(operator.input, own, operator.where) };
  };
  const takeSides = ({ left_unnests = [], right_unnests = [], ...join }: JoinPlan): JoinPlan => {
    const left = chain(join.left, left_unnests, join.left_where);
    const right = chain(join.right, right_unnests, join.right_where);
    return { ...join, left: left.input, left_where: left.where, right: right.input, right_where: right.where };
  };
  const joined = plan.joins === undefined ? {} : { joins: plan.joins.map(takeSides) };
  return { plan: { ...plan, ...joined, operators: plan.operators.map(take) }, unnests };
}

/** A field of the input cannot have the name: the checker refuses that. */
function isElement({ path }: ColumnExpression, { column }: Pick<UnnestStream, 'column'>): boolean {
  return path.length === 1 && path[0] === column;
}

/** What it must read of its input when its readers ask for `read`. */
export function unnestReads(unnest: UnnestStream, read: readonly Expression[]): Expression[] {
  const passed = read.flatMap(columnsIn).filter((column) => !isElement(column, unnest));
  return [unnest.array, ...unnest.where, ...passed];
}

/**
 * The view that makes the rows; its outputs are the fields of its stream, in their order and named by their places.
 * `below`: how many UNNESTs made the rows of its input.
 */
export function buildUnnest(
  unnest: UnnestStream,
  input: StreamColumns,
  own: StreamColumns,
  place: Place,
  below: number,
): OperatorSpec {
  const sources = own.fields.map((field) => (isElement(field, unnest) ? null : input.indexOf(field)));
  const row_columns = [...new Set(sources.filter((column) => column !== null))];
  return {
    ...{ name: unnest.name, kind: 'view', ...place, plan_hash: unnest.name },
    where: unnest.where.map((conjunct) => buildConjunct(conjunct, input)),
    unnest: { column: input.indexOfExpression(unnest.array, 'array'), below },
    ...{ key: null, key_names: [], window: null, aggregates: [], having: null, having_reads: [] },
    ...{ bounds: [], bounds_are_exact: true, row_columns, suppress: null, evidence_limit: 1 },
    outputs: own.fields.map(({ type }, i) => {
      const source = sources[i];
      const at = source === null ? row_columns.length : row_columns.indexOf(source);
      const name = String(i);
      if (source !== null) return { name, type, evaluate: ({ row }) => row[at] };
      return { name, type, evaluate: ({ row }) => elementText(row[at]) };
    }),
    metadata: {
      ...{ title: [], severity: 'info', confidence: null, attack: [], entity: null },
      ...{ description: null, runbook: null, tags: [], references: [] },
    },
  };
}
