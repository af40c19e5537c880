import { durationText } from '../build/duration-text.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import type { Why } from './answer.ts';
import { equals } from './join-probe.ts';
import { groupProbes } from './probe.ts';

/** WITH EMPTY: which keys have windows without events; null: none. Its one member says which of the two it is. */
export function silenceOf({ window }: OperatorPlan): NonNullable<Why['silence']> | null {
  if (window === null || window.kind === 'sliding' || window.kind === 'session') return null;
  if (window.empty_keys !== undefined) return { keys_of: window.empty_keys };
  return window.empty_ms === undefined ? null : { for_ms: window.empty_ms };
}

/** The windows of a rule WITH EMPTY, for keys that no event has; of a key of one string only those of the one that is asked about. */
export function silenceProbes(rule: OperatorPlan, subject: string | null): readonly OperatorPlan[] {
  const { key } = rule;
  if (silenceOf(rule) === null || key === null) return [];
  const [first] = key;
  const isOne = subject !== null && key.length === 1 && first.type === 'string';
  const only = isOne ? [equals(first.expression, subject)] : [];
  return groupProbes(rule, keyParts(rule), [...only, ...rule.where]);
}

/** The parts of GROUP BY behind the window, first to last. */
export function keyParts({ key }: OperatorPlan): readonly Expression[] {
  return (key ?? []).map(({ type }, index): Expression => ({ kind: 'key', index, type }));
}

/** What WITH EMPTY has to do with the answer. */
export function silenceHints({ silence, outcome, funnel }: Why): string[] {
  if (silence === undefined) return [];
  const clause = 'keys_of' in silence ? `KEYS OF ${silence.keys_of}` : `FOR ${durationText(silence.for_ms)}`;
  if (outcome !== 'no_rows') {
    const isEmpty = funnel.at(-1)?.rows === 0;
    return isEmpty ? [`the window is empty, and judged all the same: WITH EMPTY ${clause}`] : [];
  }
  return [
    'keys_of' in silence
      ? `no empty window was judged here: WITH EMPTY ${clause} expects what the lookup has at a window's end, from the first window on that began after an event of the tenant`
      : `no empty window was judged here: WITH EMPTY ${clause} judges those that end so long after the key's last event, as far as the history goes`,
  ];
}
