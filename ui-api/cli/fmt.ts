import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Diagnostic, diagnosticsToJson, format, loadRuleFiles, type SourceFile } from '../../dsl/index.ts';
import { type AddCommand, chosenFormat, type Format, formatOption, type Shell, withExamples } from './command.ts';
import { CliError, type ExitCode, exitCodes, usageError } from './exit.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { plural } from './units.ts';

interface FmtOptions {
  readonly check?: boolean;
  readonly stdout?: boolean;
  readonly format?: Format;
}

/** What became of one file. */
interface FmtResult {
  readonly path: string;
  readonly status: 'formatted' | 'unchanged' | 'wrong';
  /** null: the file does not parse. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** `weir fmt`: rules in the house style; only white space and the case of keywords change. */
export const addFmtCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('fmt')
    .summary('put rules into the house style')
    .description(
      'Rewrites rule files: indentation, spaces, keywords in capitals, long lines broken. Comments and meaning stay. ' +
        'Exit code 0: done; 1: a file does not parse or, with --check, is not in style; 2: a path is wrong.',
    )
    .argument('[paths...]', 'rule files, pack folders, or the rules root; - reads stdin and writes stdout', ['rules'])
    .option('--check', 'change nothing, say which files are not in style')
    .option('--stdout', 'write the result to stdout, not to the files')
    .addOption(formatOption())
    .action(async (paths: string[], options: FmtOptions) => finish(await fmt(paths, options, shell)));
  withExamples(command, [
    ['weir fmt rules', 'everything below rules/'],
    ['weir fmt --check rules', 'in CI'],
    ['weir fmt - < my.rule.sql', 'for an editor'],
  ]);
};

async function fmt(paths: readonly string[], options: FmtOptions, shell: Shell): Promise<ExitCode> {
  if (options.check === true && options.stdout === true) {
    throw usageError('--check writes no rules and --stdout does', 'give one of them');
  }
  const fromStdin = paths.includes('-');
  if (fromStdin && paths.length > 1) throw usageError('- is the only path where it is given', 'weir fmt - < FILE');
  const files = fromStdin ? [{ path: 'stdin', text: await textOf(shell.stdin) }] : filesOf(paths, shell);
  const results = files.map((file): FmtResult => {
    const { text, diagnostics } = format(file);
    const status = text === null ? 'wrong' : text === file.text ? 'unchanged' : 'formatted';
    return { path: file.path, status, text, diagnostics };
  });
  for (const { text, diagnostics } of results) {
    if (text === null)
      showDiagnostics(
        diagnostics,
        { rules: [], tests: [], packs: [], problems: [], unloaded: [] },
        shell.stderr,
        files,
      );
  }
  if (fromStdin || options.stdout === true) {
    for (const { text } of results) if (text !== null) shell.stdout.write(text);
  } else {
    if (options.check !== true) save(results, shell);
    show(results, files, options, shell);
  }
  const changes = options.check === true && results.some(({ status }) => status === 'formatted');
  return changes || results.some(({ status }) => status === 'wrong') ? exitCodes.findings : exitCodes.ok;
}

/** Rule files below the paths, as they are on disk. */
function filesOf(paths: readonly string[], shell: Shell): SourceFile[] {
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  return loaded.rules
    .filter(({ role }) => role === 'asked')
    .map(({ path }) => ({ path, text: readFileSync(resolve(shell.folder, path), 'utf8') }));
}

function save(results: readonly FmtResult[], shell: Shell): void {
  for (const { path, status, text } of results) {
    if (status === 'formatted' && text !== null) writeFileSync(resolve(shell.folder, path), text);
  }
}

function show(results: readonly FmtResult[], files: readonly SourceFile[], options: FmtOptions, shell: Shell): void {
  const { stdout } = shell;
  const chosen = chosenFormat(options.format, shell);
  const isChecking = options.check === true;
  const json = results.map(({ path, status, diagnostics }) => ({
    // Nothing was changed where it was only asked for.
    ...{ path, status: isChecking && status === 'formatted' ? 'not_in_style' : status },
    diagnostics: diagnosticsToJson(diagnostics, files),
  }));
  if (chosen === 'json') stdout.json(json);
  else if (chosen === 'ndjson') for (const one of json) stdout.ndjson(one);
  else {
    const word = isChecking ? 'not in style' : 'formatted';
    const changed = results.filter(({ status }) => status === 'formatted');
    for (const { path } of changed) stdout.line(`${word}  ${path}`);
    const wrong = results.filter(({ status }) => status === 'wrong').length;
    const rest = wrong > 0 ? `, ${wrong} left as ${wrong === 1 ? 'it is' : 'they are'}: errors` : '';
    stdout.line(`${plural(results.length, 'file')}, ${changed.length} ${word}${rest}`);
  }
}

async function textOf(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
