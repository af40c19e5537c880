import { limits, type RespondSpec, type Severity, severities, severityRank } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { LifeClause } from '../syntax/tree.ts';
import type { CheckedLife, CheckedOperator, CheckedRisk, CheckedWindow } from './checked.ts';
import { referTo } from './columns.ts';
import { conditionOver, type DetectionScope, numberOver } from './detection-scope.ts';
import { durationMs } from './literals.ts';
import { oneOf } from './severity.ts';
import { checkRetention } from './table.ts';

type Clause<Kind extends LifeClause['kind']> = Extract<LifeClause, { kind: Kind }>;

/** What the clauses about the life of a detection say. */
export interface LifeDraft {
  respond: RespondSpec | null;
  /** Where WHILE OPEN stands. */
  while_open: Span | null;
  risk: CheckedRisk | null;
  escalations: CheckedLife['escalations'][number][];
  update_at_end: Span | null;
  close_after_ms: number | null;
  state_keys: number | null;
  retention_ms: number | null;
  /** The first clause of a life after the opening: ESCALATE, UPDATE AT END or CLOSE AFTER. */
  span: Span | null;
}

export function newLifeDraft(): LifeDraft {
  const none = { respond: null, while_open: null, risk: null, update_at_end: null, span: null };
  return { ...none, escalations: [], close_after_ms: null, state_keys: null, retention_ms: null };
}

/** One clause into the draft. `severity`: what the head of the rule says, where that is fixed. */
export function applyLife(
  clause: LifeClause,
  draft: LifeDraft,
  scope: DetectionScope,
  severity: Severity | null,
): void {
  if (['escalate', 'update_at_end', 'close_after'].includes(clause.kind)) draft.span ??= clause.span;
  switch (clause.kind) {
    case 'respond':
      draft.respond = checkRespond(clause, scope);
      draft.while_open = clause.while_open;
      break;
    case 'risk':
      draft.risk = checkRisk(clause, scope);
      break;
    case 'escalate':
      draft.escalations.push(checkEscalate(clause, draft, scope, severity));
      break;
    case 'update_at_end':
      needsWindow('UPDATE AT END', clause.span, scope, 'a detection about one event shows its final values');
      draft.update_at_end = clause.span;
      break;
    case 'close_after':
      draft.close_after_ms = durationMs(clause.duration);
      if (draft.close_after_ms > 0) break;
      refuse({
        code: 'W0222',
        span: clause.duration.span,
        message: 'CLOSE AFTER no time',
        label: 'write CLOSE AFTER 30 MINUTES QUIET',
      });
      break;
    case 'retention':
      draft.retention_ms = checkRetention(clause);
      break;
    case 'state_max':
      draft.state_keys = checkStateMax(clause, scope);
  }
}

/** What clauses say of one another, once all are known. */
export function checkLifeTogether(
  draft: LifeDraft,
  { emit_at_end, suppress }: Pick<CheckedOperator, 'emit_at_end' | 'suppress'>,
  { select: { window } }: DetectionScope,
): void {
  const { update_at_end, while_open, close_after_ms } = draft;
  if (draft.span !== null) checkRun(draft, draft.span, window, emit_at_end);
  if (while_open !== null && close_after_ms === null) {
    refuse({
      code: 'W0214',
      span: while_open,
      message: 'WHILE OPEN needs CLOSE AFTER',
      label: 'a detection that never closes would recommend it for ever',
      hints: ['write CLOSE AFTER 30 MINUTES QUIET, or leave WHILE OPEN out'],
    });
  }
  const isDecidedOnce = window?.kind !== 'hopping' && (emit_at_end || isEmptySeen(window));
  if (update_at_end === null || !(isDecidedOnce || suppress?.reset === true)) return;
  refuse({
    code: 'W0214',
    span: update_at_end,
    message: `UPDATE AT END with ${emit_at_end ? 'EMIT AT END' : isDecidedOnce ? 'WITH EMPTY' : 'RESET'} says nothing new`,
    label: isDecidedOnce
      ? 'what leaves at the end of the window has its final values'
      : 'RESET empties the window at each firing, so that nothing follows it',
    hints: emit_at_end
      ? ['remove UPDATE AT END; without EMIT AT END a HAVING of lower bounds leaves at once, and once more at the end']
      : [`remove ${isDecidedOnce ? 'UPDATE AT END' : 'one of them'}`],
  });
}

/** Whether further decisions of a HOPPING window can be told apart from one another: one at a time, at the windows' ends. */
function checkRun(draft: LifeDraft, span: Span, window: CheckedWindow | null, emit_at_end: boolean): void {
  if (window?.kind !== 'hopping' || emit_at_end) return;
  refuse({
    code: 'W0214',
    span,
    message: `${clausesOf(draft)} on HOPPING needs EMIT AT END`,
    label: 'an event stands in several windows, each with values of its own: whose would it show?',
    hints: ['with EMIT AT END one window is decided after the other, and each goes on from the one before'],
  });
}

