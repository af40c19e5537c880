import type { Checked, CheckedJoin, CheckedUnnest } from '../check/checked.ts';
import { aliasesIn } from '../check/stream-join.ts';
import { planHash, withoutAliases } from './hash.ts';
import { mapColumns } from './map-columns.ts';
import type { ColumnExpression, Expression, JoinPlan, UnnestPlan } from './plan.ts';

/** What lowering a join needs of the program around it. */
export interface JoinSurroundings {
  /** Hash of a view; null for the stream of events. */
  hashOf(input: string): string | null;
  lower(expression: Checked): Expression;
}

interface LoweredJoin {
  readonly joins: readonly JoinPlan[];
  readonly rest: readonly Checked[];
  /** First parts of the names of the columns that readers know. */
  readonly aliases: readonly string[];
}

/**
 * The plans of a join and of those below it, the lowest first. Conditions of WHERE that ask one side alone are asked
 * before the join where that means the same (not of the right side of a LEFT JOIN or of a table, nor what a lookup says of
 * a row that can be the earlier one): `rest` is what is left of them.
 */
export function lowerJoin(join: CheckedJoin, where: readonly Checked[], around: JoinSurroundings): LoweredJoin {
  if (join.kind === 'semi' || join.kind === 'anti') return lowerExists(join, where, around);
  const right_alias = join.right.alias;
  const isRight = (one: Checked) => aliasesIn(one).size > 0 && [...aliasesIn(one)].every((a) => a === right_alias);
  const isLeft = (one: Checked) => {
    const aliases = aliasesIn(one);
    return aliases.size > 0 && !aliases.has(right_alias) && !aliases.has('');
  };
  // Asked before, it would leave an older row of a table as the last one.
  const right_may = join.kind === 'inner' && !join.as_of;
  // Which row is never before the other one has the time of the pair. A row with a table beside it has its own time still.
  const right_is_last = join.before_ms === 0;
  const left_is_last = join.after_ms === 0 || join.as_of !== undefined;
  const right_where = right_may ? where.filter((one) => isRight(one) && (right_is_last || !readsLookup(one))) : [];
  const left_where = where.filter((one) => isLeft(one) && (left_is_last || !readsLookup(one)));
  const rest = where.filter((one) => !right_where.includes(one) && !left_where.includes(one));
  const below = join.left.join === null ? null : lowerJoin(join.left.join, [...join.left_where, ...left_where], around);
  const left_alias = join.left.alias;
  const ofLeft = (one: Checked) => withoutAlias(around.lower(one), left_alias);
  const ofRight = (one: Checked) => withoutAlias(around.lower(one), right_alias);
  const left = below === null ? (join.left.input as string) : (below.joins.at(-1) as JoinPlan).name;
  const own_left = below === null ? [...join.left_where, ...left_where] : below.rest;
  const { kind, before_ms, after_ms } = join;
  const meaning = {
    ...{ left, right: join.right.input, left_alias, right_alias, kind, before_ms, after_ms },
    ...(join.as_of ? { as_of: join.as_of } : {}),
    left_where: own_left.map(ofLeft),
    right_where: [...join.right_where, ...right_where].map(ofRight),
    keys: join.keys.map((key) => ({ left: ofLeft(key.left), right: ofRight(key.right), name: key.name })),
    residual: join.residual.map(around.lower),
    ...unnestsOf(join, around),
  };
  const aliases = [...(below?.aliases ?? [left_alias as string]), right_alias];
  const plan = named(meaning, hashesOf(join, below?.joins.at(-1), around), aliases);
  return { joins: [...(below?.joins ?? []), plan], rest, aliases };
}

/** A lookup is read as of the time of the pair, which is the later one of its rows (S9). */
function readsLookup(condition: Checked): boolean {
  let reads = false;
  JSON.stringify(condition, (_, part) => {
    if (part?.kind === 'lookup') reads = true;
    return part;
  });
  return reads;
}

/** Of the left and the right side; null for the stream of events. */
function hashesOf({ left, right }: CheckedJoin, below: JoinPlan | undefined, around: JoinSurroundings) {
  return [below === undefined ? around.hashOf(left.input as string) : below.hash, around.hashOf(right.input)];
}

/** Absent where there is none, so that it is in no other join's hash. */
function unnestsOf({ left, right }: CheckedJoin, around: JoinSurroundings) {
  const lowered = (unnests: readonly CheckedUnnest[]): UnnestPlan[] =>
    unnests.map(({ array, column }) => ({ array: around.lower(array), column }));
  return {
    ...(left.unnests.length === 0 ? {} : { left_unnests: lowered(left.unnests) }),
    ...(right.unnests.length === 0 ? {} : { right_unnests: lowered(right.unnests) }),
  };
}

type Unnamed = Omit<JoinPlan, 'name' | 'hash'>;

/** Names are no meaning (hash.ts), but two views of one meaning are two streams, and aliases are the names of columns. */
function named(meaning: Unnamed, hashes: readonly (string | null)[], aliases: readonly string[]): JoinPlan {
  const [left, right] = hashes.map((hash, i) => (hash === null ? [meaning.left, meaning.right][i] : null));
  const nameless = { ...meaning, left, right, left_alias: null, right_alias: null };
  const hash = planHash({ ...withoutAliases(nameless, aliases), hashes });
  return { ...meaning, name: `join ${planHash({ ...meaning, hashes })}`, hash };
}

/**
 * EXISTS and what is below it. Its rows are left rows, whose columns keep their names; all conditions of WHERE are
 * conditions on them, and are asked before it.
 */
function lowerExists(join: CheckedJoin, where: readonly Checked[], around: JoinSurroundings): LoweredJoin {
  const below = join.left.join === null ? null : lowerJoin(join.left.join, where, around);
  const ofLeft = (one: Checked) => withoutAlias(around.lower(one), join.left.alias);
  const ofRight = (one: Checked) => withoutAlias(around.lower(one), join.right.alias);
  const left = below === null ? (join.left.input as string) : (below.joins.at(-1) as JoinPlan).name;
  const { kind, before_ms, after_ms } = join;
  const meaning = {
    ...{ left, right: join.right.input, left_alias: null, right_alias: join.right.alias, kind, before_ms, after_ms },
    left_where: [...(below === null ? where : below.rest).map(around.lower), ...join.left_where.map(ofLeft)],
    right_where: join.right_where.map(ofRight),
    keys: join.keys.map((key) => ({ left: ofLeft(key.left), right: ofRight(key.right), name: key.name })),
    residual: join.residual.map(ofLeft),
    ...unnestsOf(join, around),
  };
  const aliases = below?.aliases ?? [];
  const plan = named(meaning, hashesOf(join, below?.joins.at(-1), around), [...aliases, join.right.alias]);
  return { joins: [...(below?.joins ?? []), plan], rest: [], aliases };
}

/** Columns as the side's own stream knows them; null: the side is a join itself, whose columns have aliases too. */
export function withoutAlias(expression: Expression, alias: string | null): Expression {
  if (alias === null) return expression;
  return mapColumns(expression, (column) =>
    column.path[0] === alias && column.path.length > 1 ? bare(column) : column,
  );
}

function bare(column: ColumnExpression): ColumnExpression {
  const [alias, ...path] = column.path;
  return { ...column, name: column.name.slice(alias.length + 1), path };
}
