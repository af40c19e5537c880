import { type DeclaredFunction, functions, nearest, type ScalarFunction } from '../../dsl/index.ts';
import { type AggregateHelp, aggregateHelp } from './aggregate-help.ts';
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
    .argument('[name]', 'a function')
    .option('--rules <paths...>', 'and those that rule files declare (CREATE FUNCTION)')
    .addOption(formatOption())
    .action((name: string | undefined, options: Options) => finish(list(name, options, shell)));
  withExamples(command, [
    ['weir functions', 'all of them, by group'],
    ['weir functions split_part', 'one, with its example'],
    ['weir functions --rules rules/auth', 'and those that a pack declares'],
    ['weir functions --format json', 'for an editor'],
  ]);
};

interface Options {
  readonly format?: Format;
  readonly rules?: string[];
}

/** One entry of the reference, whatever kind it is. */
interface Entry {
  readonly name: string;
  readonly signature: string;
  readonly group: string;
  readonly summary: string;
  /** What it says about NULL arguments. */
  readonly nulls: string;
  /** null for one that a rule file declares. */
  readonly example: { readonly text: string; readonly value: unknown } | null;
}

function scalarEntry({ name, signature, group, summary, null_on_null, example }: ScalarFunction): Entry {
  const nulls = null_on_null ? 'NULL when an argument is NULL' : 'looks at NULL arguments itself';
  return { name, signature, group, summary, nulls, example };
}

function aggregateEntry({ name, signature, summary, nulls, example }: AggregateHelp): Entry {
  const over = example.x.map((value) => (value === null ? 'NULL' : String(value))).join(', ');
  const shown = { text: `${example.text} over ${over}`, value: example.value };
  return { name, signature, group: 'aggregate', summary, nulls, example: shown };
}

function declaredEntry({ name, signature, expression }: DeclaredFunction): Entry {
  const nulls = 'written out where it is called';
  return { name, signature, group: 'declared', summary: expression, nulls, example: null };
}

function list(name: string | undefined, { format: asked, rules }: Options, shell: Shell): ExitCode {
  const declared = rules === undefined ? [] : functionsBelow(rules, shell).map(declaredEntry);
  const all = [...[...functions.values()].map(scalarEntry), ...aggregateHelp.map(aggregateEntry), ...declared];
  const entries = name === undefined ? all : all.filter((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (name !== undefined && entries.length === 0) {
    const names = all.map((entry) => entry.name);
    const similar = nearest(name, names);
    const hint = similar === null ? 'weir functions lists all of them' : `did you mean ${similar}?`;
    throw usageError(`there is no function ${name}`, hint);
  }
  const format = chosenFormat(asked, shell);
  if (format === 'json') shell.stdout.json(entries);
  else if (format === 'ndjson') for (const entry of entries) shell.stdout.ndjson(entry);
  else if (name === undefined) showAll(entries, shell);
  else for (const entry of entries) showOne(entry, shell);
  return exitCodes.ok;
}

function showAll(entries: readonly Entry[], shell: Shell): void {
  const { stdout } = shell;
  let first = true;
  for (const [group, members] of Map.groupBy(entries, (entry) => entry.group)) {
    if (!first) stdout.line();
    first = false;
    stdout.line(stdout.paint.bold(group));
    const rows = members.map(({ signature, summary }) => [signature, summary]);
    const columns = [{ title: 'form' }, { title: 'meaning' }];
    const width = stdout.is_terminal ? stdout.width : Number.POSITIVE_INFINITY;
    stdout.line(renderTable({ columns, rows, paint: stdout.paint, width, headless: true }));
  }
}

function showOne({ signature, group, summary, nulls, example }: Entry, { stdout }: Shell): void {
  stdout.line(`${stdout.paint.bold(signature)}  ${stdout.paint.dim(group)}`);
  stdout.line(`  ${summary}`);
  stdout.line(`  ${nulls}`);
  if (example !== null) stdout.line(`  ${example.text}  →  ${JSON.stringify(example.value)}`);
}
