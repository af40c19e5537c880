import { buildProgram, compile, loadRuleFiles, type ProgramPlan, selectOperators } from '../../dsl/index.ts';
import type { Contestant } from '../score/play.ts';
import { type RuleScore, scoreRuns } from '../score/score.ts';
import { sweepValues } from '../score/sweep-values.ts';
import { closestName } from '../suggest.ts';
import { type AddCommand, chosenFormat, formatOption, type Shell, withExamples } from './command.ts';
import { type ExitCode, exitCodes, usageError } from './exit.ts';
import { digest, diskReader, loadProgram } from './rules.ts';
import { addPlayOptions, contestantOf, playAll, type ScoreOptions, scenariosOf } from './score.ts';
import { type Cell, renderTable } from './table.ts';
import { formatCount, formatDuration } from './units.ts';

interface SweepOptions extends ScoreOptions {
  readonly param?: string;
  readonly values?: string;
}

/** One value of one parameter, the others as the rule has them. */
interface Variant {
  readonly param: string;
  readonly value: number;
  readonly is_own: boolean;
  readonly contestant: Contestant;
}

const most_variants = 40;

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
    '\nEvery event is made once and given to all variants. * marks the value that the rule has.',
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
  // What is wrong with the rules is told once, as every command tells it.
  const { plan } = loadProgram(paths, shell);
  const variants = variantsOf(rule, plan, paths, options, shell);
  const results = await playAll(
    variants.map(({ contestant }) => contestant),
    options,
    shell,
  );
  const demands = scenariosOf(options.scenarios);
  const rows = variants.map(({ param, value, is_own, contestant }, i) => {
    const { rules } = scoreRuns(contestant.program, demands, results[i]);
    return { param, value, is_own, score: rules.find((one) => one.rule === rule) as RuleScore };
  });
  if (chosenFormat(options.format, shell) === 'json') shell.stdout.json(rows);
  else shell.stdout.line(sweepTable(rows, shell));
  return exitCodes.ok;
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
    const closest = closestName(
      rule,
      rules.map(({ name }) => name),
    );
    throw usageError(
      `there is no rule ${rule}`,
      closest === null ? `look at: ${paths.join(', ')}` : `did you mean ${closest}?`,
    );
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
      const compiled = compile(loaded.rules, { params: new Map([[`${rule}.${param.name}`, value]]) });
      if (compiled.plan === null) {
        const why = compiled.diagnostics.find(({ severity }) => severity === 'error')?.message ?? '';
        throw usageError(`${param.name} = ${value} does not fit the rule: ${why}`, 'give values inside of its range');
      }
      const one = selectOperators(compiled.plan, [rule]);
      const contestant = contestantOf({ plan: one, program: buildProgram(one, digest) }, shell);
      return { param: param.name, value, is_own: value === param.value, contestant };
    }),
  );
  if (variants.length > 0 && variants.length <= most_variants) return variants;
  const message =
    variants.length === 0 ? `${rule} has no PARAM that is a number` : `${variants.length} variants are too many`;
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

function sweepTable(
  rows: readonly { param: string; value: number; is_own: boolean; score: RuleScore }[],
  shell: Shell,
): string {
  const right = 'right' as const;
  const share = (value: number | null): string => (value === null ? '' : value.toFixed(3));
  const time = (value_ms: number | null): string => (value_ms === null ? '' : formatDuration(value_ms));
  const titles = ['value', 'detections', 'right', 'precision', 'recall', 'wrong per million', 'p50', 'p95'];
  return renderTable({
    columns: [{ title: 'parameter' }, ...titles.map((title) => ({ title, align: right }))],
    rows: rows.map(({ param, value, is_own, score }): Cell[] => [
      param,
      {
        text: `${value.toLocaleString('en-US', { maximumFractionDigits: 3 })}${is_own ? ' *' : '  '}`,
        style: is_own ? 'bold' : 'dim',
      },
      formatCount(score.detections),
      formatCount(score.right),
      share(score.precision),
      share(score.recall),
      score.wrong_per_million.toFixed(2),
      time(score.p50_ms),
      time(score.p95_ms),
    ]),
    paint: shell.stdout.paint,
  });
}
