import {
  type ClauseHelp,
  clausePage,
  clausesOf,
  clauseWords,
  type DeclaredFunction,
  nearest,
  type ReferenceEntry,
  reference,
  referencePage,
} from '../../dsl/index.ts';
import { type AddCommand, chosenFormat, type Format, formatOption, type Shell, withExamples } from './command.ts';
import type { ExitCode } from './exit.ts';
import { exitCodes, usageError } from './exit.ts';
import { functionsBelow } from './pack-functions.ts';
import { renderTable } from './table.ts';

/** `weir functions`: the reference of functions and aggregates, printed from the registry that the compiler uses. */
export const addFunctionsCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('functions')
    .summary('functions, operators and aggregates of the language')
    .description('Functions, operators and aggregates of the rule language, or one of them with its example.')
    .argument('[name]', 'a function, or a word of a clause: WINDOW, WITHIN')
    .option('--rules <paths...>', 'and those that rule files declare (CREATE FUNCTION)')
    .option('--markdown', 'the page rules/reference.md')
    .option('--clauses', 'with --markdown: the page rules/clauses.md')
    .addOption(formatOption())
    .action((name: string | undefined, options: Options) => finish(list(name, options, shell)));
  withExamples(command, [
    ['weir functions', 'all of them, by group'],
    ['weir functions split_part', 'one, with its example'],
    ['weir functions ANY', 'all forms with this word'],
    ['weir functions SLIDING', 'a clause, with its example'],
    ['weir functions --rules rules/auth', 'and those that a pack declares'],
    ['weir functions --format json', 'for an editor'],
  ]);
};

interface Options {
  readonly format?: Format;
  readonly rules?: string[];
  readonly markdown?: boolean;
  readonly clauses?: boolean;
}

function declaredEntry({ name, signature, expression }: DeclaredFunction): ReferenceEntry {
  const nulls = 'written out where it is called';
  return { name, signature, group: 'declared', summary: expression, nulls, example: null };
}

function list(name: string | undefined, options: Options, shell: Shell): ExitCode {
  const { format: asked, rules, markdown } = options;
  if (options.clauses === true) {
    if (markdown !== true) throw usageError('--clauses is a page', 'add --markdown; it is there as rules/clauses.md');
    shell.stdout.write(clausePage());
    return exitCodes.ok;
  }
  const declared = rules === undefined ? [] : functionsBelow(rules, shell).map(declaredEntry);
  const all = [...reference, ...declared];
  const entries = name === undefined ? all : all.filter((entry) => isCalled(entry, name));
  const clauses = name === undefined ? [] : clausesOf(name);
  if (name !== undefined && entries.length + clauses.length === 0) {
    const names = all.map((entry) => entry.name);
    const similar = nearest(name, [...names, ...clauseWords()]);
    const hint =
      similar === null ? 'weir functions lists them; clauses are in rules/clauses.md' : `did you mean ${similar}?`;
    throw usageError(`there is no function or clause ${name}`, hint);
  }
  if (markdown === true) {
    shell.stdout.write(referencePage(entries));
    return exitCodes.ok;
  }
  const format = chosenFormat(asked, shell);
  const found = [...entries, ...clauses];
  if (format === 'json') shell.stdout.json(found);
  else if (format === 'ndjson') for (const one of found) shell.stdout.ndjson(one);
  else if (name === undefined) {
    showAll(entries, shell);
    shell.stdout.line('\nclauses (WINDOW, JOIN, SUPPRESS BY, ...): rules/clauses.md, or `weir functions WORD`');
  } else {
    for (const entry of entries) showOne(entry, shell);
    for (const clause of clauses) showClause(clause, shell);
    if (clauses.length > 0) shell.stdout.line('all clauses: rules/clauses.md');
  }
  return exitCodes.ok;
}

/** By its name, or by a word in capitals of its form: LIKE, ANY, CAST, BETWEEN. */
function isCalled({ name, signature }: ReferenceEntry, asked: string): boolean {
  if (name.toLowerCase() === asked.toLowerCase()) return true;
  return signature.split(/[^A-Z]+/).includes(asked.toUpperCase());
}

function showAll(entries: readonly ReferenceEntry[], shell: Shell): void {
  const { stdout } = shell;
  let first = true;
  for (const [group, members] of Map.groupBy(entries, (entry) => entry.group)) {
    if (!first) stdout.line();
    first = false;
    stdout.line(stdout.paint.bold(group));
    const rows = members.map(({ signature, summary }) => [signature, summary]);
    const columns = [{ title: 'form' }, { title: 'meaning' }];
    const width = stdout.table_width;
    stdout.line(renderTable({ columns, rows, paint: stdout.paint, width, headless: true }));
  }
}

function showClause({ syntax, group, meaning, example }: ClauseHelp, { stdout }: Shell): void {
  stdout.line(`${stdout.paint.bold(syntax)}  ${stdout.paint.dim(group)}`);
  stdout.line(`  ${meaning}`);
  stdout.line(`  ${example}`);
}

function showOne({ signature, group, summary, nulls, example }: ReferenceEntry, { stdout }: Shell): void {
  stdout.line(`${stdout.paint.bold(signature)}  ${stdout.paint.dim(group)}`);
  stdout.line(`  ${summary}`);
  stdout.line(`  ${nulls}`);
  if (example !== null) stdout.line(`  ${example.text}  →  ${example.shown}`);
}
