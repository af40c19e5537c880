import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { NoAnswer, Replay, Why, WhyQuestion } from './answer.ts';
import { whyJoin } from './join.ts';
import { joinSteps } from './join-probe.ts';
import { rowProbe } from './probe.ts';

/** A rule over a join and what it reads, to be asked about the rows that its window counts. */
export interface JoinedRule {
  readonly rule: OperatorPlan;
  readonly plan: ProgramPlan;
  readonly replay: Replay;
  readonly ownOf: (tenant: string) => OperatorPlan;
}

/**
 * The answer of a rule with GROUP BY over joins, with what they made of one left row of the window that gave no row to it:
 * the one that came furthest. A rule that fired, or whose left rows all gave one, has none.
 */
export async function withMissedRow(answer: Why, question: WhyQuestion, joined: JoinedRule): Promise<Why> {
  if (answer.outcome !== 'not_true' && answer.outcome !== 'no_rows') return answer;
  const { from_ms, to_ms } = answer.window;
  const rows = await ofRows({ ...question, moment: null }, joined, { from_ms, to_ms });
  if ('error' in rows || rows.outcome === 'gave_row' || rows.joins === undefined) return answer;
  return { ...answer, joins: rows.joins };
}

/** The same where no row of the event or the key came as far as GROUP BY; null where one did, or where it is unknown. */
export async function whyNoPair(question: WhyQuestion, joined: JoinedRule): Promise<Why | null> {
  const rows = await ofRows(question, joined, null);
  if ('error' in rows || rows.outcome === 'gave_row') return null;
  return { ...rows, kind: joined.rule.kind, outcome: 'no_rows', for_window: true };
}

/** The rule asked as one without GROUP BY: its FROM and its WHERE. */
function ofRows(
  question: WhyQuestion,
  { rule, plan, replay, ownOf }: JoinedRule,
  missed: { readonly from_ms: number; readonly to_ms: number } | null,
): Promise<Why | NoAnswer> {
  const within = missed ?? { from_ms: Number.NEGATIVE_INFINITY, to_ms: Number.POSITIVE_INFINITY };
  return whyJoin({ ...question, missed: within }, rowsOf(rule), plan, replay, (tenant) => rowsOf(ownOf(tenant)));
}

export function readsJoin({ input }: OperatorPlan, plan: ProgramPlan): boolean {
  return joinSteps(input, plan.joins ?? []).length > 0;
}

/** What the window of a rule counts, as a view. */
function rowsOf(rule: OperatorPlan): OperatorPlan {
  const rows: OperatorPlan = { ...rowProbe(rule, rule.name, rule.where), kind: 'view', hash: rule.hash };
  return rule.exceptions === undefined ? rows : { ...rows, exceptions: rule.exceptions };
}
