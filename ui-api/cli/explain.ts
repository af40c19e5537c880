import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  compile,
  type Diagnostic,
  explainOperator,
  explainText,
  joinsAt,
  type LoadedRules,
  loadRuleFiles,
  nearest,
  type OperatorPlan,
  type ProgramPlan,
  buildProgram as programOf,
  type StreamPlan,
  stateAt,
  stateInAllText,
} from '../../dsl/index.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  InvalidArgumentError,
  Option,
  type Shell,
  withExamples,
} from './command.ts';
import { CliError, type ExitCode, exitCodes, usageError } from './exit.ts';
import { explainFunction } from './pack-functions.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { hasOperator, sayOwn } from './rules-of.ts';
import { type Stage, stages, stageText } from './stages.ts';
import { renderTable } from './table.ts';
import { formatDuration, plural } from './units.ts';

interface ExplainOptions {
  readonly keys?: number;
  readonly rows?: number;
  readonly stage?: Stage;
  readonly stream?: string;
  readonly format?: Format;
}

/** `weir explain`: what a rule does, when it fires, what it keeps; or one stage of its way through the compiler. */
export const addExplainCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('explain')
    .summary('what a rule does, when it fires, what it keeps')
    .description(
      'Explains a rule or a view: the way of an event through it, when it is decided, its state and its memory. ' +
        'With --stage it prints one stage of the compiler, with --stream the fields of a stream.',
    )
    .argument('[rule]', 'name of a rule, a view or a function; all rules and views when left out')
    .argument('[paths...]', 'rule files, pack folders, or the rules root', ['rules'])
    .addOption(new Option('--stage <stage>', 'print a stage of the compiler').choices([...stages]))
    .option('--stream <name>', 'print the fields of a stream')
    .addOption(new Option('--keys <n>', 'say what the state is with so many keys').argParser(parseCount))
    .addOption(
      new Option(
        '--rows <n>',
        'with --keys: rows of each key in its window, and on each side of a join (default: 1)',
      ).argParser(parseCount),
    )
    .addOption(formatOption())
    .action((first: string | undefined, paths: string[], options: ExplainOptions) => {
      // `weir explain rules` and `rules/auth` mean all rules there; `many_bursts.bursts` is a view that stands in a rule.
      if (first !== undefined && (/\/|^\.|\.sql$/.test(first) || (command.args.length === 1 && isFolder(first, shell))))
        finish(explain(undefined, [first], options, shell));
      else finish(explain(first, paths, options, shell));
    });
  withExamples(command, [
    ['weir explain account_guessing', 'a rule below rules/'],
    ['weir explain my_rule my.rule.sql', 'a rule of a file'],
    ['weir explain rules/auth --keys 500000 --rows 20', 'the state of all of them with so many keys'],
    ['weir explain account_guessing --stage plan', 'what the compiler makes of it'],
    ['weir explain --stream events', 'the fields that rules can use'],
  ]);
};

