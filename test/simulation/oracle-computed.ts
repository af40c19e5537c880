import type { Computed, Condition } from './case.ts';
import { forms } from './forms.ts';
import { evaluate, type Row } from './naive-oracle.ts';

/** The rows with what the rule computes of each, as fields of it. They stay the rows that they were. */
export function withComputed(rows: readonly Row[], computed: Computed | undefined): Row[] {
  if (computed === undefined) return [...rows];
  return rows.map((row) => {
    const values = Object.entries(computed).map(([name, of]) => [name, evaluate(of, row.fields, {})] as const);
    return { ...row, fields: { ...row.fields, ...Object.fromEntries(values) }, of: row.of ?? row };
  });
}

/** What cannot is a syntactic list (S8): lengths, sizes, numbers that are not, and sums, products and choices of them. */
export function canBeNegative(c: Condition | undefined): boolean {
  if (c === undefined) return true;
  if (c[0] === 'v') return typeof c[1] === 'number' && c[1] < 0;
  if (c[0] === 'case')
    return c
      .slice(1)
      .some((part, i, { length }) => (i % 2 === 1 || i === length - 1) && canBeNegative(part as Condition));
  if (c[0] !== 'call') return true;
  const [, name, ...parts] = c;
  if (['length', 'abs', 'abs_float', 'cardinality', 'levenshtein'].includes(name)) return false;
  return !['add', 'multiply', 'add_floats', 'multiply_floats'].includes(name) || parts.some(canBeNegative);
}

/** Whether the numbers of an expression are of type float; those of events' fields `x` are not. */
export function isFloat(c: Condition | undefined): boolean {
  if (c === undefined) return false;
  if (c[0] === 'call') return forms.get(c[1])?.gives === 'float';
  if (c[0] === 'v') return !Number.isInteger(c[1]);
  if (c[0] === 'case') {
    return c.slice(1).some((part, i, { length }) => (i % 2 === 1 || i === length - 1) && isFloat(part as Condition));
  }
  return (c[0] === 'f' && c[1] === 'fl') || (c[0] === 'd' && c[2] === 'float');
}

/** Whole numbers are exact: where their sum leaves 2^53 on its way it is NULL. */
export function exactSum(numbers: readonly unknown[]): number | null {
  let sum = 0n;
  for (const number of numbers) {
    if (!Number.isInteger(number)) return Number.NaN;
    sum += BigInt(number as number);
    if (!Number.isSafeInteger(Number(sum))) return null;
  }
  return Number(sum);
}
