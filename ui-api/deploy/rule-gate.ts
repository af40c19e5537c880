import type { FileReader } from '../../dsl/index.ts';
import { plural } from '../cli/units.ts';
import { type ChangedFiles, failedTests, type GateRefused, loadWithChange, refused } from './gate-load.ts';

export type { GateRefused } from './gate-load.ts';

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

/** The same of a rule that is to go. */
export interface RemovalQuestion {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly removed: string;
  /** Its file without it; null where the file goes, and its tests with it. */
  readonly changed: ChangedFiles;
}

/**
 * The gate of a removal: everything else compiles without the rule, something is left to run, and the tests of all that
 * stays pass.
 */
export function judgeRemoval(disk: FileReader, { paths, changed, removed }: RemovalQuestion): GateAnswer {
  const { plan, found, errors, json, run } = loadWithChange(disk, paths, changed);
  if (plan === null || errors.length > 0) {
    const hint = '`details` says what still needs it (a test that names it): change that first, by PUT or on disk';
    return refused('rule_refused', `${plural(errors.length, 'error')} without ${removed}`, hint, json(errors));
  }
  if (!plan.operators.some(({ kind }) => kind === 'rule')) {
    const hint = 'deploy another one first; or end Weir, which then sees nothing either';
    return refused('rule_refused', `${removed} is the last rule`, hint, []);
  }
  const results = run();
  const hint =
    '`details` has what was expected and what came: a test that expects it is sent away by PUT of a rule beside it';
  const failed = failedTests(results, json, `without ${removed}`, hint);
  if (failed !== null) return failed;
  const tests = results.reduce((sum, file) => sum + file.tests.length, 0);
  return { passed: true, plan_hash: '', severity: '', mode: '', tests, warnings: json(found) };
}

/** A text of `tests` that is one, but for what the rule looks for. */
function howToTest(rule: string): string {
  const event = '{ event: { event_type: login, account_id: acct_1 } }';
  const tests = `- test: one login fires\n  events: [${event}]\n  expect: [{ rule: ${rule}, account_id: acct_1 }]\n`;
  return (
    `send \`tests\` beside \`text\`: events that it must find (and others, with \`expect: none\`), such as ` +
    `${JSON.stringify(tests)}; rules/README.md has more`
  );
}

/**
 * The gate of a deployment: everything compiles with the change, the rule is there and has tests, and all tests of all
 * rules pass, for a view that changes may spoil another rule. Pure, apart from what `disk` reads.
 */
export function judgeRule(disk: FileReader, question: GateQuestion): GateAnswer {
  const { loaded, plan, found, errors, json, run } = loadWithChange(disk, question.paths, question.changed);
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
  const added = (plan?.operators ?? []).filter(({ name, kind, source }) => {
    return (
      kind === 'rule' && source.path === question.rule_path && name !== question.rule && !question.beside.includes(name)
    );
  });
  if (added.length > 0) {
    const names = [...new Set(added.map(({ name }) => name))].join(', ');
    const why = `the text declares ${names} too, and a deployment is of one new rule`;
    return refused('rule_refused', why, 'deploy each under its own name, with tests of its own', []);
  }
  if (plan === null || operator === undefined || errors.length > 0) {
    const hint = '`details` says where, why and what to write instead, as `weir check --format json` does';
    return refused('rule_refused', `${plural(errors.length, 'error')} with this text`, hint, json(errors));
  }
  // Before all tests of all rules run, which takes its time.
  const results = loaded.tests.some(({ path }) => path === question.test_path) ? run() : [];
  const own = results.find(({ path }) => path === question.test_path)?.tests.length ?? 0;
  if (own === 0) {
    const why = `there is no test of ${question.rule} in ${question.test_path}, and a rule without one is not deployed`;
    return refused('no_tests', why, howToTest(question.rule), []);
  }
  const hint = '`details` has what was expected and what came; `weir test` shows the same';
  const failed = failedTests(results, json, 'with this text', hint);
  if (failed !== null) return failed;
  const { severity, mode = '' } = operator.metadata;
  return { passed: true, plan_hash: operator.hash, severity, mode, tests: own, warnings: json(found) };
}
