import type { Expression, OperatorPlan, WindowPlan } from '../plan/plan.ts';
import { durationText } from './duration-text.ts';
import { expressionText } from './expression-text.ts';

/**
 * When the further revisions of a detection are decided: ESCALATE, UPDATE AT END, CLOSE AFTER, as the engine does it
 * (engine/fold/life.ts). Nothing for a rule without them.
 */
export function lifeText(plan: OperatorPlan): string[] {
  const { life, window, suppress } = plan;
  if (life === undefined) return [];
  const run = runOf(window);
  const over = (when: Expression) => expressionText(when, plan);
  const sentences: string[] = [];
  if (run !== null) sentences.push(`a firing goes on ${run}`);
  for (const { when, severity } of life.escalations) {
    const at = run === null ? 'the firing' : 'the firing, or at a later event of it';
    sentences.push(`rises to ${severity} at ${at} that makes ${over(when)} true, and never falls`);
  }
  if (life.escalations.length > 0 && suppress !== null && run !== null) {
    sentences.push('a rise is told in spite of SUPPRESS, where nothing in the interval was as severe before');
  }
  if (life.update_at_end) {
    sentences.push(
      run === null
        ? 'UPDATE AT END tells nothing more: a firing is one moment'
        : 'a last revision when that is over, where its values changed',
    );
  }
  if (life.close_after_ms !== null) {
    const last = run === null ? 'the firing' : 'the last event of it';
    const covered = suppress === null ? '' : ', or of a firing that SUPPRESS covers';
    const again = run === null && suppress === null ? '' : '; such an event that comes later opens it again';
    sentences.push(`closes ${durationText(life.close_after_ms)} after ${last}${covered}${again}`);
  }
  return sentences;
}

/** How long a firing goes on; null: it is one moment. */
function runOf(window: WindowPlan | null): string | null {
  if (window === null) return null;
  if (window.kind === 'sliding') {
    return 'while HAVING is true at each event, until the last one has left the window';
  }
  if (window.kind === 'hopping') return 'while the window that ends next is true as well';
  if (window.decided === 'end') return null;
  return `at the events at which HAVING is true, until the ${window.kind === 'session' ? 'session' : 'window'} ends`;
}
