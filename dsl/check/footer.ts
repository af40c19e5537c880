import { limits, type RuleMetadata, type Severity } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { FooterClause, NameNode } from '../syntax/tree.ts';
import type { CheckedOperator, CheckedSelect } from './checked.ts';
import { type Columns, referTo } from './columns.ts';
import type { DetectionScope } from './detection-scope.ts';
import { type Header, refuseSecond } from './header.ts';

import { applyLife, checkLifeTogether, type LifeDraft, newLifeDraft } from './life.ts';
import { durationMs } from './literals.ts';
import { refuseRetention } from './table.ts';

/** What follows the SELECT, checked. */
export interface Footer {
  entity: RuleMetadata['entity'];
  suppress: CheckedOperator['suppress'];
  evidence_limit: number;
  emit_at_end: boolean;
  /** Where EMIT EARLY stands. */
  emit_early: Span | null;
  readonly life: LifeDraft;
}

const default_evidence = 20;

export function checkFooter(
  kind: 'rule' | 'view' | 'table',
  clauses: readonly FooterClause[],
  scope: DetectionScope,
  { metadata, severity: computed }: Header,
): Footer {
  const severity = computed === null ? metadata.severity : null;
  const footer: Footer = {
    ...{ entity: null, suppress: null, evidence_limit: default_evidence, emit_at_end: false, emit_early: null },
    life: newLifeDraft(),
  };
  const seen = new Set<string>();
  for (const clause of clauses) {
    scope.reporter.attempt(() => {
      if (clause.kind !== 'escalate') refuseSecond(clause, seen);
      if (clause.kind === 'retention' && kind !== 'table') refuseRetention(kind, clause.span);
      const isBound = clause.kind === 'emit_at_end' || clause.kind === 'state_max' || clause.kind === 'retention';
      if (kind !== 'rule' && !isBound) refuseOnView(kind, clause);
      applyClause(clause, footer, scope, severity);
    });
  }
  scope.reporter.attempt(() => refuseEarlyAndAtEnd(clauses));
  scope.reporter.attempt(() => checkLifeTogether(footer.life, footer, scope));
  return footer;
}

function refuseEarlyAndAtEnd(clauses: readonly FooterClause[]): void {
  const early = clauses.find(({ kind }) => kind === 'emit_early');
  const atEnd = clauses.find(({ kind }) => kind === 'emit_at_end');
  if (early === undefined || atEnd === undefined) return;
  refuse({
    code: 'W0214',
    span: atEnd.span.offset > early.span.offset ? atEnd.span : early.span,
    message: 'EMIT EARLY and EMIT AT END exclude each other',
    label: 'EARLY leaves at the event that makes it true, AT END waits for the end of the window',
    hints: ['write one of them; EMIT EARLY with UPDATE AT END leaves at once and shows the final values later'],
  });
}

function refuseOnView(statement: 'view' | 'table', { kind, span }: FooterClause): never {
  refuse({
    code: 'W0006',
    span,
    message: `a ${statement} has no ${kind.toUpperCase().replaceAll('_', ' ')}`,
    label: `move it to the rule that reads the ${statement}`,
    hints: [`a ${statement} makes rows, only rules make detections`],
  });
}

function applyClause(clause: FooterClause, footer: Footer, scope: DetectionScope, severity: Severity | null): void {
  const { select, columns } = scope;
  switch (clause.kind) {
    case 'entity': {
      const { reference } = referTo(columns, words(clause.column), clause.column.span, 'ENTITY');
      footer.entity = { type: clause.type.text, id: reference };
      break;
    }
    case 'suppress':
      footer.suppress = checkSuppress(clause, select, columns);
      break;
    case 'evidence':
      footer.evidence_limit = evidenceLimit(clause.count.digits, clause.count.span);
      break;
    case 'emit_at_end':
      checkEmit(clause, select);
      footer.emit_at_end = true;
      break;
    case 'emit_early':
      footer.emit_early = clause.span;
      break;
    default:
      applyLife(clause, footer.life, scope, severity);
  }
}

function words(name: NameNode): string[] {
  return name.parts.map((part) => part.text);
}

function checkSuppress(
  clause: Extract<FooterClause, { kind: 'suppress' }>,
  select: CheckedSelect,
  columns: Columns,
): CheckedOperator['suppress'] {
  const by = clause.by.map((name) => referTo(columns, words(name), name.span, 'SUPPRESS').name);
  const for_ms = durationMs(clause.duration);
  if (for_ms <= 0) {
    refuse({ code: 'W0222', span: clause.duration.span, message: 'SUPPRESS for no time', label: 'write FOR 1 HOUR' });
  }
  if (clause.reset !== null && select.window?.kind !== 'sliding') {
    refuse({
      code: 'W0214',
      span: clause.reset,
      message: 'RESET needs WINDOW SLIDING',
      label:
        select.window === null
          ? 'this rule has no window to empty'
          : `${select.window.kind.toUpperCase()} windows begin empty anyway`,
    });
  }
  return { by, for_ms, reset: clause.reset !== null };
}

function evidenceLimit(digits: string, span: FooterClause['span']): number {
  const count = Number(digits);
  if (Number.isInteger(count) && count >= 1 && count <= limits.evidence_ids) return count;
  refuse({
    code: 'W0222',
    span,
    message: `EVIDENCE ${digits} is no number of events to show`,
    label: `a whole number from 1 to ${limits.evidence_ids}`,
    hints: ['a detection always says how many there were in all'],
  });
}

function checkEmit({ span }: FooterClause, { window }: CheckedSelect): void {
  if (window !== null && window.kind !== 'sliding') return;
  refuse({
    code: 'W0214',
    span,
    message: 'EMIT AT END needs a window that has an end: TUMBLING, HOPPING or SESSION',
    label:
      window === null
        ? 'without a WINDOW there is no end: the rule is decided at its event'
        : 'a SLIDING window ends at every event and is decided there',
    hints: window === null ? [] : ['for one result per interval write WINDOW TUMBLING'],
  });
}
