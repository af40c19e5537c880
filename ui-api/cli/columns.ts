import { availableParallelism } from 'node:os';
import { dataPaths, readConfig } from '../config.ts';
import { type AddCommand, Option, type Shell, threadCount, withExamples } from './command.ts';
import { type ExitCode, exitCodes, faultError } from './exit.ts';
import { type KeptColumns, keepColumns } from './keep-columns.ts';
import { LogProgress } from './log-progress.ts';
import { loadProgram } from './rules.ts';
import { dataFlag, shown, weirHere } from './typed-here.ts';
import { formatCount, formatDuration, plural } from './units.ts';

interface ColumnsOptions {
  readonly data?: string;
  readonly threads?: number;
  readonly progress?: boolean;
}

export const addColumnsCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('columns')
    .summary('make the columns of the log that backtests read')
    .description(
      'Makes columns of what Weir received, as the first backtest of the log would: the next one reads them at once, and ' +
        'only those that its rules need. It may run beside `weir run`, and makes what is new each time. Exit code 0: they ' +
        'are there, as far as the log can have them; 1: a rule does not compile; 2: wrong use; 3: a fault; 130: Ctrl-C.',
    )
    .argument('[paths...]', 'rule files and folders, for what they say of the stream', ['rules'])
    .option('--data <folder>', 'data folder of the log (default: ./var)')
    .option('--progress', 'say on stderr how far it is, as NDJSON twice a second')
    .addOption(
      new Option(
        '--threads <count>',
        'make columns of so many segments at once (default: one per processor)',
      ).argParser(threadCount),
    );
  withExamples(command, [
    ['weir columns', 'of the log in ./var'],
    ['weir columns rules --data /srv/weir --threads 1', 'beside a Weir that runs'],
  ]);
  command.action(async (paths: string[], options: ColumnsOptions) => finish(await columns(paths, options, shell)));
};

async function columns(paths: readonly string[], options: ColumnsOptions, shell: Shell): Promise<ExitCode> {
  const { environment, folder, stderr } = shell;
  const config = readConfig({ flags: { data: options.data }, environment, folder });
  const { program } = loadProgram(paths, shell, 'recorded', 'counted');
  const started_ms = shell.now_ms();
  const progressOf = (about: number) => new LogProgress(stderr, options.progress === true, about);
  const kept = await keepColumns(config, program, options.threads ?? availableParallelism(), progressOf);
  for (const problem of kept.problems) stderr.line(`  note: ${problem}`);
  if (kept.failure !== null) {
    throw faultError('not all columns of the log could be kept', 'the note says why; what was made is there');
  }
  if (kept.closed === 0) {
    stderr.line('  no segment of the log is closed yet: each gets columns when the next one is begun');
    return exitCodes.ok;
  }
  const run = `${weirHere(shell)} run${dataFlag(config, shell)}`;
  stderr.line(`  ${keptText(kept, formatDuration(shell.now_ms() - started_ms), run)}`);
  if (kept.kept === 0) return exitCodes.ok;
  stderr.line(`  in ${shown(dataPaths(config.data).columns, shell)}; the folder may be removed when no backtest runs`);
  return exitCodes.ok;
}

/** @param run the command that gives verdicts */
function keptText({ closed, kept, made, unjudged }: KeptColumns, took: string, run: string): string {
  const unfit = closed - kept - unjudged;
  const of = `${formatCount(kept)} of ${plural(closed, 'closed segment')} of the log have columns, ${made} made now, in ${took}`;
  const cannot = unfit > 0 ? `; ${unfit} cannot have any: the note says why` : '';
  const wait =
    unjudged === 0
      ? ''
      : `; ${unjudged} cannot have any yet: records in them have no verdict, which \`${run}\` gives (\`weir ingest\` into the log of a Weir that does not run gives none)`;
  return `${of}${cannot}${wait}`;
}
