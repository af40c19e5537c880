import { compile, loadRuleFiles, type ProgramPlan } from '../../dsl/index.ts';
import type { ContestantSpec } from '../score/contestant.ts';
import { expectedInAll } from '../score/play-all.ts';
import { type RuleScore, scoreRuns } from '../score/score.ts';
import { sweepValues } from '../score/sweep-values.ts';
import { closestNames } from '../suggest.ts';
import { type AddCommand, chosenFormat, formatOption, type Shell, withExamples } from './command.ts';
import { type ExitCode, exitCodes, usageError } from './exit.ts';
import { diskReader, loadProgram } from './rules.ts';
import { addPlayOptions, playAsAsked, type ScoreOptions, scenariosOf } from './score.ts';
import { figure, ruleFigures, shownTable, text } from './score-columns.ts';
import { formatCount, plural } from './units.ts';

interface SweepOptions extends ScoreOptions {
  readonly param?: string;
  readonly values?: string;
}

/** One value of one parameter, the others as the rule has them. */
interface Variant {
  readonly param: string;
  readonly value: number;
  readonly is_own: boolean;
  readonly contestant: ContestantSpec;
}

/** What a value of a parameter gives. */
interface SweepRow extends Pick<Variant, 'param' | 'value' | 'is_own'> {
  readonly score: RuleScore;
}

const most_variants = 40;
/** From so many events on a sweep takes minutes. */
const many_events = 500_000;

export const addSweepCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('sweep')
    .description('try the ranges of a rule’s PARAMs on simulated attacks and print what each value costs')
    .argument('<rule>', 'name of the rule')
    .argument('[paths...]', 'rule files and folders (default: rules)');
  addPlayOptions(command)
    .option('--param <name>', 'only this PARAM (default: each that is a number, one after the other)')
    .option('--values <list>', 'with --param: these values, with commas between (times in milliseconds)')
    .addOption(formatOption(['table', 'json']));
  command.addHelpText(
    'after',
    `\nEvery event is made once and given to all variants, at most ${most_variants} of them.\n` +
      '* marks the value that the rule has.',
  );
  withExamples(command, [
    ['weir sweep account_guessing --scenarios account-guessing,quiet-week', 'steps around its own values'],
    ['weir sweep signup_burst --param min_accounts --values 10,40,100', 'these values'],
  ]);
  command.action(async (rule: string, paths: string[], options: SweepOptions) => {
    finish(await sweep(rule, paths.length > 0 ? paths : ['rules'], options, shell));
  });
};

async function sweep(rule: string, paths: readonly string[], options: SweepOptions, shell: Shell): Promise<ExitCode> {
  const { program, plan } = loadProgram(paths, shell, 'of_files', 'counted');
  const variants = variantsOf(rule, plan, paths, options, shell);
  shell.stderr.line(`  ${costText(variants.length, options)}`);
  const results = await playAsAsked(
    variants.map(({ contestant }) => contestant),
    options,
    shell,
  );
  const demands = scenariosOf(options.scenarios);
  const rows = variants.map(({ param, value, is_own }, i): SweepRow => {
    const { rules } = scoreRuns(program, demands, results[i]);
    return { param, value, is_own, score: rules.find((one) => one.rule === rule) as RuleScore };
  });
  if (chosenFormat(options.format, shell) === 'json') shell.stdout.json(rows);
  else shell.stdout.line(sweepTable(rows, shell));
  return exitCodes.ok;
}

/** What a sweep is about to do, for who would rather ask for less of it. */
function costText(variants: number, options: ScoreOptions): string {
  const chosen = scenariosOf(options.scenarios);
  const events = expectedInAll({
    scenarios: chosen,
    seeds: options.seeds,
    events_per_hour: options.rate,
    cut_ms: options.minutes * 60_000,
  });
  const played = `${plural(chosen.length, 'scenario')} with ${plural(options.seeds, 'seed')} each`;
  const cost = `${plural(variants, 'value')} to try on ${played}: some ${formatCount(events)} events, read once for each value`;
  if (options.scenarios !== 'all' || events < many_events) return cost;
  return `${cost}\n  (that takes minutes: --scenarios NAME,quiet-week plays only those; weir simulate --list names them)`;
}

function variantsOf(
  rule: string,
  plan: ProgramPlan,
  paths: readonly string[],
  options: SweepOptions,
  shell: Shell,
): Variant[] {
  const rules = plan.operators.filter(({ kind }) => kind === 'rule');
  const operator = rules.find(({ name }) => name === rule);
  if (operator === undefined) {
    const names = rules.map(({ name }) => name);
    const [closest] = closestNames(rule, names);
    const all = names.length === 0 ? `there is none in ${paths.join(', ')}` : `rules: ${names.join(', ')}`;
    throw usageError(`there is no rule ${rule}`, closest === undefined ? all : `did you mean ${closest}?`);
  }
  const params = operator.params.filter(({ name }) => options.param === undefined || name === options.param);
  if (params.length === 0) {
    const names = operator.params.map(({ name }) => name).join(', ');
    throw usageError(
      options.param === undefined ? `${rule} has no PARAM` : `${rule} has no PARAM ${options.param}`,
      names === '' ? 'make its thresholds PARAMs with a range: PARAM n int = 10 IN 3 TO 30' : `it has: ${names}`,
    );
  }
  if (options.values !== undefined && options.param === undefined) {
    throw usageError(
      '--values are of one parameter',
      `name it with --param: ${params.map(({ name }) => name).join(', ')}`,
    );
  }
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  const variants = params.flatMap((param) =>
    (options.values === undefined ? sweepValues(param) : valuesIn(options.values)).map((value): Variant => {
      const params = [[`${rule}.${param.name}`, value]] as const;
      const compiled = compile(loaded.rules, { params: new Map(params) });
      if (compiled.plan === null) {
        const why = compiled.diagnostics.find(({ severity }) => severity === 'error')?.message ?? '';
        throw usageError(`${param.name} = ${value} does not fit the rule: ${why}`, 'give values inside of its range');
      }
      const contestant = { paths, folder: shell.folder, rule, params };
      return { param: param.name, value, is_own: value === param.value, contestant };
    }),
  );
  if (variants.length > 0 && variants.length <= most_variants) return variants;
  const message =
    variants.length === 0
      ? `${rule} has no PARAM that is a number`
      : `${variants.length} values are too many: a sweep tries at most ${most_variants}`;
  throw usageError(message, 'choose with --param and --values');
}

function valuesIn(list: string): number[] {
  return list.split(',').map((text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw usageError(`${text} is no number`, 'give --values 10,20,40');
    return value;
  });
}

function sweepTable(rows: readonly SweepRow[], shell: Shell): string {
  const figures = ruleFigures
    .filter(({ title }) => title !== 'stated')
    .map(({ title, cell }) => figure<SweepRow>(title, ({ score }) => cell(score)));
  const value = figure<SweepRow>('value', (row) => ({
    text: `${row.value.toLocaleString('en-US', { maximumFractionDigits: 3 })}${row.is_own ? ' *' : '  '}`,
    style: row.is_own ? 'bold' : 'dim',
  }));
  return shownTable([text<SweepRow>('parameter', ({ param }) => param), value, ...figures], rows, shell);
}
