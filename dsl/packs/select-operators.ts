import type { ProgramPlan } from '../plan/plan.ts';
import type { RuleFile } from './load-rules.ts';

/** The plan with only these rules, and the views that they read. */
export function selectOperators(plan: ProgramPlan, rules: Iterable<string>): ProgramPlan {
  const wanted = new Set(rules);
  // Views stand before what reads them: from the back every reader is met before what it reads.
  for (const operator of [...plan.operators].reverse()) {
    if (wanted.has(operator.name)) wanted.add(operator.input);
  }
  return { ...plan, operators: plan.operators.filter(({ name }) => wanted.has(name)) };
}

/** The plan without the rules of files that were only loaded for their views (RuleFile.role). */
export function selectAsked(plan: ProgramPlan, files: readonly RuleFile[]): ProgramPlan {
  const needed = new Set(files.filter(({ role }) => role === 'needed').map(({ path }) => path));
  const dropped = plan.operators.some(({ kind, source }) => kind === 'rule' && needed.has(source.path));
  if (!dropped) return plan;
  const asked = plan.operators.filter(({ kind, source }) => kind === 'rule' && !needed.has(source.path));
  return selectOperators(
    plan,
    asked.map(({ name }) => name),
  );
}
