import { valueText, type WhyCondition } from './answer.ts';

/** What a row has instead of what a condition asks. */
export function valueOfMiss({ text, name, left, operator }: WhyCondition): string {
  if (operator !== null) return `${name} is ${valueText(left)}: not ${text}`;
  return text.startsWith('not excepted') ? text.slice(4) : `not ${text}`;
}
