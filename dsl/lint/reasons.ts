import { limits, type Value, type ValueType } from '../../engine/index.ts';
import { durationText } from '../build/duration-text.ts';
import { type Checked, type CheckedSelect, identity } from '../check/checked.ts';
import { listOf } from '../diagnostics/suggest.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { seesSilence } from './ground.ts';
import { greatestOf, type Known, leastOf, sizeOf } from './known.ts';
import { partsOfChecked } from './parts.ts';
import { shapesOf } from './shapes.ts';

/** What the conditions before said, by what they spoke of. */
export interface Said {
  readonly clause: 'ON' | 'EXISTS' | 'WHERE' | 'HAVING';
  readonly texts: Map<string, string>;
}

interface Test {
  readonly subject: Checked;
  readonly text: string;
  /** The constant that the subject must reach or stay below. */
  readonly operator: string;
  readonly constant: Value;
}

const turned: Record<string, string> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `x = constant`, `x >= constant`, `x IN (constants)`; null for anything else. */
function testOf(condition: Checked): Test | null {
  if (condition.kind === 'in') {
    const values = condition.list.flatMap((item) => (item.kind === 'literal' ? [item.value] : []));
    if (values.length < condition.list.length) return null;
    const text = `${nameOf(condition.argument)} IN (${listOf(
      values.map((value) => valueText(value)),
      6,
    )})`;
    return { subject: condition.argument, text, operator: 'IN', constant: null };
  }
  if (condition.kind !== 'call' || turned[condition.function] === undefined) return null;
  const [left, right] = condition.arguments as readonly [Checked, Checked];
  const isTurned = left.kind === 'literal';
  const [subject, constant] = isTurned ? [right, left] : [left, right];
  if (constant.kind !== 'literal' || subject.kind === 'literal') return null;
  const operator = isTurned ? (turned[condition.function] as string) : condition.function;
  const text = `${nameOf(subject)} ${operator} ${valueText(constant.value, constant.type)}`;
  return { subject, text, operator, constant: constant.value };
}

/** A comparison as messages write it. */
export function testText(condition: Checked): string {
  if (condition.kind !== 'call') return 'this';
  const [left, right] = condition.arguments.map((side) =>
    side.kind === 'literal' ? valueText(side.value) : nameOf(side),
  );
  if (functionTests.has(condition.function)) return `${condition.function}(${left}, ${right})`;
  const words: Record<string, string> = { like: 'LIKE', ilike: 'ILIKE', matches: '~', in_cidr: 'IN' };
  return `${left} ${words[condition.function] ?? condition.function} ${right}`;
}

const functionTests: ReadonlySet<string> = new Set(['starts_with', 'ends_with']);

