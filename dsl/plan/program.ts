import { compareText } from '../../engine/index.ts';
import type { CheckedProgram } from '../check/program.ts';
import { planHash } from './hash.ts';
import { lowerOperator } from './lower.ts';
import type { OperatorPlan, ProgramPlan } from './plan.ts';

/** The plan of a checked program. `lineOf` gives the line of an offset in a file. */
export function lowerProgram(program: CheckedProgram, lineOf: (path: string, offset: number) => number): ProgramPlan {
  const hashes = new Map<string, string>();
  const depths = new Map<string, number>();
  const operators: OperatorPlan[] = [];
  const { lookups } = program;
  // The checker gives a view before whatever reads it.
  for (const operator of program.operators) {
    const { input } = operator.select;
    const plan = lowerOperator(
      operator,
      hashes.get(input) ?? null,
      lineOf(operator.path, operator.span.offset),
      lookups,
    );
    hashes.set(plan.name, plan.hash);
    depths.set(plan.name, input === program.stream.name ? 0 : (depths.get(input) ?? 0) + 1);
    operators.push(plan);
  }
  const depthOf = (plan: OperatorPlan) => depths.get(plan.name) ?? 0;
  operators.sort((a, b) => depthOf(a) - depthOf(b) || compareText(a.name, b.name));
  const { stream } = program;
  const hashed = { stream, operators: operators.map((operator) => operator.hash) };
  if (lookups.length === 0) return { stream, operators, hash: planHash(hashed) };
  const plans = lookups.map(({ span: _, ...plan }) => plan);
  const meanings = plans.map(({ name, columns, key, valid_from, valid_to }) => [
    name,
    columns,
    key,
    valid_from,
    valid_to,
  ]);
  return { stream, operators, lookups: plans, hash: planHash({ ...hashed, lookups: meanings }) };
}
