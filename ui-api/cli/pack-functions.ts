import {
  type Compilation,
  compile,
  type DeclaredFunction,
  declaredFunctions,
  type LoadedRules,
  loadRuleFiles,
} from '../../dsl/index.ts';
import { chosenFormat, type Format, type Shell } from './command.ts';
import { CliError, exitCodes } from './exit.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { plural } from './units.ts';

/** The functions that the rule files below some paths declare. @throws CliError where the files cannot be read. */
export function functionsBelow(paths: readonly string[], shell: Shell): DeclaredFunction[] {
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  return declaredFunctions(compile(loaded.rules), loaded.rules);
}

/** Explains a function that a rule file declares; false where none has this name. */
export function explainFunction(
  name: string,
  compilation: Compilation,
  loaded: LoadedRules,
  asked: Format | undefined,
  shell: Shell,
): boolean {
  const found = declaredFunctions(compilation, loaded.rules).find(
    (one) => one.name.toLowerCase() === name.toLowerCase(),
  );
  if (found === undefined) return false;
  const { stdout } = shell;
  const format = chosenFormat(asked, shell);
  if (format === 'json') stdout.json([found]);
  else if (format === 'ndjson') stdout.ndjson(found);
  else showFunction(found, shell);
  return true;
}

function showFunction({ signature, expression, path, line }: DeclaredFunction, { stdout }: Shell): void {
  stdout.line(`${stdout.paint.bold(signature)}  ${stdout.paint.dim(`function, ${path}:${line}`)}`);
  stdout.line(`  ${expression}`);
}
