import type { Condition } from './case.ts';

type Any = Extract<Condition, readonly ['any', ...unknown[]]>;
type Element = string | number | boolean | null;

/** An element as a text, and where a number is asked for as what its digits say. */
function read(element: Element, asNumber: boolean): string | number | null {
  if (element === null) return null;
  const text = String(element);
  if (!asNumber) return text;
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : null;
}

/** ANY by its definition: OR over the elements, three-valued; of no elements it is false, of no array NULL. */
export function anyElement([, operator, , value]: Any, array: unknown): boolean | null {
  if (array === null || array === undefined) return null;
  const truths = (array as Element[]).map((element) => {
    const left = read(element, typeof value === 'number');
    if (left === null || value === null) return null;
    if (operator === 'like') return String(left).startsWith(String(value).slice(0, -1));
    const d = typeof left === 'number' ? left - (value as number) : left < value ? -1 : left > value ? 1 : 0;
    return { '=': d === 0, '<>': d !== 0, '<': d < 0, '<=': d <= 0, '>': d > 0, '>=': d >= 0 }[operator];
  });
  if (truths.includes(true)) return true;
  return truths.includes(null) ? null : false;
}
