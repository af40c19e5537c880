import type { Checked } from '../check/checked.ts';
import { isPartOf } from './comparison.ts';
import { alwaysNull, between, greatestOf, type Known, leastOf } from './known.ts';

const parts: Readonly<Record<string, readonly [number, number]>> = {
  SECOND: [0, 59],
  MINUTE: [0, 59],
  HOUR: [0, 23],
  DAY: [1, 31],
  DOW: [0, 6],
  ISODOW: [1, 7],
  MONTH: [1, 12],
};

/** Within which bounds a function's results lie, given what its arguments can be; null where nothing is said of it. */
export function rangeOf({ function: name, arguments: given }: Call, known: readonly Known[]): Known | null {
  const [a, b] = known;
  const mayBeNull = known.some((one) => one.null);
  switch (name) {
    case 'length':
    case 'levenshtein':
    case 'abs':
      return between(0, null, mayBeNull);
    case 'jaro_winkler':
      return between(0, 1, mayBeNull);
    case 'cardinality':
      return between(0, a?.elements ?? null, mayBeNull);
    case 'extract':
      return ofPart(given[0]);
    case 'array_get':
      return isBehind(a, b) ? alwaysNull : null;
    case 'div':
    case '%':
      return isZero(b) ? alwaysNull : null;
    case '/':
      if (isZero(b)) return alwaysNull;
      return ofQuotient(given, known);
    case '+':
      return a && b ? ofSum(a, b) : null;
    case '*':
      return a && b && isNotNegative(a) && isNotNegative(b) ? between(0, null, true) : null;
    default:
      return null;
  }
}

type Call = Extract<Checked, { kind: 'call' }>;

function ofPart(unit: Checked | undefined): Known | null {
  const range = unit?.kind === 'literal' ? parts[String(unit.value).toUpperCase()] : undefined;
  return range === undefined ? null : between(range[0], range[1], true);
}

/** An element behind the end of a list that never gets so long. */
function isBehind(list: Known | undefined, index: Known | undefined): boolean {
  const place = index?.values?.length === 1 ? index.values[0] : null;
  if (list?.elements == null || typeof place !== 'number') return false;
  return place >= 0 ? place >= list.elements : -place > list.elements;
}

/** Division by zero is NULL. */
function isZero(divisor: Known | undefined): boolean {
  return divisor?.values?.length === 1 && divisor.values[0] === 0 && !divisor.null;
}

/** `count(*) FILTER (…) / count(*)` is a share: from 0 to 1. */
function ofQuotient([left, right]: readonly Checked[], [a, b]: readonly Known[]): Known | null {
  if (a === undefined || b === undefined || !isNotNegative(a) || !isNotNegative(b)) return null;
  const isShare = left?.kind === 'aggregate' && right?.kind === 'aggregate' && isPartOf(left, right);
  return between(0, isShare ? 1 : null, true);
}

/** Of whole numbers that stay exact; a sum beyond is NULL. */
function ofSum(a: Known, b: Known): Known | null {
  const add = (one: number | null, other: number | null) => (one === null || other === null ? null : one + other);
  const end = (bound: { readonly value: unknown } | null) =>
    Number.isSafeInteger(bound?.value) ? (bound?.value as number) : null;
  const least = add(end(leastOf(a)), end(leastOf(b)));
  const greatest = add(end(greatestOf(a)), end(greatestOf(b)));
  return least === null && greatest === null ? null : between(least, greatest, true);
}

function isNotNegative(known: Known): boolean {
  const least = leastOf(known);
  return least !== null && typeof least.value === 'number' && least.value >= 0;
}
