import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { RuleFile } from './load-rules.ts';

/** The plan with only these rules, and the views that they read. */
export function selectOperators(plan: ProgramPlan, rules: Iterable<string>): ProgramPlan {
  const wanted = new Set<string>();
  for (const name of rules) for (const one of [name, ...joinedInputs(plan, name)]) wanted.add(one);
  // Views stand before what reads them: from the back every reader is met before what it reads.
  for (const operator of [...plan.operators].reverse()) {
    if (!wanted.has(operator.name)) continue;
    const inputs = [operator.input, ...(operator.tunes ?? []).map((tune) => tune.plan.input)];
    for (const input of inputs) for (const name of [input, ...joinedInputs(plan, input)]) wanted.add(name);
  }
  return { ...plan, operators: plan.operators.filter(({ name }) => wanted.has(name)) };
}

/** What a join or a UNION ALL is made of, joins under it included; [] for a stream or a view. */
function joinedInputs(plan: ProgramPlan, input: string): string[] {
  const union = plan.unions?.find(({ name }) => name === input);
  if (union !== undefined) return [...union.branches];
  const join = plan.joins?.find(({ name }) => name === input);
  if (join === undefined) return [];
  return [join.left, join.right].flatMap((side) => [side, ...joinedInputs(plan, side)]);
}

/** The plan without the rules and tables of files that were only loaded for their views (RuleFile.role). */
export function selectAsked(plan: ProgramPlan, files: readonly RuleFile[]): ProgramPlan {
  const needed = new Set(files.filter(({ role }) => role === 'needed').map(({ path }) => path));
  const dropped = plan.operators.some((operator) => isWanted(operator) && needed.has(operator.source.path));
  if (!dropped) return plan;
  const asked = plan.operators.filter((operator) => isWanted(operator) && !needed.has(operator.source.path));
  return selectOperators(
    plan,
    asked.map(({ name }) => name),
  );
}

/** Whether it is asked for by itself, and not only by what reads it. */
function isWanted({ kind, table }: OperatorPlan): boolean {
  return kind === 'rule' || table === true;
}
