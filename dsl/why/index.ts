/** The only door of this folder. */
export { flatOperator } from './flatten.ts';
export { type Replay, type Why, type WhyQuestion, why } from './why.ts';
export { whyText } from './why-text.ts';
