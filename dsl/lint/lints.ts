import { limits } from '../../engine/index.ts';
import type { Checked, CheckedOperator } from '../check/checked.ts';
import type { CheckedProgram } from '../check/program.ts';
import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.ts';
import { conjunctsOf, lowerOperator } from '../plan/lower.ts';
import { contradictions } from './contradictions.ts';
import { evaluate } from './evaluate.ts';
import { Sources } from './ground.ts';
import { idleClauses, idleExceptions } from './idle-clauses.ts';
import { idleJoins } from './idle-joins.ts';
import { canBe } from './known.ts';
import { misspelledValues } from './known-values.ts';
import { longWaits } from './long-waits.ts';
import { alwaysNullComparisons } from './null-comparisons.ts';
import { innerByWhere } from './outer-joins.ts';
import { valuesOffSchema } from './schema-values.ts';

/** Warnings about rules that are right and of no use. */
export function lintProgram(program: CheckedProgram, diagnostics: Diagnostic[]): void {
  const sources = new Sources(program);
  for (const operator of program.operators) {
    const reporter = new Reporter(operator.path, diagnostics);
    // For some tenants it is another one, with other constants: what is proven of this one is not said of all.
    if (operator.tunes.length === 0) lintMeaning(operator, sources, diagnostics);
    lintName(operator, reporter);
    lintSession(operator, reporter);
    lintSignal(operator, reporter);
    for (const finding of longWaits(operator)) reporter.warn(finding);
    if (operator.kind === 'view') sources.add(operator, !isDecidedAtEvents(operator));
    const union = program.unions.find(({ branches }) => branches.at(-1) === operator.name);
    if (union !== undefined) sources.addUnion(union);
    if (operator.select.input === program.stream.name || operator.select.input === 'events') {
      lintValues(operator, reporter);
    }
  }
}

/** Whether it can fire, when, and what of it does nothing. */
function lintMeaning(operator: CheckedOperator, sources: Sources, diagnostics: Diagnostic[]): void {
  const reporter = new Reporter(operator.path, diagnostics);
  for (const finding of alwaysNullComparisons(operator, sources)) reporter.warn(finding);
  const never = contradictions(operator, sources);
  for (const finding of never) reporter.warn(finding);
  // Of a rule that never fires, nothing else is worth saying: least of all that it fires at the first event.
  if (never.length > 0) return;
  lintFirstEvent(operator, sources, reporter);
  for (const finding of innerByWhere(operator, sources)) reporter.warn(finding);
  for (const finding of idleJoins(operator, sources)) reporter.warn(finding);
  for (const finding of idleClauses(operator, sources, () => !isDecidedAtEvents(operator))) reporter.warn(finding);
  for (const { path, finding } of idleExceptions(operator, sources)) new Reporter(path, diagnostics).warn(finding);
}

function lintSession(operator: CheckedOperator, reporter: Reporter): void {
  const { window } = operator.select;
  if (window?.kind !== 'session' || window.max_ms !== null) return;
  reporter.warn({
    code: 'W0331',
    span: operator.name_span,
    message: `nothing in ${operator.name} says when a session is over that never falls quiet`,
    label: 'SESSION has no MAX: its rows are kept as long as events come',
    hints: [
      `write SESSION GAP … MAX 8 HOURS; without it a key keeps its last ${limits.rows_per_key.toLocaleString('en-US')} rows, and what is older is dropped, counted`,
    ],
  });
}

