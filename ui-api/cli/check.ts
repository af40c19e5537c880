import {
  checkTestFile,
  compile,
  type Diagnostic,
  diagnosticsToJson,
  loadLookups,
  loadRuleFiles,
} from '../../dsl/index.ts';
import { parseTime } from './backtest-input.ts';
import { seenDiagnostics } from './check-seen.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  Option,
  type Shell,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { type FormatOptions, formatOptions } from './source.ts';
import { plural } from './units.ts';

/** `weir check`: compiles rules and reads their tests; says everything that is wrong with its place. */
export const addCheckCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('check')
    .summary('compile rules and say what is wrong with them')
    .description('Compiles rules and reads their tests. Exit code 0: no errors; 1: errors; 2: a path is wrong.')
    .argument('[paths...]', 'rule files, pack folders, or the rules root', ['rules'])
    .addOption(formatOption())
    .addOption(new Option('--as-of <time>', 'when exceptions must not be over (default: now)').argParser(parseTime))
    .addOption(
      new Option('--seen <source>', 'say which fields and values the events of a file, or of `log`, never have'),
    )
    .option('--data <folder>', 'data folder of the log (default: ./var)');
  for (const option of formatOptions()) command.addOption(option);
  command.action(async (paths: string[], options: CheckOptions) => finish(await check(paths, options, shell)));
  withExamples(command, [
    ['weir check', 'everything below rules/'],
    ['weir check rules/auth', 'one pack'],
    ['weir check my.rule.sql --format json', 'for an editor or a script'],
    ['weir check rules/auth --seen /var/log/auth.log --as sshd', 'what the rules ask of events that have it not'],
  ]);
};

interface CheckOptions extends FormatOptions {
  readonly format?: Format;
  readonly asOf?: number;
  readonly seen?: string;
  readonly data?: string;
}

async function check(paths: readonly string[], options: CheckOptions, shell: Shell): Promise<ExitCode> {
  const as_of_ms = options.asOf ?? shell.now_ms();
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  const needed = new Set(loaded.rules.filter(({ role }) => role === 'needed').map(({ path }) => path));
  const compilation = compile(loaded.rules, { as_of_ms });
  const { plan, partial } = compilation;
  const seen = options.seen === undefined ? [] : await seenDiagnostics(options.seen, compilation, options, shell);
  const diagnostics = [...compilation.diagnostics, ...seen];
  const lookups = loadLookups(diskReader(shell.folder), partial);
  const others = lookups.files;
  const found: Diagnostic[] = [
    ...loaded.problems,
    ...loaded.unloaded,
    // Warnings about files that were only loaded because others read them are theirs.
    ...diagnostics.filter(({ severity, place }) => severity === 'error' || !needed.has(place?.path ?? '')),
    ...lookups.diagnostics,
    ...loaded.tests.flatMap((file) => checkTestFile(file, plan)),
  ];
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const warnings = found.length - errors;
  const asks = loaded.rules.filter(({ role }) => role === 'asked').map(({ path }) => path);
  const rules = plan?.operators.filter(({ kind, source }) => kind === 'rule' && asks.includes(source.path)).length;
  const format = chosenFormat(options.format, shell);
  const json = format === 'table' ? [] : diagnosticsToJson(found, [...loaded.rules, ...loaded.tests, ...others]);
  if (format === 'json') shell.stdout.json({ rules: rules ?? null, errors, warnings, diagnostics: json });
  else if (format === 'ndjson') for (const diagnostic of json) shell.stdout.ndjson(diagnostic);
  else {
    if (found.length > 0) {
      showDiagnostics(found, loaded, shell.stdout, others);
      shell.stdout.line();
    }
    // Their place says where they are, but not what they have to do with the file that was named.
    if (found.some(({ severity, place }) => severity === 'error' && needed.has(place?.path ?? ''))) {
      shell.stdout.line(
        'Files that were not named are read where a named one needs what they have (a stream, view, lookup, exception): their errors count.',
      );
    }
    const subject = rules === undefined ? plural(asks.length, 'file') : plural(rules, 'rule');
    const counted = `${subject}, ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
    shell.stdout.line(errors > 0 ? shell.stdout.paint.red(counted) : counted);
  }
  if (loaded.problems.some(({ code }) => code === 'W0401')) return exitCodes.usage;
  return errors > 0 ? exitCodes.findings : exitCodes.ok;
}