function valueText(value: Value, type?: ValueType): string {
  if (type === 'duration') return durationText(Number(value));
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** An expression as messages call it. */
export function nameOf(expression: Checked): string {
  if (expression.kind === 'column') return expression.written;
  if (expression.kind === 'call') {
    const [first] = expression.arguments;
    return /^[a-z]/.test(expression.function) && first !== undefined && expression.arguments.length === 1
      ? `${expression.function}(${nameOf(first)})`
      : 'this';
  }
  if (expression.kind === 'window_start' || expression.kind === 'window_end') return expression.kind;
  if (expression.kind !== 'aggregate') return 'this';
  const { function: name, argument, filter } = expression;
  const of = argument === null ? '*' : nameOf(argument);
  const call = name === 'count_distinct' ? `count(DISTINCT ${of})` : `${name}(${of})`;
  return filter === null ? call : `${call} FILTER (…)`;
}

/** Remembers what a condition says of which expression, for the message of a later one. */
export function sayOf(condition: Checked, { texts }: Said): void {
  const add = (subject: Checked | null | undefined, text: string) => {
    if (!subject || subject.kind === 'literal') return;
    const key = identity(subject);
    const before = texts.get(key);
    texts.set(key, before === undefined ? text : `${before} AND ${text}`);
  };
  if (condition.kind === 'call' && shapesOf(condition).length > 0) {
    add(condition.arguments[0], testText(condition));
    return;
  }
  const tests = condition.kind === 'is_null' ? null : testOf(condition);
  const [subject, text] =
    condition.kind === 'is_null'
      ? [condition.argument, `${nameOf(condition.argument)} IS NULL`]
      : [tests?.subject ?? null, tests?.text ?? ''];
  add(subject, text);
}

export type Reason = [label: string, hints?: readonly string[]];

/** Why a condition that cannot be true cannot. */
export function whyNever(condition: Checked, facts: Facts, select: CheckedSelect, said: Said): Reason {
  if (condition.kind === 'literal') return ['this condition is always false'];
  const test = testOf(condition);
  const subject = test === null ? null : test.subject;
  const before = textsOf(condition, said);
  if (subject === null || test === null) {
    const apart = timesApart(condition, facts);
    if (apart !== null) return [apart];
    return [before === '' ? 'nothing makes this true' : `this is never true: ${said.clause} also says ${before}`];
  }
  if (before !== '') return [`no value is left of ${nameOf(subject)}: ${said.clause} also says ${before}`];
  if (subject.kind === 'call' && (subject.function === 'lower' || subject.function === 'upper')) {
    return [`${subject.function} never gives such a text: write it in ${subject.function} case`];
  }
  return subject.kind === 'aggregate' ? ofAggregate(subject, test, facts, select) : [rangeText(subject, facts)];
}

/** `b.timestamp < a.timestamp`: how far the two can be from each other. */
function timesApart(condition: Checked, facts: Facts): string | null {
  if (condition.kind !== 'call' || turned[condition.function] === undefined) return null;
  const [left, right] = condition.arguments as readonly [Checked, Checked];
  if (left.type !== 'timestamp' || right.type !== 'timestamp') return null;
  const apart = facts.ground.difference(left, right);
  const [least, greatest] = [apart?.least?.value, apart?.greatest?.value];
  if (typeof least !== 'number' || typeof greatest !== 'number') return null;
  return greatest <= 0
    ? `${nameOf(left)} is ${spanText(-greatest, -least)} before ${nameOf(right)}`
    : least < 0
      ? `${nameOf(left)} is at most ${durationText(-least)} before and ${durationText(greatest)} after ${nameOf(right)}`
      : `${nameOf(left)} is ${spanText(least, greatest)} after ${nameOf(right)}`;
}

function spanText(least_ms: number, greatest_ms: number): string {
  return least_ms === 0
    ? `at most ${durationText(greatest_ms)}`
    : `${durationText(least_ms)} to ${durationText(greatest_ms)}`;
}

function textsOf(condition: Checked, { texts }: Said): string {
  const found = new Set<string>();
  const visit = (part: Checked) => {
    const text = part.kind === 'literal' ? undefined : texts.get(identity(part));
    if (text !== undefined) found.add(text);
    for (const one of partsOfChecked(part)) visit(one);
  };
  visit(condition);
  return [...found].slice(0, 3).join(' AND ');
}

function ofAggregate(
  subject: Extract<Checked, { kind: 'aggregate' }>,
  { operator, constant }: Test,
  facts: Facts,
  select: CheckedSelect,
): Reason {
  const known = evaluate(subject, facts);
  const isBelow = operator === '<' || operator === '<=' || operator === '=';
  const { function: name, argument } = subject;
  if (name === 'count' || name === 'count_distinct') {
    if (isBelow && typeof constant === 'number' && constant < 0) return ['a count is never below zero'];
    if (name === 'count' && argument === null && isBelow && !seesSilence(select) && leastOf(known)?.value === 1) {
      if (typeof constant === 'number' && constant <= 1) {
        return [
          'a window without events is none, so its count is never 0',
          ['silent keys get rows with count 0 by WITH EMPTY: WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS'],
        ];
      }
    }
    if (greatestOf(known)?.value === limits.rows_per_key) {
      const most = limits.rows_per_key.toLocaleString('en-US');
      return [`a key keeps at most ${most} rows: beyond that the oldest go, counted`];
    }
  }
  if (name !== 'count_distinct' || argument === null) return [rangeText(subject, facts)];
  const column = argument.kind === 'column' ? argument.written : 'the expression';
  if (select.key?.some((part) => identity(part.expression) === identity(argument))) {
    const hints = ['count another column, or remove this one from GROUP BY'];
    return [`${column} has one value in each group: it is in GROUP BY`, hints];
  }
  const most = Number(greatestOf(known)?.value ?? 0);
  const said: Said = { clause: 'WHERE', texts: new Map() };
  for (const condition of conjuncts(select.where)) sayOf(condition, said);
  const where = said.texts.get(identity(argument));
  const values = most === 1 ? '1 value' : `${most} values`;
  return [
    where === undefined ? `${column} has at most ${values} here` : `${column} has ${values} under WHERE ${where}`,
  ];
}

function conjuncts(condition: Checked | null): readonly Checked[] {
  if (condition === null) return [];
  return condition.kind === 'and' ? condition.arguments.flatMap(conjuncts) : [condition];
}

/** `this is from 0 to 23`. */
function rangeText(subject: Checked, facts: Facts): string {
  const known = evaluate(subject, facts);
  const name = nameOf(subject);
  const show = (value: Value) => valueText(value, subject.type);
  const [least, greatest] = [leastOf(known), greatestOf(known)];
  if (known.values !== null && (sizeOf(known, subject.type) ?? 0) <= 6) return `${name} is ${valuesText(known, show)}`;
  if (least !== null && greatest !== null) {
    const to = greatest.open ? `to less than ${show(greatest.value)}` : `to ${show(greatest.value)}`;
    return `${name} is from ${show(least.value)} ${to}`;
  }
  if (greatest !== null) return `${name} is at most ${show(greatest.value)}`;
  return least === null ? `${name} never is` : `${name} is at least ${show(least.value)}`;
}

function valuesText({ values, null: mayBeNull }: Known, show: (value: Value) => string): string {
  const texts = (values ?? []).map(show);
  return listOf(mayBeNull ? [...texts, 'NULL'] : texts, 6).replace(/, ([^,]*)$/, ' or $1');
}
