import { valueText, type WhyCondition } from './answer.ts';

/** What a row has instead of what a condition asks. */
export function valueOfMiss({ text, name, left, operator }: WhyCondition): string {
  if (operator !== null) return `${name} is ${valueText(left)}: not ${text}`;
  if (text.endsWith(' IS NOT NULL')) return text.replace(/ IS NOT NULL$/, ' is NULL');
  return text.startsWith('not excepted') ? text.slice(4) : `not ${text}`;
}
