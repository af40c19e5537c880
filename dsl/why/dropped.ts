import type { OperatorPlan } from '../plan/plan.ts';
import { valueText, type Why, type WhyCondition } from './answer.ts';
import { windowOf } from './judge.ts';
import type { TracedRow } from './layout.ts';

/**
 * An answer of a window that did not fire, with what its conditions would be had no bound dropped rows of the key in favour
 * of other keys: `alone` are its groups in a run over this key only. The same figures: no bound had to do with it.
 */
export async function withDropped(
  answer: Why,
  rule: OperatorPlan,
  alone: () => Promise<readonly TracedRow[]>,
): Promise<Why> {
  const passed = answer.funnel.at(-1)?.rows ?? 0;
  if (passed === 0 || (answer.outcome !== 'not_true' && answer.outcome !== 'no_rows')) return answer;
  const { kind, to_ms } = answer.window;
  const state = (await alone()).findLast((one) => windowOf(one, kind).to_ms === to_ms);
  if (state === undefined || lefts(state.conditions) === lefts(answer.conditions)) return answer;
  return { ...answer, dropped: { state_keys: rule.state_keys ?? null, conditions: state.conditions } };
}

function lefts(conditions: readonly WhyCondition[]): string {
  return JSON.stringify(conditions.map(({ left, truth }) => [left, truth]));
}

/** What a bound took from the window. */
export function droppedHints({ dropped, rule }: Why): string[] {
  if (dropped === undefined) return [];
  const { state_keys, conditions } = dropped;
  const bound = state_keys === null ? "a bound of the engine's state" : `STATE MAX ${state_keys} KEYS`;
  const parts = conditions.map(({ name, left, right }) =>
    typeof right === 'number' ? `${name} ${valueText(left)} / ${right}` : `${name} ${valueText(left)}`,
  );
  const isTrue = conditions.every(({ truth }) => truth === true);
  const todo =
    state_keys === null
      ? `\`weir backtest\` says which bound of ${rule} dropped rows; let fewer rows pass WHERE, or make the window shorter`
      : 'give it more keys, or let fewer pass WHERE';
  return [
    `${bound} dropped rows of this key to make room for other keys: with all of them ${parts.join(', ')}${isTrue ? ', and HAVING is true' : ''}`,
    todo,
  ];
}
