/**
 * The values that rules compute with. A timestamp and a duration are numbers (milliseconds), an ip and a cidr are
 * strings in canonical form: the checked rule knows the type, a value at run time does not repeat it.
 */
export type Value = string | number | boolean | null | readonly Value[];

/** The types of language.md. `null` is the type of the literal NULL before its use gives it another one. */
export type ValueType =
  | 'string'
  | 'int'
  | 'float'
  | 'bool'
  | 'timestamp'
  | 'duration'
  | 'ip'
  | 'cidr'
  | 'array'
  | 'null';

/** A condition's result in SQL's three-valued logic: `null` is UNKNOWN. */
export type Truth = boolean | null;

/**
 * Compares strings by code point, which is also the order of their UTF-8 bytes (semantics.md S2).
 * JavaScript's `<` compares UTF-16 units and puts U+1F600 before U+FF5E; SQL and ClickHouse do not.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const surrogateX = x >= 0xd800 && x <= 0xdfff;
      const surrogateY = y >= 0xd800 && y <= 0xdfff;
      // A surrogate stands for a code point above every unit that is not one.
      if (surrogateX !== surrogateY) return surrogateX ? 1 : -1;
      return x - y;
    }
  }
  return a.length - b.length;
}

function rank(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'number') return 2;
  return typeof value === 'string' ? 3 : 4;
}

/** The order of derived rows (semantics.md S2): NULL < booleans < numbers < strings by bytes < arrays by element. */
export function compareValues(a: Value, b: Value): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (typeof a === 'string') return compareText(a, b as string);
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a === null) return 0;
  return compareLists(a, b as readonly Value[]);
}

/** Compares two lists element by element; a list that is a prefix of the other comes first. */
export function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareValues(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
