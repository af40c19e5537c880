import { compareValues, type Value } from '../../engine/index.ts';
import { type Checked, type CheckedSelect, identity } from '../check/checked.ts';
import type { Finding, Span } from '../diagnostics/diagnostic.ts';
import { listOf } from '../diagnostics/suggest.ts';
import { conjunctsOf } from '../plan/lower.ts';

/** What WHERE leaves of an expression: a set of values, or a range. */
interface Allowed {
  readonly name: string;
  values: readonly Value[] | null;
  least: Value;
  greatest: Value;
  /** The condition that said so last. */
  span: Span;
  text: string;
}

/** Why a SELECT can never give a row; empty when nothing says so. */
export function contradictions(select: CheckedSelect): Finding[] {
  const allowed = new Map<string, Allowed>();
  for (const conjunct of conjunctsOf(select.where)) {
    if (conjunct.kind === 'literal' && conjunct.value === false) {
      return [never(conjunct.span, 'this condition is always false')];
    }
    const empty = narrow(conjunct, allowed);
    if (empty !== null) return [empty];
  }
  return conjunctsOf(select.having).flatMap((conjunct) => {
    const finding = unreachable(conjunct, select, allowed);
    return finding === null ? [] : [finding];
  });
}

function never(span: Span, label: string, hints: readonly string[] = []): Finding {
  return { code: 'W0302', span, message: 'this rule can never fire', label, hints };
}

/** Adds one conjunct of WHERE; a finding when nothing is left. */
function narrow(conjunct: Checked, allowed: Map<string, Allowed>): Finding | null {
  const test = testOf(conjunct);
  if (test === null) return null;
  const key = identity(test.subject);
  const name = test.subject.kind === 'column' ? test.subject.written : 'this';
  const text = textOf(name, test);
  const before = allowed.get(key);
  const now: Allowed = before ?? { name, values: null, least: null, greatest: null, span: conjunct.span, text };
  const said = now.text;
  allowed.set(key, now);
  if (test.values !== null) {
    const kept = test.values;
    const set = new Set(kept);
    now.values = now.values === null ? kept : now.values.filter((value) => set.has(value));
  }
  if (test.least !== null && (now.least === null || compareValues(test.least, now.least) > 0)) now.least = test.least;
  if (test.greatest !== null && (now.greatest === null || compareValues(test.greatest, now.greatest) < 0)) {
    now.greatest = test.greatest;
  }
  const { least, greatest } = now;
  const values = now.values?.filter((value) => isWithin(value, least, greatest)) ?? null;
  now.values = values;
  now.span = conjunct.span;
  now.text = before === undefined ? text : `${said} AND ${text}`;
  const crossed = least !== null && greatest !== null && compareValues(least, greatest) > 0;
  if (!crossed && (values === null || values.length > 0)) return null;
  return never(conjunct.span, `no value is left of ${name}: WHERE also says ${said}`);
}

function isWithin(value: Value, least: Value, greatest: Value): boolean {
  if (value === null) return false;
  return (
    (least === null || compareValues(value, least) >= 0) && (greatest === null || compareValues(value, greatest) <= 0)
  );
}

interface Test {
  readonly subject: Checked;
  readonly operator: string;
  readonly values: readonly Value[] | null;
  readonly least: Value;
  readonly greatest: Value;
}

const turned: Record<string, string> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `x = constant`, `x IN (constants)`, `x >= constant`; null for anything else. Strict bounds count as weak ones. */
function testOf(condition: Checked): Test | null {
  if (condition.kind === 'in') {
    const values = condition.list.flatMap((item) => (item.kind === 'literal' ? [item.value] : []));
    if (values.length < condition.list.length) return null;
    return { subject: condition.argument, operator: 'IN', values, least: null, greatest: null };
  }
  if (condition.kind !== 'call') return null;
  const [left, right] = condition.arguments;
  if (left === undefined || right === undefined || turned[condition.function] === undefined) return null;
  const [subject, constant, operator] =
    right.kind === 'literal' ? [left, right, condition.function] : [right, left, turned[condition.function] as string];
  if (constant.kind !== 'literal' || constant.value === null || subject.kind === 'literal') return null;
  const { value } = constant;
  const whole = subject.type === 'int' && typeof value === 'number' && Number.isInteger(value);
  const above = operator === '>' && whole ? (value as number) + 1 : value;
  const below = operator === '<' && whole ? (value as number) - 1 : value;
  return {
    ...{ subject, operator, values: operator === '=' ? [value] : null },
    least: operator.startsWith('>') ? above : null,
    greatest: operator.startsWith('<') ? below : null,
  };
}

function textOf(name: string, { operator, values, least, greatest }: Test): string {
  const quote = (value: Value) => (typeof value === 'string' ? `'${value}'` : String(value));
  if (operator === 'IN') return `${name} IN (${listOf((values ?? []).map(quote), 6)})`;
  return `${name} ${operator} ${quote(values?.[0] ?? least ?? greatest)}`;
}

/** A lower bound of HAVING that no window can reach. */
function unreachable(conjunct: Checked, select: CheckedSelect, allowed: ReadonlyMap<string, Allowed>): Finding | null {
  if (conjunct.kind === 'literal')
    return conjunct.value === false ? never(conjunct.span, 'this is always false') : null;
  const test = testOf(conjunct);
  if (test === null || test.subject.kind !== 'aggregate') return null;
  const { subject } = test;
  const wanted = test.values?.[0] ?? test.least;
  if (subject.function === 'count' || subject.function === 'count_distinct') {
    const limit = test.greatest ?? test.values?.[0] ?? null;
    if (typeof limit === 'number' && limit < 0) return never(conjunct.span, 'a count is never below zero');
    const ofRows = subject.function === 'count' && subject.argument === null && subject.filter === null;
    if (ofRows && typeof limit === 'number' && limit < 1 && !seesSilence(select)) {
      return never(conjunct.span, 'a window without events is none, so its count is never 0', [
        'silent keys get rows with count 0 by WITH EMPTY: WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS',
      ]);
    }
  }
  if (subject.function !== 'count_distinct' || subject.argument === null || typeof wanted !== 'number') return null;
  const key = identity(subject.argument);
  const name = subject.argument.kind === 'column' ? subject.argument.written : 'the expression';
  if (wanted > 1 && select.key?.some((part) => identity(part.expression) === key)) {
    return never(conjunct.span, `${name} has one value in each group: it is in GROUP BY`, [
      'count another column, or remove this one from GROUP BY',
    ]);
  }
  const known = allowed.get(key);
  const count = known?.values === null || known === undefined ? null : new Set(known.values).size;
  if (count === null || wanted <= count) return null;
  return never(conjunct.span, `${name} has ${count} value${count === 1 ? '' : 's'} under WHERE ${known?.text}`);
}

function seesSilence({ window }: CheckedSelect): boolean {
  return window !== null && window.kind !== 'sliding' && window.kind !== 'session' && window.empty_ms !== undefined;
}