/** The clauses of a life that are written, as a message names them. */
function clausesOf({ escalations, update_at_end, close_after_ms }: LifeDraft): string {
  const written = [
    ...(escalations.length > 0 ? ['ESCALATE'] : []),
    ...(update_at_end !== null ? ['UPDATE AT END'] : []),
    ...(close_after_ms !== null ? ['CLOSE AFTER'] : []),
  ];
  return written.join(' with ');
}

/** WITH EMPTY: an empty window is known to be one at its end only. */
function isEmptySeen(window: CheckedWindow | null): boolean {
  return window !== null && ('empty_ms' in window || 'empty_keys' in window);
}

/** The life of the rule's detections after they were opened; null: none. */
export function lifeOf({ escalations, update_at_end, close_after_ms }: LifeDraft): CheckedLife | null {
  if (escalations.length === 0 && update_at_end === null && close_after_ms === null) return null;
  return { escalations, update_at_end: update_at_end !== null, close_after_ms };
}

function needsWindow(clause: string, span: Span, { select }: DetectionScope, label: string): void {
  if (select.window !== null) return;
  const hints = ['remove it; several events together are GROUP BY … WINDOW …'];
  refuse({ code: 'W0214', span, message: `${clause} needs a WINDOW`, label, hints });
}

/** A response on the same column twice would be carried out twice. */
function checkRespond(clause: Clause<'respond'>, { columns }: DetectionScope): RespondSpec {
  const written = clause.column.parts.map((part) => part.text);
  const { name, reference } = referTo(columns, written, clause.column.span, 'RESPOND');
  const responses: string[] = [];
  for (const { text, span } of clause.responses) {
    if (responses.includes(text)) {
      refuse({ code: 'W0222', span, message: `RESPOND names ${text} twice`, label: 'remove one of them' });
    }
    responses.push(text);
  }
  return { responses, column: name, on: reference, while_open: clause.while_open !== null };
}

function checkRisk(clause: Clause<'risk'>, scope: DetectionScope): CheckedRisk {
  const score = numberOver(clause.score, 'RISK', scope);
  if (score.kind === 'literal' && (score.value === null || (score.value as number) <= 0)) {
    refuse({
      code: 'W0222',
      span: score.span,
      message: 'RISK that adds nothing',
      label: 'a number above 0; it only falls by its HALF LIFE',
    });
  }
  const written = clause.column.parts.map((part) => part.text);
  const { reference } = referTo(scope.columns, written, clause.column.span, 'RISK');
  const half_life_ms = durationMs(clause.half_life);
  if (half_life_ms <= 0) {
    const label = 'write HALF LIFE 24 HOURS';
    refuse({ code: 'W0222', span: clause.half_life.span, message: 'a HALF LIFE of no time', label });
  }
  return { score, type: clause.type.text, entity: reference, half_life_ms };
}

function checkEscalate(
  clause: Clause<'escalate'>,
  { escalations }: LifeDraft,
  scope: DetectionScope,
  fixed: Severity | null,
): CheckedLife['escalations'][number] {
  needsWindow('ESCALATE', clause.span, scope, 'nothing follows one event: write SEVERITY CASE in the head');
  const severity = oneOf(clause.severity, severities, 'severity');
  const { span } = clause.severity;
  if (fixed !== null && severityRank(severity) <= severityRank(fixed)) {
    refuse({
      code: 'W0222',
      span,
      message: `ESCALATE TO ${severity} is not above the rule's SEVERITY ${fixed}`,
      label: 'a severity only rises',
      hints: ['SEVERITY in the head is what the detection begins with (medium where it is not written)'],
    });
  }
  if (escalations.some((other) => other.severity === severity)) {
    refuse({
      code: 'W0006',
      span,
      message: `a second ESCALATE TO ${severity}`,
      label: 'join the two conditions with OR',
    });
  }
  return { when: conditionOver(clause.when, 'ESCALATE', scope), severity };
}

function checkStateMax({ keys, span }: Clause<'state_max'>, scope: DetectionScope): number {
  const label =
    scope.select.join === null ? 'a rule on single events keeps no keys' : 'what a join keeps has its own bounds';
  needsWindow('STATE MAX', span, scope, label);
  const count = Number(keys.digits);
  const most = limits.key_groups * limits.keys_per_group;
  if (Number.isInteger(count) && count >= limits.key_groups && count <= most) return count;
  refuse({
    code: 'W0222',
    span: keys.span,
    message: `STATE MAX ${keys.digits} KEYS is no number of keys to keep`,
    label: `a whole number from ${limits.key_groups} to ${most}`,
    hints: [`keys are kept in ${limits.key_groups} groups, each with its part of the number`],
  });
}
