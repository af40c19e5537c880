import type { JoinSpec, Truth, Value } from '../../engine/index.ts';
import { withoutAlias } from '../plan/join.ts';
import type { ColumnExpression, Expression, JoinPlan } from '../plan/plan.ts';
import type { StreamColumns } from './columns.ts';
import { compileExpression, type Evaluate, type Leaf } from './compile-expression.ts';
import { buildConjunct } from './conjunct.ts';
import type { FailureSites } from './failure-sites.ts';
import { columnsIn } from './walk.ts';

type Side = 'left' | 'right';

/** The side that a column of the joined stream comes from; null for the pair's own timestamp and tenant. */
function sideOf({ path }: ColumnExpression, { right_alias, kind }: JoinPlan): Side | null {
  if (path[0] === right_alias && path.length > 1) return 'right';
  // EXISTS gives left rows: all that is read of them is theirs, their time too.
  if (isExists(kind)) return 'left';
  return path.length < 2 ? null : 'left';
}

/** Whether a join gives left rows as they are, instead of pairs. */
export function isExists(kind: JoinPlan['kind']): boolean {
  return kind === 'semi' || kind === 'anti';
}

/** The column as the side's own stream knows it. */
function ownColumn(column: ColumnExpression, side: Side, join: JoinPlan): ColumnExpression {
  return withoutAlias(column, side === 'left' ? join.left_alias : join.right_alias) as ColumnExpression;
}

/** What a join whose readers ask for `read` must read of its sides. */
export function joinReads(join: JoinPlan, read: readonly Expression[]): Record<Side, Expression[]> {
  const sides: Record<Side, Expression[]> = {
    left: [...join.left_where, ...join.keys.map(({ left }) => left)],
    right: [...join.right_where, ...join.keys.map(({ right }) => right)],
  };
  for (const column of read.flatMap(columnsIn)) {
    const side = sideOf(column, join);
    if (side !== null) sides[side].push(ownColumn(column, side, join));
  }
  return sides;
}

/** The engine's form of a join, over the columns of its streams. */
export function buildJoin(
  join: JoinPlan,
  streams: readonly StreamColumns[],
  indexes: ReadonlyMap<string, number>,
  failures: FailureSites,
): JoinSpec {
  const indexOf = (name: string) => indexes.get(name) as number;
  const columnsOf = { left: streams[indexOf(join.left)], right: streams[indexOf(join.right)] };
  const place = (column: ColumnExpression) => {
    const side = sideOf(column, join);
    if (side === null) throw new Error(`the plan of ${join.name} reads ${column.name} of no side`);
    return { side, column: columnsOf[side].indexOf(ownColumn(column, side, join)) };
  };
  const sideSpec = (side: Side) => ({
    stream: indexOf(join[side]),
    where: join[`${side}_where`].map((conjunct) => buildConjunct(conjunct, columnsOf[side])),
    key: join.keys.map((key) => columnsOf[side].indexOfExpression(key[side], key.name)),
  });
  const { fields } = streams[indexOf(join.name)];
  return {
    ...{ left: sideSpec('left'), right: sideSpec('right') },
    ...{ before_ms: join.before_ms, after_ms: join.after_ms, kind: join.kind },
    ...(join.as_of ? { as_of: join.as_of } : {}),
    key_names: join.keys.map(({ name }) => name),
    sources: fields.map(place),
    residual: residualOf(join, fields, failures),
  };
}

/** Its columns are fields of the joined stream, so that they have a source. */
function residualOf(
  { residual }: JoinPlan,
  fields: readonly ColumnExpression[],
  failures: FailureSites,
): JoinSpec['residual'] {
  if (residual.length === 0) return null;
  const names = fields.map((field) => JSON.stringify(field));
  const keys = [...new Set(residual.flatMap(columnsIn).map((column) => JSON.stringify(column)))];
  const read = (leaf: Leaf): Evaluate<readonly Value[]> => {
    const at = keys.indexOf(JSON.stringify(leaf));
    return (values) => values[at];
  };
  const onFailure = failures.ofCalls(failures.readers());
  const tests = residual.map((conjunct) => compileExpression(conjunct, read, onFailure));
  const test = (values: readonly Value[]): Truth => tests.every((one) => one(values) === true);
  return { sources: keys.map((key) => names.indexOf(key)), test };
}
