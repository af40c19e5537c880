import {
  checkTestFile,
  compile,
  type Diagnostic,
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

/** What is to be judged: the rules on disk with some files replaced or added, and the rule that it is about. */
export interface GateQuestion {
  /** Folder that relative paths start from. */
  readonly folder: string;
  readonly paths: readonly string[];
  /** By path; they stand before what the disk has. */
  readonly changed: Readonly<Record<string, string>>;
  /** The rule that the changed file must hold. */
  readonly rule: string;
  readonly rule_path: string;
  readonly test_path: string;
  /** Other rules that the file holds now: a text without one of them would end it unseen. */
  readonly beside: readonly string[];
}

export type GateAnswer = GatePassed | GateRefused;

export interface GatePassed {
  readonly passed: true;
  readonly plan_hash: string;
  readonly severity: string;
  readonly mode: string;
  readonly tests: number;
  readonly warnings: readonly object[];
}

export interface GateRefused {
  readonly passed: false;
  readonly code: 'rule_refused' | 'tests_failed';
  readonly message: string;
  readonly hint: string;
  /** Diagnostics, or failed tests, as `weir check` and `weir test` give them in JSON. */
  readonly details: readonly object[];
}

/**
 * The gate of a deployment: everything compiles with the change, the rule is there and has tests, and all tests of all
 * rules pass, for a view that changes may spoil another rule. Pure, apart from what `disk` reads.
 */
export function judgeRule(disk: FileReader, question: GateQuestion): GateAnswer {
  const reader = overlay(disk, question.changed);
  const loaded = loadRuleFiles(reader, question.paths);
  const sources: SourceFile[] = [...loaded.rules, ...loaded.tests];
  const { plan, diagnostics } = compile(loaded.rules);
  const operator = plan?.operators.find(({ name }) => name === question.rule);
  if (plan !== null && operator?.source.path !== question.rule_path) {
    const why = `the text declares no rule named ${question.rule}`;
    return refused('rule_refused', why, `write CREATE RULE ${question.rule} ..., or deploy it under its own name`, []);
  }
  const lost = plan === null ? [] : question.beside.filter((name) => !plan.operators.some((one) => one.name === name));
  if (lost.length > 0) {
    const why = `${question.rule_path} also holds ${lost.join(', ')}, and the text does not`;
    return refused('rule_refused', why, 'send the whole text of the file', []);
  }
  const lookups = plan === null ? null : loadLookups(reader, plan);
  const found = [
    ...[...loaded.problems, ...diagnostics, ...(lookups?.diagnostics ?? [])],
    ...(plan === null ? [] : loaded.tests.flatMap((file) => checkTestFile(file, plan))),
  ];
  const json = (some: readonly Diagnostic[]) => diagnosticsToJson(some, [...sources, ...(lookups?.files ?? [])]);
  const errors = found.filter(({ severity }) => severity === 'error');
  if (plan === null || lookups === null || operator === undefined || errors.length > 0) {
    const hint = '`details` says where, why and what to write instead, as `weir check --format json` does';
    return refused('rule_refused', `${plural(errors.length, 'error')} with this text`, hint, json(errors));
  }
  const results = runAll(loaded, plan, (params) => compile(loaded.rules, { params }), lookups.contents);
  const own = results.find(({ path }) => path === question.test_path)?.tests.length ?? 0;
  if (own === 0) {
    const hint = 'send `tests`: what it must find, and what it must not; see rules/README.md';
    return refused('tests_failed', 'a rule without a test is not deployed', hint, []);
  }
  const failed = results.flatMap(({ tests }) => tests.filter(({ passed }) => !passed));
  if (failed.length > 0) {
    const details = failed.map((test) => ({ ...test, problems: json(test.problems) }));
    const hint = '`details` has what was expected and what came; `weir test` shows the same';
    return refused('tests_failed', `${plural(failed.length, 'test')} failed with this text`, hint, details);
  }
  const { severity, mode = '' } = operator.metadata;
  return { passed: true, plan_hash: operator.hash, severity, mode, tests: own, warnings: json(found) };
}

function runAll(
  loaded: LoadedRules,
  plan: ProgramPlan,
  planWith: Parameters<typeof runTestFile>[2],
  contents: Parameters<typeof runTestFile>[4],
): TestFileResult[] {
  return loaded.tests.map((file) => runTestFile(file, plan, planWith, '', contents));
}

function refused(code: GateRefused['code'], message: string, hint: string, details: readonly object[]): GateRefused {
  return { passed: false, code, message, hint, details };
}

/** A file system with some files replaced or added. */
function overlay(disk: FileReader, changed: Readonly<Record<string, string>>): FileReader {
  const paths = Object.keys(changed);
  const below = (folder: string) => {
    const prefix = folder === '.' ? '' : folder.endsWith('/') ? folder : `${folder}/`;
    return paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  };
  return {
    kind: (path) => {
      if (Object.hasOwn(changed, path)) return 'file';
      return disk.kind(path) ?? (below(path).length > 0 ? 'folder' : null);
    },
    list: (path) => {
      const entries = new Map(disk.kind(path) === 'folder' ? disk.list(path).map((entry) => [entry.name, entry]) : []);
      for (const inside of below(path)) {
        const [name, ...rest] = inside.split('/');
        if (!entries.has(name)) entries.set(name, { name, kind: rest.length > 0 ? 'folder' : 'file' });
      }
      return [...entries.values()];
    },
    read: (path) => (Object.hasOwn(changed, path) ? changed[path] : disk.read(path)),
  };
}