/** Rules, their tests, `weir why` and `rule.param` name it: a blank or a dot makes each of them another puzzle. */
function lintName({ kind, table, name, local, branch, name_span }: CheckedOperator, reporter: Reporter): void {
  const own = local ?? name;
  // The SELECTs of a UNION ALL are numbered: `name (1)`.
  const written = branch === null ? own : own.replace(/ \(\d+\)$/, '');
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(written) || (branch ?? 1) > 1) return;
  const what = table ? 'table' : kind;
  const plain = written
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  const isName = /^[\p{L}_]/u.test(plain);
  reporter.warn({
    code: 'W0309',
    span: name_span,
    message: `the ${what} "${written}" needs quotes wherever it is named`,
    label: isName ? `write ${plain}` : 'a name has letters, digits and _, and begins with no digit',
    hints: kind === 'rule' ? ['what people read is its TITLE, which may be any text'] : [],
  });
}

/** A signal is not shown and not kept, and no rule reads detections: all that is left of it is its risk. */
function lintSignal({ kind, name, name_span, metadata, risk }: CheckedOperator, reporter: Reporter): void {
  if (kind !== 'rule' || metadata.mode !== 'signal' || risk !== null) return;
  reporter.warn({
    code: 'W0332',
    span: name_span,
    message: `what ${name} finds has no effect: MODE signal keeps no detections`,
    label: 'it has no RISK to which it could add',
    hints: [
      'write RISK 40 ON account account_id HALF LIFE 24 HOURS, or MODE shadow: kept and marked, and shown to nobody',
    ],
  });
}

/** An alias stands for its expression wherever it is used: each place is said once. */
function lintValues({ select: { where, having, outputs } }: CheckedOperator, reporter: Reporter): void {
  const places = new Set<number>();
  for (const part of [where, having, ...outputs.map(({ expression }) => expression)]) {
    for (const finding of [...misspelledValues(part), ...valuesOffSchema(part)]) {
      if (!places.has(finding.span.offset)) reporter.warn(finding);
      places.add(finding.span.offset);
    }
  }
}

/** A HAVING that one event fulfils: then the rule is a rule on single events with a window around it. */
function lintFirstEvent(operator: CheckedOperator, sources: Sources, reporter: Reporter): void {
  const { having, window } = operator.select;
  if (operator.kind !== 'rule' || window === null) return;
  if (having === null) {
    if (window.kind !== 'sliding') return;
    reporter.warn({
      code: 'W0301',
      span: operator.name_span,
      message: `${operator.name} fires at the first event of every key`,
      label: 'there is no HAVING',
      hints: ['write what makes it a detection: HAVING count(*) >= 10'],
    });
    return;
  }
  const known = evaluate(having, sources.groupOf(operator.select, 1, 1));
  if (known.null || canBe(known, false) || !canBe(known, true) || !isDecidedAtEvents(operator)) return;
  // A view of windows gives a row for many events: its threshold may be what was meant.
  const { input } = operator.select;
  const row = /^[\w.]+$/.test(input) && input !== 'events' ? `row of ${input}` : 'event';
  reporter.warn({
    code: 'W0301',
    span: having.span,
    message: `this HAVING is true at the first ${row} of every key`,
    label: `one ${row} is enough`,
    hints: [
      isUpperBound(having)
        ? 'too few are known at the end: WINDOW TUMBLING … EMIT AT END; of none at all WITH EMPTY FOR tells'
        : `raise the threshold; or, if one ${row} is a detection, write the rule without GROUP BY and WINDOW`,
    ],
  });
}

/** `count(*) < 5`, which more events make false. */
function isUpperBound(having: Checked): boolean {
  if (having.kind !== 'call') return false;
  const [left, right] = having.arguments;
  const isLess = having.function === '<' || having.function === '<=';
  const isGreater = having.function === '>' || having.function === '>=';
  return (isLess && left?.kind === 'aggregate') || (isGreater && right?.kind === 'aggregate');
}

/** Whether the first event of a key can fire it: else a HAVING looks at all events of the window. */
function isDecidedAtEvents(operator: CheckedOperator): boolean {
  const plan = lowerOperator(
    operator,
    ({ select }) => ({ name: select.input, hash: null, where: conjunctsOf(select.where) }),
    0,
  );
  return plan.window?.decided !== 'end';
}
