import { availableParallelism } from 'node:os';
import { type Scenario, scenarios } from '../../connectors/index.ts';
import type { ContestantSpec } from '../score/contestant.ts';
import type { JudgedRun } from '../score/judgement.ts';
import { playAll } from '../score/play-all.ts';
import { type ScoreResult, scoreRuns } from '../score/score.ts';
import {
  type AddCommand,
  type Command,
  chosenFormat,
  type Format,
  formatOption,
  Option,
  type Shell,
  threadCount,
  wholeNumber,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes } from './exit.ts';
import { Progress } from './progress.ts';
import { loadProgram } from './rules.ts';
import { scoreFailures, scoreJunit, scoreTable } from './score-report.ts';
import { chosenScenarios, usual_rate } from './simulate.ts';

export interface ScoreOptions {
  readonly scenarios: string;
  readonly seeds: number;
  readonly rate: number;
  readonly minutes: number;
  readonly threads: number;
  readonly mustFind?: boolean;
  readonly format?: Format;
}

export const addScoreCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('score')
    .description('measure rules on simulated attacks: found or not, how soon, and how often wrong')
    .argument('[paths...]', 'rule files and folders', ['rules']);
  addPlayOptions(command)
    .option('--must-find', 'also fail where a scenario is missed, or a quiet week has a high or critical detection')
    .addOption(formatOption(['table', 'json', 'junit']));
  command.addHelpText(
    'after',
    '\nA detection is right when at least half of the events it names as evidence\n' +
      'belong to attacks. Exits with 1 where a rule states a CONFIDENCE above the\n' +
      'precision that was observed.',
  );
  withExamples(command, [
    ['weir score rules --seeds 20', 'all scenarios, each with 20 seeds'],
    ['weir score rules/auth --scenarios password-spray,quiet-week', 'only these'],
    ['weir score rules --must-find --format junit > score.xml', 'as a gate in CI'],
  ]);
  command.action(async (paths: string[], options: ScoreOptions) => finish(await score(paths, options, shell)));
};

/** What `score` and `sweep` play. */
export function addPlayOptions(command: Command): Command {
  return command
    .option('--scenarios <names>', 'names with commas between, or all', 'all')
    .addOption(
      new Option('--seeds <count>', 'each scenario with the seeds 1 to this').argParser(wholeNumber(1)).default(3),
    )
    .addOption(
      new Option('--rate <events>', 'background events in an hour, mean over the week')
        .argParser(wholeNumber(20))
        .default(usual_rate),
    )
    .addOption(
      new Option('--minutes <minutes>', 'an attack is played so long (the longest lasts 12 hours)')
        .argParser(wholeNumber(1))
        .default(60),
    )
    .addOption(
      new Option('--threads <count>', 'play so many runs at once; the results are the same')
        .argParser(threadCount)
        .default(availableParallelism(), 'one for each processor'),
    );
}

/** @throws CliError for a name that is none */
export function scenariosOf(names: string): readonly Scenario[] {
  const chosen = new Set(names.split(',').flatMap((name) => chosenScenarios(name.trim())));
  return scenarios.filter((scenario) => chosen.has(scenario));
}

/** Every scenario with every seed; the results of each contestant, in the order of the runs. */
export async function playAsAsked(
  contestants: readonly ContestantSpec[],
  options: ScoreOptions,
  shell: Shell,
): Promise<JudgedRun[][]> {
  const chosen = scenariosOf(options.scenarios);
  const progress = new Progress(shell.stderr, 'playing', chosen.length * options.seeds, 'events');
  try {
    return await playAll(contestants, {
      scenarios: chosen,
      seeds: options.seeds,
      events_per_hour: options.rate,
      cut_ms: options.minutes * 60_000,
      threads: options.threads,
      on_progress: (runs, events) => progress.update(runs, events),
    });
  } finally {
    progress.done();
  }
}

async function score(paths: readonly string[], options: ScoreOptions, shell: Shell): Promise<ExitCode> {
  const { program } = loadProgram(paths, shell);
  const demands = scenariosOf(options.scenarios);
  const [runs] = await playAsAsked([{ paths, folder: shell.folder, rule: null, params: [] }], options, shell);
  const result = scoreRuns(program, demands, runs);
  const failures = scoreFailures(result, options.mustFind === true);
  write(result, failures, options, shell);
  return failures.length > 0 ? exitCodes.findings : exitCodes.ok;
}

function write(
  result: ScoreResult,
  failures: readonly { readonly text: string }[],
  options: ScoreOptions,
  shell: Shell,
): void {
  const format = chosenFormat(options.format, shell);
  if (format === 'json')
    shell.stdout.json({ seeds: options.seeds, ...result, failures: failures.map(({ text }) => text) });
  else if (format === 'junit') shell.stdout.write(scoreJunit(result, options.mustFind === true));
  else shell.stdout.line(scoreTable(result, shell));
  if (format !== 'table') return;
  for (const { text } of failures) shell.stderr.line(`  ${shell.stderr.paint.red('fails')}  ${text}`);
}
