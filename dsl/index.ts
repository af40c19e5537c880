/** The only door of this folder. */

export {
  buildProgram,
  type ExplainSummary,
  explainOperator,
  explainText,
  joinsAt,
  type Load,
  printProgram,
  stateAt,
  stateInAllText,
} from './build/index.ts';
export { printChecked, printCheckedOperator } from './check/print-checked.ts';
export { type Compilation, type CompileOptions, compile } from './compile.ts';
export { type DeclaredFunction, declaredFunctions } from './declared-functions.ts';
export type { Diagnostic, SourceFile } from './diagnostics/diagnostic.ts';
export { type DiagnosticJson, diagnosticsToJson, renderDiagnostics } from './diagnostics/render.ts';
export { nearest } from './diagnostics/suggest.ts';
export { format } from './format/format.ts';
export {
  type ClauseHelp,
  clausePage,
  clausesOf,
  clauseWords,
  type ReferenceEntry,
  reference,
  referencePage,
} from './functions/index.ts';
export { seenProbes } from './lint/seen-probes.ts';
export * from './packs/index.ts';
export { type ExceptionProbe, withExceptionProbes } from './plan/exception-probes.ts';
export type { Expression, OperatorPlan, ProgramPlan, StreamPlan } from './plan/plan.ts';
export { printOperatorPlan, printPlan } from './plan/print-plan.ts';
export { diagnosticsOf } from './statement-diagnostics.ts';
export { printTokens, printTree } from './syntax/print.ts';
export { withoutRule } from './syntax/without-rule.ts';
export { flatOperator, type NoAnswer, type Replay, type Why, why, whyText } from './why/index.ts';
