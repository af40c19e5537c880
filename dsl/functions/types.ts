import type { ValueType } from '../../engine/index.ts';
import type { ParameterType } from './function.ts';

/** Whether an argument of this type may stand where the parameter is. NULL may stand everywhere. */
export function accepts(parameter: ParameterType, type: ValueType): boolean {
  if (type === 'null' || parameter === 'any' || parameter === type) return true;
  if (parameter === 'number') return isNumber(type);
  if (parameter === 'float') return type === 'int';
  // The value of an ip and of a cidr is its canonical text, so that text functions are right on it.
  return parameter === 'string' && (type === 'ip' || type === 'cidr');
}

export function isNumber(type: ValueType): boolean {
  return type === 'int' || type === 'float';
}

/**
 * The type that holds values of all these types (CASE, coalesce, greatest), or null when there is none: equal types,
 * int and float together are float, NULL goes with everything.
 */
export function commonType(types: readonly ValueType[]): ValueType | null {
  let common: ValueType = 'null';
  for (const type of types) {
    if (type === 'null' || type === common) continue;
    if (common === 'null') common = type;
    else if (isNumber(type) && isNumber(common)) common = 'float';
    else return null;
  }
  return common;
}

/** Whether two values of these types may be asked for equality. */
export function comparable(a: ValueType, b: ValueType): boolean {
  return commonType([a, b]) !== null;
}

/** Types with an order that means something: the text of an address sorts by its digits, an array has no size. */
export function ordered(type: ValueType): boolean {
  return type !== 'ip' && type !== 'cidr' && type !== 'array';
}

/** A type with its article, for messages: 'an int'. */
export function typeWithArticle(type: ValueType): string {
  if (type === 'null') return 'NULL';
  return `${/^[ai]/.test(type) ? 'an' : 'a'} ${type}`;
}
