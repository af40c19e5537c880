import { compareValues, type Value } from '../../engine/index.ts';
import { type Checked, type CheckedAggregate, identity } from '../check/checked.ts';
import { alwaysNull, canBe, greatestOf, isNullOnly, type Known, leastOf, truth } from './known.ts';

/** What `a op b` can be, seen from what its sides can be and from what they are together. */
export function compare(name: string, given: readonly Checked[], [a, b]: readonly Known[]): Known {
  const [left, right] = given as readonly [Checked, Checked];
  if (name === 'is_distinct_from') {
    const mayBeEqual = (a.null && b.null) || mayEqual(left, right, a, b);
    const mayDiffer = a.null || b.null || !isOne(a, b);
    return truth(mayDiffer, mayBeEqual, false);
  }
  if (isNullOnly(a) || isNullOnly(b)) return alwaysNull;
  const mayBeNull = a.null || b.null;
  switch (name) {
    case '=':
      return truth(mayEqual(left, right, a, b), !isOne(a, b), mayBeNull);
    case '<>':
      return truth(!isOne(a, b), mayEqual(left, right, a, b), mayBeNull);
    case '<':
      return truth(mayBeLess(left, right, a, b), mayBeAtLeast(a, b), mayBeNull);
    case '>=':
      return truth(mayBeAtLeast(a, b), mayBeLess(left, right, a, b), mayBeNull);
    case '>':
      return truth(mayBeLess(right, left, b, a), mayBeAtLeast(b, a), mayBeNull);
    default:
      return truth(mayBeAtLeast(b, a), mayBeLess(right, left, b, a), mayBeNull);
  }
}

/** Whether both are one and the same value. */
function isOne(a: Known, b: Known): boolean {
  return a.values?.length === 1 && b.values?.length === 1 && compareValues(a.values[0], b.values[0]) === 0;
}

function mayEqual(left: Checked, right: Checked, a: Known, b: Known): boolean {
  if (areOtherCase(left, b) || areOtherCase(right, a)) return false;
  if (a.values !== null) return a.values.some((value) => canBe(b, value));
  if (b.values !== null) return b.values.some((value) => canBe(a, value));
  return isNotAbove(a, b) && isNotAbove(b, a);
}

/** Whether some value of a is at most some value of b. */
function isNotAbove(a: Known, b: Known): boolean {
  const [least, greatest] = [leastOf(a), greatestOf(b)];
  if (least === null || greatest === null) return true;
  const difference = compareValues(least.value, greatest.value);
  return difference < 0 || (difference === 0 && !least.open && !greatest.open);
}

function mayBeLess(left: Checked, right: Checked, a: Known, b: Known): boolean {
  if (isNeverLess(left, right)) return false;
  const [least, greatest] = [leastOf(a), greatestOf(b)];
  return least === null || greatest === null || compareValues(least.value, greatest.value) < 0;
}

function mayBeAtLeast(a: Known, b: Known): boolean {
  return isNotAbove(b, a);
}

/** `lower(x) = 'Fail'`: lower gives no text that it would change. */
export function isOtherCase(subject: Checked, value: Value): boolean {
  if (subject.kind !== 'call' || typeof value !== 'string') return false;
  if (subject.function === 'lower') return value.toLowerCase() !== value;
  return subject.function === 'upper' && value.toUpperCase() !== value;
}

function areOtherCase(subject: Checked, { values }: Known): boolean {
  return values !== null && values.length > 0 && values.every((value) => isOtherCase(subject, value));
}

/** Whether `left < right` is impossible of two aggregates of one window: the right one is never the greater. */
function isNeverLess(left: Checked, right: Checked): boolean {
  return left.kind === 'aggregate' && right.kind === 'aggregate' && isPartOf(right, left);
}

/** Whether the first is at most the second in every window in which both are not NULL. */
export function isPartOf(part: CheckedAggregate, whole: CheckedAggregate): boolean {
  const isSame = identify(part.argument) === identify(whole.argument);
  const fewerRows = whole.filter === null || identify(part.filter) === identify(whole.filter);
  const moreRows = part.filter === null || identify(part.filter) === identify(whole.filter);
  switch (part.function) {
    case 'count':
      return whole.function === 'count' && fewerRows && (whole.argument === null || isSame);
    case 'count_distinct':
      if (whole.function === 'count') return fewerRows && (whole.argument === null || isSame);
      return whole.function === 'count_distinct' && fewerRows && isSame;
    case 'min':
      if (moreRows && isSame && ofOneRow.has(whole.function)) return true;
      return whole.function === 'max' && fewerRows && isSame;
    default:
      return whole.function === 'max' && fewerRows && isSame && ofOneRow.has(part.function);
  }
}

/** Aggregates whose value is that of one of the rows. */
const ofOneRow: ReadonlySet<string> = new Set(['min', 'max', 'first', 'last', 'any_value']);

function identify(expression: Checked | null): string {
  return expression === null ? '' : identity(expression);
}
