/** The only door of this folder. */

export type { NoAnswer, Replay, Why, WhyQuestion } from './answer.ts';
export { flatOperator } from './flatten.ts';
export { why } from './why.ts';
export { whyText } from './why-text.ts';
