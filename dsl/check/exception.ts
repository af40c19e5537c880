import type { Finding, Reporter } from '../diagnostics/diagnostic.ts';
import { Refusal, refuse } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import { timeOf } from '../lookups/cell-value.ts';
import { children } from '../syntax/children.ts';
import type { ExceptionStatement, ExpressionNode, TextNode, Word } from '../syntax/tree.ts';
import type { Checked, CheckedException, CheckedOperator } from './checked.ts';
import { compare } from './comparisons.ts';
import type { Context } from './context.ts';
import { conditionOver, detectionScope } from './detection-scope.ts';
import { checkCondition } from './expressions.ts';
import type { Input } from './input.ts';
import { literal } from './literals.ts';
import type { Lookups } from './lookup-values.ts';
import { type DeclaredFunctions, Params } from './params.ts';
import { type Named, refuseTakenName } from './taken-name.ts';

/** What exceptions are checked against. */
interface ExceptionScope {
  readonly lookups: Lookups;
  readonly functions: DeclaredFunctions;
  /** What an operator reads. */
  inputOf(operator: CheckedOperator): Input;
  /** For the lint of exceptions that are over; null: nobody said what time it is. */
  readonly as_of_ms: number | null;
}

/** The operators that exceptions are put on, and what they are. */
interface ExceptedProgram {
  readonly operators: CheckedOperator[];
  isRule(name: string): boolean;
  isUnion(name: string): boolean;
  /** Written, and reported already. */
  isWrong(name: string): boolean;
}

interface Bounds {
  readonly valid_from_ms: number | null;
  readonly valid_to_ms: number | null;
}

/** All exceptions, each on what it names. */
export function applyExceptions(
  exceptions: readonly { readonly statement: ExceptionStatement; readonly reporter: Reporter }[],
  check: ExceptedProgram,
  scope: ExceptionScope,
): void {
  const names = new Map<string, Named>();
  for (const { statement, reporter } of exceptions) {
    const { name } = statement;
    const one = { what: 'an exception', name, reporter };
    const first = names.get(name.text);
    const united = statement.rules.find((one) => check.isUnion(one.text) && !check.isRule(one.text));
    if (united !== undefined) {
      refuseExceptionOnUnion(united, reporter);
    } else if (first === undefined) applyException(statement, check, reporter, scope);
    else refuseTakenName(one, 'exception', first.what, first);
    if (first === undefined) names.set(name.text, one);
  }
}

/** IGNORE is over what a view reads. */
function refuseExceptionOnUnion({ text, span }: Word, reporter: Reporter): void {
  reporter.error({
    code: 'W0224',
    span,
    message: `an exception takes events out of what a view reads, and ${text} has a UNION ALL: it reads several`,
    label: 'name the rules that read the view, or write each SELECT as a view of its own and name those',
  });
}

/**
 * Puts an exception on the rules (and views) that it names: IGNORE takes events out of what they read, by one more
 * condition of WHERE; MUTE keeps their detections as suppressed. Names that no rule has are warned about: the rule may
 * be of a pack that is not loaded.
 */
function applyException(
  statement: ExceptionStatement,
  check: ExceptedProgram,
  reporter: Reporter,
  scope: ExceptionScope,
): void {
  const { operators } = check;
  const bounds = reporter.attempt(() => checkBounds(statement));
  const reasons = reporter.attempt(() => checkReasons(statement));
  if (bounds === null || reasons === null) return;
  const { valid_to_ms } = bounds;
  if (valid_to_ms !== null && scope.as_of_ms !== null && valid_to_ms <= scope.as_of_ms)
    reporter.warn(expired(statement));
  for (const name of statement.rules) {
    const index = operators.findIndex((operator) => operator.name === name.text);
    const operator = operators[index];
    if (operator === undefined) {
      if (!check.isWrong(name.text)) reporter.warn(unknownRule(name, statement, operators));
      continue;
    }
    const applied = reporter.attempt(() => applyTo(operator, statement, bounds, reporter, scope));
    if (applied !== null) operators[index] = applied;
  }
}

function applyTo(
  operator: CheckedOperator,
  statement: ExceptionStatement,
  bounds: Bounds,
  reporter: Reporter,
  scope: ExceptionScope,
): CheckedOperator {
  const { action, where, name, because, owner, span } = statement;
  const tunes = operator.tunes.map((tune) => {
    return { ...tune, operator: applyTo(tune.operator, statement, bounds, reporter, scope) };
  });
  const place = { path: reporter.path, span: name.span };
  const about = { place, name: name.text, action, ...bounds, because: because.value, owner: owner?.value ?? null };
  if (action === 'mute') {
    if (operator.kind === 'view') {
      const label = `${operator.name} is a ${operator.table ? 'table' : 'view'}: nothing of it is shown`;
      refuse({ code: 'W0224', span: name.span, message: 'MUTE is for rules', label, hints: ['write IGNORE'] });
    }
    const condition = muting(where, operator, reporter, scope);
    return { ...operator, tunes, exceptions: [...operator.exceptions, { ...about, condition }] };
  }
  const context: Context = {
    ...({ clause: 'IGNORE' } as const),
    ...{ input: scope.inputOf(operator), input_alias: null, params: new Params(scope.functions) },
    ...{ joins: new Map(), lookups: scope.lookups, aliases: new Map(), all_aliases: [], windowed: false, reporter },
  };
  const condition = within(ignoring(where, context, operator), bounds, span);
  const exception: CheckedException = { ...about, condition };
  return {
    ...operator,
    tunes,
    exceptions: [...operator.exceptions, exception],
    select: { ...operator.select, where: and(operator.select.where, untrue(condition)) },
  };
}

