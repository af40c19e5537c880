/** The only door of this folder. */
export { buildProgram } from './build-program.ts';
export { durationText } from './duration-text.ts';
export { type ExplainSummary, explainOperator, type MemoryHorizon } from './explain.ts';
export { explainText, stateInAllText } from './explain-text.ts';
export { aggregateText, expressionText, literalText } from './expression-text.ts';
export { printProgram } from './print-program.ts';
export { type StateSize, type SuppressSize, stateSizeOf, suppressSizeOf } from './state-size.ts';
export { joinsAt, type Load, stateAt } from './state-total.ts';
