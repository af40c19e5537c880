import { withoutRule } from '../../dsl/index.ts';
import { DeployConflict } from './deploy-conflict.ts';
import type { ChangedFiles } from './gate-load.ts';
import { readText, removeFile, testPathOf, writeWhole } from './rule-files.ts';
import type { TakenOver } from './take-over.ts';

/** What somebody wants to end. */
export interface RuleRemoval {
  readonly rule: string;
  /** The plan hash that is meant; another one is a conflict. Absent: whatever is there. */
  readonly replaces?: string | undefined;
  readonly because?: string | undefined;
}

export interface Removed {
  readonly rule: string;
  readonly plan_hash: string;
  readonly path: string;
  /** rewritten: it holds more than the rule, and stays without it. */
  readonly file: 'removed' | 'rewritten';
  /** The text of the file as it was, which PUT takes to bring the rule back. */
  readonly text: string;
  /** The test file that went with it; null: there was none, or it stays. */
  readonly tests: { readonly path: string; readonly text: string } | null;
  /** What is of no use without it: an exception or a TUNE that names it. */
  readonly warnings: readonly object[];
  readonly taken_over: TakenOver;
}

/** A removal as it would change the files. */
export interface PlannedRemoval extends Pick<Removed, 'path' | 'file' | 'text' | 'tests'> {
  readonly changed: ChangedFiles;
}

/** @throws DeployConflict where the file does not say the rule in a way that can be taken out of it */
export function planRemoval(rule: string, path: string, folder: string): PlannedRemoval {
  const text = readText(path, folder) ?? '';
  const rest = withoutRule(text, rule);
  if (rest === null) {
    const why = `${path} does not parse, or declares no ${rule}: it cannot be taken out of it`;
    throw new DeployConflict(why, 'mend or remove that file; the next deployment or start takes it up');
  }
  if (rest !== '') return { path, file: 'rewritten', text, tests: null, changed: { [path]: rest } };
  const test_path = testPathOf(path, folder);
  const tests = readText(test_path, folder);
  return {
    ...{ path, file: 'removed', text },
    tests: tests === null ? null : { path: test_path, text: tests },
    changed: { [path]: null, ...(tests === null ? {} : { [test_path]: null }) },
  };
}

/** Tests go first: a rule without tests starts, and tests without their rule fail. @throws DeployConflict */
export function applyRemoval({ path, tests, changed }: PlannedRemoval, folder: string): void {
  if (tests !== null) removeFile(tests.path, folder);
  const rest = changed[path];
  if (typeof rest === 'string') writeWhole(path, folder, rest);
  else removeFile(path, folder);
}
