import { compareText } from '../../engine/index.ts';
import type { CheckedProgram } from '../check/program.ts';
import { planHash } from './hash.ts';
import { lowerJoin } from './join.ts';
import { conjunctsOf, type InputOf, lowerOperator, lowerRowExpression } from './lower.ts';
import type { JoinPlan, OperatorPlan, ProgramPlan, UnionPlan } from './plan.ts';

/** The plan of a checked program. `lineOf` gives the line of an offset in a file. */
export function lowerProgram(program: CheckedProgram, lineOf: (path: string, offset: number) => number): ProgramPlan {
  const hashes = new Map<string, string>();
  const depths = new Map<string, number>();
  const operators: OperatorPlan[] = [];
  const { lookups } = program;
  const joins = new Map<string, JoinPlan>();
  /** A join is no level of its own: its pairs stand where their later rows stand. */
  const depthOfInput = (name: string): number => {
    const join = joins.get(name);
    if (join !== undefined) return Math.max(depthOfInput(join.left), depthOfInput(join.right));
    return name === program.stream.name ? 0 : (depths.get(name) ?? 0) + 1;
  };
  const around = { hashOf: (input: string) => hashes.get(input) ?? null, lower: lowerRowExpression };
  const inputOf: InputOf = ({ select }) => {
    const where = conjunctsOf(select.where);
    if (select.join === null) return { name: select.input, hash: around.hashOf(select.input), where };
    const made = lowerJoin(select.join, where, around);
    for (const join of made.joins) joins.set(join.name, join);
    const { name, hash } = made.joins[made.joins.length - 1];
    // Which keys are expected is asked of WHERE (windows/expected-keys.ts), also of what was asked before the join.
    const expects = select.window !== null && 'empty_keys' in select.window && select.window.empty_keys !== undefined;
    return { name, hash, where: expects ? where : made.rest, aliases: made.aliases };
  };
  const unions: UnionPlan[] = [];
  const lowerUnionOf = (branch: string): void => {
    const union = program.unions.find(({ branches }) => branches.at(-1) === branch);
    if (union === undefined) return;
    const hash = planHash({ union: union.columns, hashes: union.branches.map(around.hashOf) });
    unions.push({ ...union, hash });
    hashes.set(union.name, hash);
    depths.set(union.name, Math.max(...union.branches.map((name) => depths.get(name) ?? 0)));
  };
  // The checker gives a view before whatever reads it.
  for (const operator of program.operators) {
    const plan = lowerOperator(operator, inputOf, lineOf(operator.path, operator.span.offset), lookups);
    hashes.set(plan.name, plan.hash);
    depths.set(plan.name, depthOfInput(plan.input));
    operators.push(plan);
    lowerUnionOf(plan.name);
  }
  const depthOf = (plan: OperatorPlan) => depths.get(plan.name) ?? 0;
  // A view that stands in a rule has its place (S2) by the name that it has there, as if it were a statement.
  const local = new Map(program.operators.map(({ name, local }) => [name, local ?? name]));
  const placeOf = ({ name }: OperatorPlan) => local.get(name) as string;
  operators.sort(
    (a, b) => depthOf(a) - depthOf(b) || compareText(placeOf(a), placeOf(b)) || compareText(a.name, b.name),
  );
  const { stream } = program;
  const hashed = { stream, operators: operators.map((operator) => operator.hash) };
  const joined = {
    ...(joins.size === 0 ? {} : { joins: [...joins.values()] }),
    ...(unions.length === 0 ? {} : { unions }),
  };
  if (lookups.length === 0) return { stream, operators, ...joined, hash: planHash(hashed) };
  const plans = lookups.map(({ span: _, ...plan }) => plan);
  const meanings = plans.map(({ name, columns, key, valid_from, valid_to }) => [
    name,
    columns,
    key,
    valid_from,
    valid_to,
  ]);
  return { stream, operators, ...joined, lookups: plans, hash: planHash({ ...hashed, lookups: meanings }) };
}
