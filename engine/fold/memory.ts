import type { JoinSpec, OperatorSpec } from '../program.ts';

/**
 * How far back the rows reach that an operator's answer at a time depends on, in milliseconds (S14). A SLIDING rule
 * fires where HAVING was not true at the key's previous event, which may be a window ago and looks a window back itself.
 */
export function windowMemory({ kind, window }: OperatorSpec): number {
  if (window === null) return 0;
  if (window.kind === 'sliding') return kind === 'rule' ? 2 * window.size_ms : window.size_ms;
  if (window.kind === 'session') return window.size_ms;
  // A HOPPING rule asks whether the window before was true.
  const before_ms = window.kind === 'hopping' && kind === 'rule' ? window.advance_ms : 0;
  const turned_ms = window.calendar?.startOf ? TURNED_BACK_MS : 0;
  return window.size_ms + before_ms + turned_ms + (window.empty_ms ?? 0);
}

/**
 * How far back the rows reach that a joined row depends on: a pair on two; a row of EXISTS, and one without a match, on all
 * that its left row might match.
 */
export function joinMemory({ before_ms, after_ms, kind }: JoinSpec): number {
  return kind === 'inner' ? Math.max(before_ms, after_ms) : before_ms + after_ms;
}

/**
 * The same of a joined stream whose sides depend on rows so far back. A left row that sees a table is seen by nothing itself: it
 * depends on what its window does, or on the oldest window that it may see.
 */
export function joinHorizon(join: JoinSpec, left_ms: number, right_ms: number): number {
  if (join.as_of) return Math.max(left_ms, joinMemory(join) + right_ms);
  return joinMemory(join) + Math.max(left_ms, right_ms);
}

/** Clocks of time zones are turned back by so much at most, and windows are longer then. */
const TURNED_BACK_MS = 3 * 3_600_000;

/**
 * Where a session begins depends on the events before it, as far back as they follow one another within GAP: there is no
 * time before which nothing matters.
 */
function isOpenEnded({ window }: OperatorSpec): boolean {
  return window?.kind === 'session';
}

/**
 * What SUPPRESS and RESET remember has no end of its own: each firing depends on the one before. It is known again after
 * a stretch without a firing of the rule: this long, in milliseconds. 0 without SUPPRESS; null where no stretch proves
 * anything, as with SESSION.
 *
 * SUPPRESS: an interval that began before the stretch has ended in it. RESET: firings that we do not see may have
 * removed rows that we have. After one window without a firing ours are all the rows, and then HAVING is not true of
 * them for another; where more rows only make it truer, it was not true of fewer either, so that nothing fired unseen
 * and both have the same rows again. A sum is left out: of more rows it may be NULL.
 *
 * ESCALATE, UPDATE AT END, CLOSE AFTER: a run may have begun at any time before, and the events that carry it on show in
 * no detection, so that no stretch proves that there was none.
 */
export function quietNeeded(operator: OperatorSpec): number | null {
  const { suppress, window, bounds, bounds_are_exact, aggregates, life } = operator;
  if (isOpenEnded(operator) || life !== undefined) return null;
  if (suppress === null) return 0;
  if (!suppress.reset || window === null) return suppress.for_ms;
  const rises = bounds.every((bound) => aggregates[bound.aggregate].function !== 'sum');
  return bounds_are_exact && rises ? window.size_ms + Math.max(window.size_ms, suppress.for_ms) + 1 : null;
}
