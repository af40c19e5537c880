import {
  checkTestFile,
  compile,
  type Diagnostic,
  type DiagnosticJson,
  diagnosticsToJson,
  type FileReader,
  type LoadedRules,
  loadLookups,
  loadRuleFiles,
  type ProgramPlan,
  runTestFile,
  type SourceFile,
  type TestFileResult,
} from '../../dsl/index.ts';
import { plural } from '../cli/units.ts';

/** Files that a gate replaces or adds, by path; null: one that it takes away. */
export type ChangedFiles = Readonly<Record<string, string | null>>;

/** All rules with the change. */
export interface LoadedWithChange {
  readonly loaded: LoadedRules;
  /** Null: they do not compile. */
  readonly plan: ProgramPlan | null;
  readonly found: readonly Diagnostic[];
  readonly errors: readonly Diagnostic[];
  readonly json: (some: readonly Diagnostic[]) => readonly DiagnosticJson[];
  /** All tests, run now. */
  readonly run: () => readonly TestFileResult[];
}

export interface GateRefused {
  readonly passed: false;
  readonly code: 'rule_refused' | 'no_tests' | 'tests_failed';
  readonly message: string;
  readonly hint: string;
  /** Diagnostics, or failed tests, as `weir check` and `weir test` give them in JSON. */
  readonly details: readonly object[];
}

export function refused(
  code: GateRefused['code'],
  message: string,
  hint: string,
  details: readonly object[],
): GateRefused {
  return { passed: false, code, message, hint, details };
}

/** Compiles all rules on disk with a change. */
export function loadWithChange(disk: FileReader, paths: readonly string[], changed: ChangedFiles): LoadedWithChange {
  const reader = overlay(disk, changed);
  const loaded = loadRuleFiles(reader, paths);
  const sources: SourceFile[] = [...loaded.rules, ...loaded.tests];
  const { plan, diagnostics } = compile(loaded.rules);
  const lookups = plan === null ? null : loadLookups(reader, plan);
  const found = [
    ...[...loaded.problems, ...diagnostics, ...(lookups?.diagnostics ?? [])],
    ...(plan === null ? [] : loaded.tests.flatMap((file) => checkTestFile(file, plan))),
  ];
  return {
    ...{ loaded, plan, found, errors: found.filter(({ severity }) => severity === 'error') },
    json: (some) => diagnosticsToJson(some, [...sources, ...(lookups?.files ?? [])]),
    run: () => {
      if (plan === null || lookups === null) return [];
      const planWith: Parameters<typeof runTestFile>[2] = (params) => compile(loaded.rules, { params });
      return loaded.tests.map((file) => runTestFile(file, plan, planWith, '', lookups.contents));
    },
  };
}

/** Null: all of them passed. */
export function failedTests(
  results: readonly TestFileResult[],
  json: LoadedWithChange['json'],
  how: string,
  hint: string,
): GateRefused | null {
  const failed = results.flatMap(({ tests }) => tests.filter(({ passed }) => !passed));
  if (failed.length === 0) return null;
  const details = failed.map((test) => ({ ...test, problems: json(test.problems) }));
  return refused('tests_failed', `${plural(failed.length, 'test')} failed ${how}`, hint, details);
}

/** A file system with some files replaced, added or taken away. */
function overlay(disk: FileReader, changed: ChangedFiles): FileReader {
  const textAt = (path: string): string | null | undefined =>
    Object.hasOwn(changed, path) ? changed[path] : undefined;
  const below = (folder: string, isThere: boolean) => {
    const prefix = folder === '.' ? '' : folder.endsWith('/') ? folder : `${folder}/`;
    return Object.keys(changed)
      .filter((path) => path.startsWith(prefix) && (textAt(path) !== null) === isThere)
      .map((path) => path.slice(prefix.length));
  };
  return {
    kind: (path) => {
      const text = textAt(path);
      if (text !== undefined) return text === null ? null : 'file';
      return disk.kind(path) ?? (below(path, true).length > 0 ? 'folder' : null);
    },
    list: (path) => {
      const entries = new Map(disk.kind(path) === 'folder' ? disk.list(path).map((entry) => [entry.name, entry]) : []);
      for (const gone of below(path, false)) entries.delete(gone);
      for (const inside of below(path, true)) {
        const [name, ...rest] = inside.split('/');
        if (!entries.has(name)) entries.set(name, { name, kind: rest.length > 0 ? 'folder' : 'file' });
      }
      return [...entries.values()];
    },
    read: (path) => textAt(path) ?? disk.read(path),
  };
}
