/** The only door of this folder. */
export { checkTestFile } from './check-test.ts';
export type { FailureLine, TestFailure } from './failure.ts';
export { type LoadedLookups, loadLookups, lookupPath } from './load-lookups.ts';
export {
  type FileReader,
  type FolderEntry,
  type LoadedRules,
  loadRuleFiles,
  type RuleFile,
  type TestFile,
} from './load-rules.ts';
export type { Pack } from './pack-file.ts';
export { replayTest } from './replay-test.ts';
export { type PlanWith, runTestFile, type TestFileResult, type TestResult } from './rule-test.ts';
export { selectOperators } from './select-operators.ts';
