import type { Checked } from '../check/checked.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { canBe } from './known.ts';

/** Whether a condition may be true: of an AND each part beside the others, of an OR one of its parts. */
export function canHold(condition: Checked, facts: Facts): boolean {
  if (condition.kind === 'or') return condition.arguments.some((part) => canHold(part, facts));
  if (condition.kind !== 'and') return canBe(evaluate(condition, facts), true);
  const learnt = facts.copy();
  return conjunctsOf(condition).every((part) => {
    if (!canHold(part, learnt)) return false;
    learnt.learn(part);
    return true;
  });
}
