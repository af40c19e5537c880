import { limits, type RespondSpec, type RuleMetadata } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { FooterClause, NameNode } from '../syntax/tree.ts';
import type { CheckedOperator, CheckedRisk, CheckedSelect } from './checked.ts';
import { type Columns, referTo } from './columns.ts';
import { type DetectionScope, numberOver } from './detection-scope.ts';
import { refuseSecond } from './header.ts';
import { durationMs } from './literals.ts';

/** What follows the SELECT, checked. */
export interface Footer {
  entity: RuleMetadata['entity'];
  respond: RespondSpec | null;
  risk: CheckedRisk | null;
  suppress: CheckedOperator['suppress'];
  evidence_limit: number;
  emit_at_end: boolean;
  /** Where EMIT EARLY stands. */
  emit_early: Span | null;
}

const default_evidence = 20;

export function checkFooter(kind: 'rule' | 'view', clauses: readonly FooterClause[], scope: DetectionScope): Footer {
  const footer: Footer = {
    ...{
      entity: null,
      respond: null,
      risk: null,
      suppress: null,
      evidence_limit: default_evidence,
      emit_at_end: false,
      emit_early: null,
    },
  };
  const seen = new Set<string>();
  for (const clause of clauses) {
    scope.reporter.attempt(() => {
      refuseSecond(clause, seen);
      if (kind === 'view' && clause.kind !== 'emit_at_end') refuseOnView(clause);
      applyClause(clause, footer, scope);
    });
  }
  return footer;
}

function refuseOnView({ kind, span }: FooterClause): never {
  refuse({
    code: 'W0006',
    span,
    message: `a view has no ${kind.replace('_', ' ').toUpperCase()}`,
    label: 'move it to the rule that reads the view',
    hints: ['a view makes rows, only rules make detections'],
  });
}

function applyClause(clause: FooterClause, footer: Footer, scope: DetectionScope): void {
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
    case 'respond':
      footer.respond = checkRespond(clause, columns);
      break;
    case 'risk':
      footer.risk = checkRisk(clause, scope);
      break;
    default:
      refuseLater(clause);
  }
}

/** A response on the same column twice would be carried out twice. */
function checkRespond(clause: Extract<FooterClause, { kind: 'respond' }>, columns: Columns): RespondSpec {
  const { name, reference } = referTo(columns, words(clause.column), clause.column.span, 'RESPOND');
  const responses: string[] = [];
  for (const { text, span } of clause.responses) {
    if (responses.includes(text)) {
      refuse({ code: 'W0222', span, message: `RESPOND names ${text} twice`, label: 'remove one of them' });
    }
    responses.push(text);
  }
  if (clause.while_open !== null) {
    refuse({
      code: 'W0010',
      span: clause.while_open,
      message: 'not yet: RESPOND WHILE OPEN',
      label: 'detections do not close in this version',
    });
  }
  return { responses, column: name, on: reference, while_open: false };
}

function checkRisk(clause: Extract<FooterClause, { kind: 'risk' }>, scope: DetectionScope): CheckedRisk {
  const score = numberOver(clause.score, 'RISK', scope);
  if (score.kind === 'literal' && (score.value === null || (score.value as number) <= 0)) {
    refuse({
      code: 'W0222',
      span: score.span,
      message: 'RISK that adds nothing',
      label: 'a number above 0; it only falls by its HALF LIFE',
    });
  }
  const { reference } = referTo(scope.columns, words(clause.column), clause.column.span, 'RISK');
  const half_life_ms = durationMs(clause.half_life);
  if (half_life_ms <= 0) {
    const label = 'write HALF LIFE 24 HOURS';
    refuse({ code: 'W0222', span: clause.half_life.span, message: 'a HALF LIFE of no time', label });
  }
  return { score, type: clause.type.text, entity: reference, half_life_ms };
}

/** Constructs that are parsed and not there yet. */
function refuseLater({ kind, span }: FooterClause): never {
  const construct = {
    escalate: 'ESCALATE',
    update_at_end: 'UPDATE AT END',
    close_after: 'CLOSE AFTER',
    state_max: 'STATE MAX',
  }[kind as string];
  const label = 'remove it';
  refuse({ code: 'W0010', span, message: `not yet: ${construct}`, label });
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