/** A rule with the name of a folder is told from it by a path: `weir explain rules .`. */
function isFolder(name: string, { folder }: Shell): boolean {
  return statSync(resolve(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @throws InvalidArgumentError for what is no whole number above 0. */
function parseCount(text: string): number {
  const count = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('A whole number above 0.');
}

function explain(rule: string | undefined, paths: readonly string[], options: ExplainOptions, shell: Shell): ExitCode {
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  const compilation = compile(loaded.rules);
  const { plan, diagnostics } = compilation;
  if (options.stage === 'tokens' || options.stage === 'tree') {
    // These stages exist for files that do not compile, too: that is when one wants to see them.
    shell.stdout.write(stageText(options.stage, rule ?? null, loaded.rules, compilation));
    return exitCodes.ok;
  }
  const isOne = rule !== undefined && options.stage === undefined && options.stream === undefined;
  if (isOne && plan === null && hasOperator(rule, compilation.partial)) {
    sayOwn(
      rule,
      { ...compilation, diagnostics: diagnostics.filter(({ severity }) => severity === 'error') },
      loaded,
      shell,
    );
    showSummaries(operatorsNamed(rule, compilation.partial), compilation.partial, options, shell);
    return exitCodes.ok;
  }
  if (plan === null) throw cannotCompile(diagnostics, loaded, shell);
  if (options.stream !== undefined) return showStream(options.stream, plan.stream, options.format, shell);
  if (rule !== undefined && options.stage === undefined && !plan.operators.some(({ name }) => name === rule)) {
    if (explainFunction(rule, compilation, loaded, options.format, shell)) return exitCodes.ok;
  }
  const chosen = rule === undefined ? plan.operators : operatorsNamed(rule, plan);
  if (options.stage !== undefined) {
    if (rule !== undefined) operatorNamed(rule, plan);
    shell.stdout.write(stageText(options.stage, rule ?? null, loaded.rules, compilation));
    return exitCodes.ok;
  }
  showSummaries(chosen, plan, options, shell);
  return exitCodes.ok;
}

function cannotCompile(diagnostics: readonly Diagnostic[], loaded: LoadedRules, shell: Shell): CliError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  showDiagnostics(errors, loaded, shell.stderr);
  return new CliError(
    exitCodes.findings,
    `${plural(errors.length, 'error')} in the rules`,
    'weir check says all of them',
  );
}

/** A view with UNION ALL is explained by its SELECTs; a rule with it by them and by what becomes of their rows. */
function operatorsNamed(name: string, plan: ProgramPlan): readonly OperatorPlan[] {
  const branches = plan.unions?.find((union) => union.name === name || union.name === `${name} (rows)`)?.branches ?? [];
  const all = plan.operators.filter((operator) => operator.name === name || branches.includes(operator.name));
  return all.length > 0 ? all : [operatorNamed(name, plan)];
}

/** @throws CliError (usage) with the nearest name. */
function operatorNamed(name: string, plan: ProgramPlan): OperatorPlan {
  const operator = plan.operators.find((one) => one.name === name);
  if (operator !== undefined) return operator;
  const names = [...plan.operators, ...(plan.unions ?? [])].map((one) => one.name);
  const similar = nearest(name, names);
  throw usageError(
    `there is no rule or view ${name}`,
    similar === null ? `there are: ${names.join(', ')}` : `did you mean ${similar}?`,
  );
}

function showSummaries(
  chosen: readonly OperatorPlan[],
  plan: ProgramPlan,
  options: ExplainOptions,
  shell: Shell,
): void {
  const { stdout } = shell;
  const program = programOf(plan);
  const load = { keys: options.keys ?? 1_000_000, rows: options.rows ?? 1 };
  const summaries = chosen.map((operator) => explainOperator(operator, program, plan));
  const format = chosenFormat(options.format, shell);
  const described = summaries.map((summary) => ({
    ...summary,
    state_at: stateAt(summary, load),
    joins_at: joinsAt(summary, load),
  }));
  if (format === 'ndjson') {
    for (const summary of described) stdout.ndjson(summary);
    return;
  }
  if (format === 'json') {
    stdout.json(described);
    return;
  }
  summaries.forEach((summary, i) => {
    if (i > 0) stdout.line();
    stdout.line(
      `${stdout.paint.bold(summary.name)}  ${stdout.paint.dim(`${summary.kind}, plan ${summary.plan_hash}`)}`,
    );
    stdout.write(explainText(summary, load));
  });
  if (options.keys !== undefined && summaries.length > 1) stdout.line(`\n${stateInAllText(summaries, load)}`);
}

function showStream(name: string, stream: StreamPlan, asked: Format | undefined, shell: Shell): ExitCode {
  const { stdout } = shell;
  if (name !== stream.name) throw usageError(`there is no stream ${name}`, `the stream is called ${stream.name}`);
  const format = chosenFormat(asked, shell);
  if (format === 'json' || format === 'ndjson') {
    const described = { name, settings: stream.settings, schema: stream.schema };
    if (format === 'json') stdout.json(described);
    else stdout.ndjson(described);
    return exitCodes.ok;
  }
  const { lateness_ms, idle_ms, max_ahead_ms, dedup_horizon_ms } = stream.settings;
  stdout.line(`${stdout.paint.bold(name)}  ${stdout.paint.dim(`schema ${stream.schema.name}`)}`);
  const door = [
    `LATENESS ${formatDuration(lateness_ms)}`,
    `IDLE ${formatDuration(idle_ms)}`,
    `MAX AHEAD ${formatDuration(max_ahead_ms)}`,
    `DEDUP ${formatDuration(dedup_horizon_ms)}`,
  ];
  stdout.line(`  ${door.join(' · ')}`);
  const rows = [
    ['timestamp', 'timestamp', 'required; event time, ISO 8601 with zone or epoch milliseconds'],
    ['event_id', 'string', 'unique per tenant; without one it is the hash of the content'],
    ['seq', 'int', "the producer's order within one millisecond"],
    ['tenant_id', 'string', "'default' when it is missing"],
    ...stream.schema.fields.map(({ name: field, type, required, aliases, summary }) => [
      field,
      type,
      `${required ? 'required; ' : ''}${summary}${aliases.length > 0 ? `; also called ${aliases.join(', ')}` : ''}`,
    ]),
    ['details.…', 'by use', "the platform's own; its type comes from its use: details.app = 'mail', details.n::int"],
  ];
  const columns = [{ title: 'field' }, { title: 'type' }, { title: 'meaning' }];
  const width = stdout.table_width;
  stdout.line(renderTable({ columns, rows, paint: stdout.paint, width }));
  return exitCodes.ok;
}
