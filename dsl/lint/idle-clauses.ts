import type { Checked, CheckedAggregate, CheckedException, CheckedOperator } from '../check/checked.ts';
import type { Finding, Span } from '../diagnostics/diagnostic.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { learnReached, reachedCount } from './at-firing.ts';
import { canHold } from './can-hold.ts';
import { evaluate } from './evaluate.ts';
import { Facts } from './facts.ts';
import type { Sources } from './ground.ts';
import { canBe } from './known.ts';
import { partsOfChecked } from './parts.ts';
import { nameOf } from './reasons.ts';

/** Clauses of a rule that can never do anything, though the rule itself may fire. */
export function idleClauses(operator: CheckedOperator, sources: Sources, isDecidedAtEnd: () => boolean): Finding[] {
  return [
    ...idleFilters(operator, sources),
    ...idleConditions(operator, sources, isDecidedAtEnd),
    ...idleSuppress(operator, isDecidedAtEnd),
  ];
}

function idle(span: Span, message: string, label: string, hints: readonly string[] = []): Finding {
  return { code: 'W0332', span, message, label, hints };
}

/** A FILTER that no row passes that WHERE lets through. */
function idleFilters({ select }: CheckedOperator, sources: Sources): Finding[] {
  const rows = sources.afterWhere(select);
  const found = new Map<number, Finding>();
  const visit = (expression: Checked) => {
    if (expression.kind === 'aggregate' && isEmpty(expression, rows)) {
      const { span } = expression.filter as Checked;
      found.set(span.offset, idle(span, 'this FILTER lets no row through', 'WHERE leaves none for which it is true'));
    }
    for (const part of partsOfChecked(expression)) visit(part);
  };
  for (const { expression } of select.outputs) visit(expression);
  if (select.having !== null) visit(select.having);
  return [...found.values()];
}

function isEmpty({ filter }: CheckedAggregate, rows: Facts): boolean {
  return filter !== null && !canHold(filter, rows);
}

/** ESCALATE and SEVERITY CASE read the detection's columns, and HAVING holds wherever there is one. */
function idleConditions(operator: CheckedOperator, sources: Sources, isDecidedAtEnd: () => boolean): Finding[] {
  const detection = ofDetection(operator, sources);
  const escalations = (operator.life?.escalations ?? []).flatMap(({ when, severity }): Finding[] => {
    if (!canHold(when, detection)) {
      return [idle(when.span, `this ESCALATE TO ${severity} never happens`, 'no detection makes it true')];
    }
    const known = evaluate(when, detection);
    return known.null || canBe(known, false) ? [] : [alwaysEscalated(when.span, severity)];
  });
  const branches = operator.severity?.kind === 'case' ? operator.severity.branches : [];
  const untaken = branches
    .filter(({ when }) => !canHold(when, detection))
    .map(({ when }) => idle(when.span, 'this severity is never chosen', 'no detection makes it true'));
  return [...escalations, ...untaken, ...laterSeverities(operator, sources, isDecidedAtEnd)];
}

/** HAVING makes it true already, so that nothing is ever of the severity in the head. */
function alwaysEscalated(span: Span, severity: string): Finding {
  return {
    code: 'W0333',
    span,
    message: `this ESCALATE TO ${severity} is true of every detection from its first event on`,
    label: 'HAVING makes it true',
    hints: [`write SEVERITY ${severity} in the head, or a condition that is true later only`],
  };
}

/** A SEVERITY CASE that waits for a count beyond the one at which the rule fires: it is asked once, there. */
function laterSeverities(operator: CheckedOperator, sources: Sources, isDecidedAtEnd: () => boolean): Finding[] {
  const { severity, life } = operator;
  if (severity?.kind !== 'case' || life !== null) return [];
  const reached = reachedCount(operator, sources, isDecidedAtEnd);
  if (reached === null) return [];
  const detection = ofDetection(operator, sources);
  const firing = ofDetection(operator, sources, (group) => learnReached(group, reached));
  return severity.branches
    .filter(({ when }) => canHold(when, detection) && !canHold(when, firing))
    .map(({ when, result }) => {
      const raised = result.kind === 'literal' ? String(result.value) : 'high';
      const label = `the rule fires at the event that makes HAVING true: ${nameOf(reached.count)} is ${reached.value} there`;
      const hint = `write behind the SELECT ESCALATE WHEN … TO ${raised}: it raises the detection when it comes to that`;
      return idle(when.span, 'this severity is never chosen', label, [hint]);
    });
}

/** What is known of a detection's columns: their paths are places in it. */
function ofDetection({ select }: CheckedOperator, sources: Sources, more = (group: Facts) => group): Facts {
  const group = more(select.window === null ? sources.afterWhere(select) : sources.afterHaving(select));
  const column: Facts['ground']['column'] = ({ path: [from, index] }) => {
    const i = Number(index);
    if (from === 'output') return evaluate((select.outputs[i] as { expression: Checked }).expression, group);
    return group.ground.key(i);
  };
  return new Facts({ ...group.ground, column });
}

/**
 * A window that is decided at its end fires once for each key, a whole advance after the last time at the least: what
 * SUPPRESS covers, [t0, t0 + t), is over by then.
 */
function idleSuppress(operator: CheckedOperator, isDecidedAtEnd: () => boolean): Finding[] {
  const { suppress, select, name_span } = operator;
  const { window } = select;
  if (suppress === null || window === null || (window.kind !== 'tumbling' && window.kind !== 'hopping')) return [];
  const apart_ms = window.kind === 'hopping' ? window.advance_ms : window.size_ms;
  const coversKey = (select.key ?? []).every((part, i) =>
    suppress.by.some(
      (name) =>
        name === part.name || select.outputs.some((output) => output.name === name && isKey(output.expression, i)),
    ),
  );
  if (window.zone !== undefined || suppress.for_ms > apart_ms || !coversKey || !isDecidedAtEnd()) return [];
  const hints = ['a longer FOR would suppress; so would a SUPPRESS BY fewer columns'];
  return [
    idle(
      name_span,
      'its SUPPRESS never suppresses anything',
      'each window is decided at its end: the time is over by the next one',
      hints,
    ),
  ];
}

function isKey(expression: Checked, index: number): boolean {
  return expression.kind === 'key' && expression.index === index;
}

/** Exceptions that cannot match anything of this operator, with the file that they stand in. */
export function idleExceptions(
  operator: CheckedOperator,
  sources: Sources,
): { readonly path: string; readonly finding: Finding }[] {
  const { select, exceptions } = operator;
  const ignores = exceptions.filter(({ action }) => action === 'ignore').length;
  const where = conjunctsOf(select.where);
  const rows = sources.rowsOf(select);
  for (const condition of where.slice(0, where.length - ignores)) rows.learn(condition);
  const detection = ofDetection(operator, sources);
  return exceptions
    .filter(({ action, condition }) => !canHold(condition, action === 'ignore' ? rows : detection))
    .map((exception) => ({ path: exception.place.path, finding: unmatched(exception, operator.name) }));
}

function unmatched({ name, action, place }: CheckedException, rule: string): Finding {
  return {
    code: 'W0312',
    span: place.span,
    message: `the exception ${name} can never match`,
    label: action === 'ignore' ? `no event that ${rule} reads makes it true` : `no detection of ${rule} makes it true`,
    hints: [],
  };
}
