import { compareValues, type Value, type ValueType } from '../../engine/index.ts';

/** An end of a range; `open`: the value itself is not in it. */
interface Bound {
  readonly value: Value;
  readonly open: boolean;
}

/**
 * What is certain of an expression's value: never too little (a value that it can have is always in it), so that what it
 * excludes is proven. Interval analysis with sets and NULL (Cousot and Cousot, POPL 1977).
 */
export interface Known {
  /** Whether it may be NULL. */
  readonly null: boolean;
  /** Every value besides NULL; null: too many to list. [] is an expression that is always NULL (or never computed). */
  readonly values: readonly Value[] | null;
  readonly least: Bound | null;
  readonly greatest: Bound | null;
  /** Arrays: at most so many elements. */
  readonly elements: number | null;
}

const unbounded = { values: null, least: null, greatest: null, elements: null } as const;
const truths: readonly Value[] = [true, false];

/** Nothing is known but the type. */
export function anything(type: ValueType): Known {
  if (type === 'null') return alwaysNull;
  return { ...unbounded, null: true, values: type === 'bool' ? truths : null };
}

export const alwaysNull: Known = { ...unbounded, null: true, values: [] };

export function exactly(value: Value): Known {
  return value === null ? alwaysNull : { ...unbounded, null: false, values: [value] };
}

/** A condition that may be what is listed. */
export function truth(mayBeTrue: boolean, mayBeFalse: boolean, mayBeNull: boolean): Known {
  return { ...unbounded, null: mayBeNull, values: truths.filter((value) => (value ? mayBeTrue : mayBeFalse)) };
}

/** From `least` to `greatest`, both inside; null is no bound. */
export function between(least: Value, greatest: Value, mayBeNull: boolean): Known {
  const at = (value: Value) => (value === null ? null : { value, open: false });
  return { ...unbounded, null: mayBeNull, least: at(least), greatest: at(greatest) };
}

export function canBe(known: Known, value: Value): boolean {
  if (value === null) return known.null;
  if (known.values === null) return isInside(value, known);
  return typeof value === 'object'
    ? known.values.some((one) => compareValues(one, value) === 0)
    : known.values.includes(value);
}

/** Whether it has no value but NULL. */
export function isNullOnly({ values }: Known): boolean {
  return values !== null && values.length === 0;
}

/** One of these, which may be many. */
export function oneOf(values: readonly Value[]): Known {
  return { ...unbounded, null: false, values };
}

/** A list of at most so many elements; null: nobody knows. */
export function listOfAtMost(elements: number | null): Known {
  return { ...unbounded, null: false, elements };
}

function isInside(value: Value, { least, greatest }: Known): boolean {
  if (least !== null) {
    const difference = compareValues(value, least.value);
    if (difference < 0 || (difference === 0 && least.open)) return false;
  }
  if (greatest === null) return true;
  const difference = compareValues(value, greatest.value);
  return difference < 0 || (difference === 0 && !greatest.open);
}

/** Both hold. `type` int makes a bound that is not in the range the next whole number. */
export function both(a: Known, b: Known, type: ValueType): Known {
  const least = whole(tighter(a.least, b.least, 1), type, 1);
  const greatest = whole(tighter(a.greatest, b.greatest, -1), type, -1);
  const range: Known = {
    null: a.null && b.null,
    values: null,
    least,
    greatest,
    elements: fewer(a.elements, b.elements),
  };
  const other = b.values === null ? null : new Set(b.values);
  const listed = a.values === null ? b.values : a.values.filter((value) => other?.has(value) ?? true);
  if (listed !== null) return { ...range, values: listed.filter((value) => isInside(value, range)) };
  if (least === null || greatest === null) return range;
  const difference = compareValues(least.value, greatest.value);
  const isEmpty = difference > 0 || (difference === 0 && (least.open || greatest.open));
  return isEmpty ? { ...range, values: [] } : range;
}

/** Either holds: the least that holds of both. */
export function either(a: Known, b: Known): Known {
  if (isNullOnly(a)) return { ...b, null: a.null || b.null };
  if (isNullOnly(b)) return { ...a, null: a.null || b.null };
  const values = a.values === null || b.values === null ? null : [...new Set([...a.values, ...b.values])];
  return {
    null: a.null || b.null,
    values,
    least: wider(leastOf(a), leastOf(b), -1),
    greatest: wider(greatestOf(a), greatestOf(b), 1),
    elements: a.elements === null || b.elements === null ? null : Math.max(a.elements, b.elements),
  };
}

/** Of a set its own end, which is inside of the range that it may have beside it. */
export function leastOf({ least, values }: Known): Bound | null {
  return extreme(values, -1) ?? least;
}

export function greatestOf({ greatest, values }: Known): Bound | null {
  return extreme(values, 1) ?? greatest;
}

function extreme(values: readonly Value[] | null, sign: 1 | -1): Bound | null {
  if (values === null || values.length === 0) return null;
  return { value: values.reduce((a, b) => (compareValues(b, a) * sign > 0 ? b : a)), open: false };
}

/** How many different values it has, NULL not counted; null: not known. */
export function sizeOf(known: Known, type: ValueType): number | null {
  if (known.values !== null) return new Set(known.values).size;
  const { least, greatest } = known;
  if (type !== 'int' || least === null || greatest === null) return null;
  return (greatest.value as number) - (least.value as number) + 1;
}

function tighter(a: Bound | null, b: Bound | null, sign: 1 | -1): Bound | null {
  if (a === null || b === null) return a ?? b;
  const difference = compareValues(a.value, b.value) * sign;
  if (difference === 0) return a.open ? a : b;
  return difference > 0 ? a : b;
}

function wider(a: Bound | null, b: Bound | null, sign: 1 | -1): Bound | null {
  if (a === null || b === null) return null;
  const difference = compareValues(a.value, b.value) * sign;
  if (difference === 0) return a.open ? b : a;
  return difference > 0 ? a : b;
}

function whole(bound: Bound | null, type: ValueType, sign: 1 | -1): Bound | null {
  if (bound === null || type !== 'int' || typeof bound.value !== 'number') return bound;
  const { value, open } = bound;
  const rounded = sign > 0 ? Math.ceil(value) : Math.floor(value);
  return { value: open && rounded === value ? value + sign : rounded, open: false };
}

function fewer(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
