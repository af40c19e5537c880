import {
  compile,
  type Diagnostic,
  type LoadedRules,
  loadLookups,
  loadRuleFiles,
  type PlanWith,
  type ProgramPlan,
  renderDiagnostics,
  runTestFile,
  type TestFileResult,
} from '../../dsl/index.ts';
import { type AddCommand, chosenFormat, type Format, formatOption, type Shell, withExamples } from './command.ts';
import { CliError, type ExitCode, exitCodes, usageError } from './exit.ts';
import { Progress } from './progress.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { junitReport } from './test-junit.ts';
import { countTests, failureText, jsonOfFile, summaryLines } from './test-report.ts';
import { weirHere } from './typed-here.ts';
import { plural } from './units.ts';

interface TestOptions {
  readonly format?: Format;
  readonly only?: string;
}

/** `weir test`: runs the rule tests that stand beside the rules, in virtual time, through the real engine. */
export const addTestCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('test')
    .summary('run the tests beside the rules')
    .description(
      'Runs <name>.test.yaml beside <name>.rule.sql in virtual time through the real engine. Every test also runs in ' +
        'batches of 1 and 7, with arrival shuffled inside LATENESS, and restarted at every event: the detections must ' +
        'be the same. Exit code 0: all passed; 1: a test failed, there is none at all, or a rule does not compile; 2: a ' +
        'path is wrong.',
    )
    .argument('[paths...]', 'rule files, test files, pack folders, or the rules root', ['rules'])
    .option('--only <text>', 'only tests with this text in their name')
    .addOption(formatOption(['table', 'json', 'ndjson', 'junit']))
    .action((paths: string[], options: TestOptions) => finish(test(paths, options, shell)));
  withExamples(command, [
    ['weir test', 'all tests below rules/'],
    ['weir test rules/auth', 'one pack'],
    ['weir test --only "stay quiet"', 'tests by name'],
    ['weir test --format junit > report.xml', 'for a CI server'],
  ]);
};

function test(paths: readonly string[], options: TestOptions, shell: Shell): ExitCode {
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  if (loaded.unloaded.length > 0) showDiagnostics(loaded.unloaded, loaded, shell.stderr);
  const plan = planOf(loaded, shell);
  const started_ms = shell.now_ms();
  const results = runAll(loaded, plan, options.only ?? '', shell);
  if (options.only !== undefined && results.length === 0) {
    throw usageError(`no test has "${options.only}" in its name`, 'weir test --format ndjson lists the names');
  }
  const format = chosenFormat(options.format, shell);
  const counts = countTests(results);
  if (format === 'junit') shell.stdout.write(junitReport(results, (problems) => plainText(problems, loaded)));
  else if (format === 'json') {
    shell.stdout.json({ ...counts, files: results.map((result) => jsonOfFile(result, loaded)) });
  } else if (format === 'ndjson') {
    for (const result of results) for (const one of jsonOfFile(result, loaded).tests) shell.stdout.ndjson(one);
  } else {
    showTable(results, loaded, plan, shell.now_ms() - started_ms, shell);
  }
  if (counts.passed + counts.failed === 0) throw noTest(paths, loaded);
  return counts.failed > 0 ? exitCodes.findings : exitCodes.ok;
}

/** Nothing was shown to be right: where the tests were lost, a CI server must not go on as if all had passed. */
function noTest(paths: readonly string[], { rules, tests }: LoadedRules): CliError {
  const rule = rules.find(({ path, role }) => role === 'asked' && path.endsWith('.rule.sql'))?.path;
  const [file = rule?.replace(/\.rule\.sql$/, '.test.yaml')] = tests.map(({ path }) => path);
  const where = file === undefined ? '<name>.test.yaml beside <name>.rule.sql' : file;
  return new CliError(
    exitCodes.findings,
    `there is no test below ${paths.join(', ')}: nothing was tested`,
    `write one into ${where}: \`- test: NAME\` with \`events\` and \`expect\``,
  );
}

/** @throws CliError (findings) when a rule does not compile, with every message. */
function planOf(loaded: LoadedRules, shell: Shell): ProgramPlan {
  const { plan, diagnostics } = compile(loaded.rules);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (plan !== null) return plan;
  showDiagnostics(errors, loaded, shell.stderr);
  throw new CliError(exitCodes.findings, `${plural(errors.length, 'error')} in the rules, no test was run`);
}

function runAll(loaded: LoadedRules, plan: ProgramPlan, only: string, shell: Shell): TestFileResult[] {
  const planWith: PlanWith = (params) => compile(loaded.rules, { params });
  const { contents } = loadLookups(diskReader(shell.folder), plan);
  const progress = new Progress(shell.stderr, 'tests', loaded.tests.length, 'files');
  const results = loaded.tests.map((file, i) => {
    progress.update(i, i);
    return runTestFile(file, plan, planWith, only, contents);
  });
  progress.done();
  return only === '' ? results : results.filter(({ tests, problems }) => tests.length + problems.length > 0);
}

function showTable(
  results: readonly TestFileResult[],
  loaded: LoadedRules,
  plan: ProgramPlan,
  took_ms: number,
  shell: Shell,
): void {
  const { stdout } = shell;
  for (const result of results) {
    const mark = countTests([result]).failed === 0 ? stdout.paint.green('✓') : stdout.paint.red('✗');
    const count = fileCount(result);
    stdout.line(`${mark} ${result.path}  ${stdout.paint.dim(count)}`);
  }
  for (const result of results) {
    if (result.problems.length > 0) showProblems(result.problems, loaded, shell);
    for (const one of result.tests.filter(({ passed }) => !passed)) {
      stdout.line();
      stdout.line(failureText(one, stdout, weirHere(shell)));
      if (one.problems.length > 0) showProblems(one.problems, loaded, shell);
    }
  }
  stdout.line();
  for (const line of summaryLines(results, loaded, plan, took_ms)) stdout.line(line);
  const { passed, failed } = countTests(results);
  const unread = results.filter(({ problems }) => problems.length > 0).length;
  const as = unread === 1 ? 'as one' : 'as one each';
  const more = unread === 0 ? '' : ` (what cannot be read of ${plural(unread, 'file')} counts ${as})`;
  const closing = `${passed} passed, ${failed} failed${more}`;
  stdout.line(passed === 0 || failed > 0 ? stdout.paint.red(closing) : stdout.paint.green(closing));
}

/** The same tests as in the closing line: what was read, and one for the rest, which its problems name. */
function fileCount(result: TestFileResult): string {
  const { tests, problems } = result;
  const { passed, failed } = countTests([result]);
  const ran = failed === 0 ? plural(tests.length, 'test') : `${failed} of ${plural(passed + failed, 'test')} failed`;
  if (problems.length === 0) return ran;
  const what = tests.length === 0 ? 'no test can be read' : 'not all can be read';
  return `${ran}: ${what} (${plural(problems.length, 'problem')})`;
}

function showProblems(problems: readonly Diagnostic[], loaded: LoadedRules, shell: Shell): void {
  shell.stdout.line();
  showDiagnostics(problems, loaded, shell.stdout);
}

function plainText(problems: readonly Diagnostic[], loaded: LoadedRules): string {
  return renderDiagnostics(problems, [...loaded.rules, ...loaded.tests], { color: false });
}