/** The condition of IGNORE, over events; who asks for a column of the detection means MUTE. */
function ignoring(where: ExpressionNode, context: Context, { name, select }: CheckedOperator): Checked {
  try {
    return checkCondition(where, context);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.finding?.code !== 'W0107') throw refusal;
    const asked = pathIn(where, refusal.finding.span);
    if (!select.outputs.some((output) => output.name === asked)) throw refusal;
    refuse({
      ...refusal.finding,
      message: `${asked} is a column of ${name}, and IGNORE looks at events`,
      label: 'write MUTE instead of IGNORE: it looks at the detection',
      hints: ['IGNORE: the rule never sees such events; MUTE: the detection is made and kept as suppressed'],
    });
  }
}

/** The name that stands at a place of the condition, with its dots; null: none does. */
function pathIn(node: ExpressionNode, span: Checked['span']): string | null {
  if (node.kind === 'name' && node.span.offset === span.offset) return node.parts.map(({ text }) => text).join('.');
  return children(node).reduce<string | null>((found, child) => found ?? pathIn(child, span), null);
}

/** The condition of MUTE, over the detection; who asks for a field of events means IGNORE. */
function muting(where: ExpressionNode, operator: CheckedOperator, reporter: Reporter, scope: ExceptionScope): Checked {
  try {
    return conditionOver(where, 'MUTE', detectionScope(operator.select, new Params(scope.functions), reporter));
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.finding?.code !== 'W0107') throw refusal;
    const asked = pathIn(where, refusal.finding.span);
    if (asked === null || scope.inputOf(operator).find(asked) === undefined) throw refusal;
    refuse({
      ...refusal.finding,
      message: `${asked} is a field of events, and MUTE looks at the columns of ${operator.name}`,
      label: `write IGNORE instead of MUTE, or select ${asked} in ${operator.name}`,
      hints: ['IGNORE: the rule never sees such events; MUTE: the detection is made and kept as suppressed'],
    });
  }
}

/** The condition, in the time in which the exception is valid. */
function within(condition: Checked, { valid_from_ms, valid_to_ms }: Bounds, span: Checked['span']): Checked {
  const time = {
    kind: 'column',
    name: 'timestamp',
    path: ['timestamp'],
    type: 'timestamp',
    written: 'timestamp',
  } as const;
  const column = { ...time, conversion: 'declared', span } as const;
  const at = (time_ms: number) => literal('timestamp', time_ms, span);
  const parts = [condition];
  if (valid_from_ms !== null) parts.push(compare('>=', column, at(valid_from_ms), span));
  if (valid_to_ms !== null) parts.push(compare('<', column, at(valid_to_ms), span));
  return parts.length === 1 ? condition : { kind: 'and', arguments: parts, type: 'bool', span };
}

/** An event is ignored where the condition is true: not where it is NULL. Never computed while compiling. */
function untrue(condition: Checked): Checked {
  const { span } = condition;
  const no = literal('bool', false, span);
  const known = { kind: 'call', function: 'coalesce', arguments: [condition, no], type: 'bool', span } as const;
  return { kind: 'not', argument: known, type: 'bool', span };
}

function and(where: Checked | null, condition: Checked): Checked {
  if (where === null) return condition;
  return { kind: 'and', arguments: [where, condition], type: 'bool', span: where.span };
}

function checkBounds({ valid_from, valid_to }: ExceptionStatement): Bounds {
  const valid_from_ms = valid_from === null ? null : timeAt(valid_from);
  const valid_to_ms = valid_to === null ? null : timeAt(valid_to);
  if (valid_from_ms !== null && valid_to_ms !== null && valid_from_ms >= valid_to_ms) {
    refuse({
      code: 'W0224',
      span: (valid_to as TextNode).span,
      message: 'this exception is never valid',
      label: 'TO must be after FROM; the time of TO is no longer in it',
    });
  }
  return { valid_from_ms, valid_to_ms };
}

function timeAt(text: TextNode): number {
  const time_ms = timeOf(text.value);
  if (time_ms !== null) return time_ms;
  refuse({
    code: 'W0204',
    span: text.span,
    message: `'${text.value}' is no time`,
    label: "write '2026-12-01' (its midnight UTC) or '2026-12-01T08:00:00Z'",
  });
}

/** Whoever finds the exception in a year must be able to say whether it may go. */
function checkReasons({ because, owner }: ExceptionStatement): true {
  for (const text of [because, owner]) {
    if (text === null || text.value.trim() !== '') continue;
    const label = text === because ? "say why: BECAUSE 'red team exercise'" : 'name who answers for it';
    refuse({ code: 'W0224', span: text.span, message: 'an empty text', label });
  }
  return true;
}

function unknownRule(name: Word, { name: own }: ExceptionStatement, operators: readonly CheckedOperator[]): Finding {
  const names = operators.map((operator) => operator.name);
  return {
    code: 'W0310',
    span: name.span,
    message: `the exception ${own.text} names \`${name.text}\`, and no such rule is loaded`,
    label: didYouMean(name.text, names),
    hints: [names.length === 0 ? 'no rule is loaded with it' : `rules and views: ${listOf(names)}`],
  };
}

function expired({ name, valid_to }: ExceptionStatement): Finding {
  return {
    code: 'W0311',
    span: (valid_to as TextNode).span,
    message: `the exception ${name.text} is over`,
    label: 'remove it when no history before this time is to be replayed',
  };
}
