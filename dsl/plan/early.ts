import type { CheckedOperator } from '../check/checked.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Reporter } from '../diagnostics/diagnostic.ts';
import type { OperatorPlan, ProgramPlan } from './plan.ts';

/**
 * EMIT EARLY is for what an event decides (S5): a window's end, the rule's own or that of a view it reads, comes only
 * when W has passed it, and then everything is final anyway.
 */
export function refuseEarlyAtEnd(
  plan: ProgramPlan,
  operators: readonly CheckedOperator[],
  diagnostics: Diagnostic[],
): void {
  const plans = new Map(plan.operators.map((operator) => [operator.name, operator]));
  for (const { name, path, emit_early } of operators) {
    if (emit_early === null) continue;
    if (isEndless(plans.get(name))) {
      new Reporter(path, diagnostics).error({
        code: 'W0214',
        span: emit_early,
        message: 'EMIT EARLY on SESSION needs a MAX',
        label: 'until the session is over, what left early may still be confirmed: write SESSION GAP … MAX 8 HOURS',
      });
      continue;
    }
    const late = decidedLate(name, plan);
    if (late === null) continue;
    new Reporter(path, diagnostics).error({
      code: 'W0214',
      span: emit_early,
      message: 'EMIT EARLY needs a rule that an event decides',
      label:
        late.name === name
          ? 'this rule is decided at the end of its window: more events may make its HAVING false again'
          : late.why,
      hints: [late.hint],
    });
  }
}

function isEndless(operator: OperatorPlan | undefined): boolean {
  return operator?.window?.kind === 'session' && operator.window.max_ms === null;
}

const atEvents = 'a HAVING of lower bounds (count(*) >= n) is decided at an event; so is WINDOW SLIDING';

/** What is decided late on the way to the events. */
interface Late {
  readonly name: string;
  readonly why: string;
  /** What is not. */
  readonly hint: string;
}

/** The first on the way to the events that is decided at a window's end or a deadline; null: none is. */
function decidedLate(name: string, plan: ProgramPlan): Late | null {
  const join = plan.joins?.find((one) => one.name === name);
  // What a table has beside a row is there when the row comes.
  if (join?.as_of) return decidedLate(join.left, plan);
  if (join?.kind === 'left') {
    const why = 'a LEFT JOIN knows only when the time is up that a row has no partner';
    return { name, why, hint: 'JOIN gives a pair when its second row is there' };
  }
  if (join?.kind === 'anti') {
    const why = 'NOT EXISTS knows only when the time is up that there is no such row';
    return {
      name,
      why,
      hint: 'without EMIT EARLY the rule fires when the time is up; EXISTS fires when the row is there',
    };
  }
  if (join !== undefined) return decidedLate(join.left, plan) ?? decidedLate(join.right, plan);
  const union = plan.unions?.find((one) => one.name === name);
  if (union !== undefined) return union.branches.map((branch) => decidedLate(branch, plan)).find((one) => one) ?? null;
  const operator = plan.operators.find((one) => one.name === name);
  if (operator === undefined) return null;
  // For the tenants of a TUNE it may be decided otherwise, and read another join.
  const all = [operator, ...(operator.tunes ?? []).map((tune) => tune.plan)];
  if (all.some(({ window }) => window?.decided === 'end')) {
    return { name, why: `it reads ${name}, whose rows come at the end of a window`, hint: atEvents };
  }
  return all.map(({ input }) => decidedLate(input, plan)).find((one) => one) ?? null;
}
