import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfig } from '../config.ts';
import { parseTime } from './backtest-input.ts';
import { BacktestLetters } from './backtest-letters.ts';
import { noteRun } from './backtest-note.ts';
import type { BacktestOptions } from './backtest-options.ts';
import { type BacktestSummary, summaryJson, writeSummary } from './backtest-report.ts';
import { BacktestSession } from './backtest-session.ts';
import { BacktestStop } from './backtest-stop.ts';
import { type AddCommand, formatOption, Option, type Shell, threadCount, withExamples } from './command.ts';
import { type ExitCode, exitCodes, unwritable, usageError } from './exit.ts';
import { isHistory } from './history-source.ts';
import { checkOutputs } from './own-outputs.ts';
import { loadProgram } from './rules.ts';
import { formatOptions } from './source.ts';

const timesHelp =
  '\nA time is 2026-03-30T15:00:00Z (or with +02:00), 2026-03-30 (its midnight UTC),\nepoch milliseconds, or 7d, 12h, 30m ago.';

export const addBacktestCommand: AddCommand = (program, shell, finish) => {
  const pastTime = (text: string): number => parseTime(text, shell.now_ms());
  const command = program
    .command('backtest')
    .summary('run rules on past events: what the live engine would have said')
    .description(
      'Runs rules on past events: what the live engine would have said. Exit code 0: it ran, whatever it detected or ' +
        'rejected; 1: a rule does not compile; 2: wrong use; 3: a fault; 130: Ctrl-C.',
    )
    .argument('[paths...]', 'rule files and folders', ['rules'])
    .option(
      '--from <source>',
      'a file of events, `log` for what Weir received, `store` for the same out of ClickHouse, - for stdin (needed)',
    );
  for (const option of formatOptions()) command.addOption(option);
  command
    .addOption(new Option('--since <time>', 'show detections decided from this time on').argParser(pastTime))
    .addOption(new Option('--until <time>', 'show detections decided before this time').argParser(pastTime))
    .option('--as-arrived', 'take the file through the live door: order and lateness count')
    .addOption(new Option('--as-of <time>', 'when the file counts as received (default: now)').argParser(parseTime))
    .addOption(
      new Option('--late <what>', 'with --from log or store: judge late events as if in time').choices(['include']),
    )
    .addOption(
      new Option(
        '--lookups <which>',
        'with --from log or store: what lookups had then (recorded), or today’s files for all of it',
      ).choices(['recorded', 'latest']),
    )
    .option('--out <file>', 'write detections to a file as NDJSON, suppressed ones too (their status says so)')
    .option('--tables <file>', 'write the rows of tables (CREATE TABLE) to a file as NDJSON')
    .option('--summary <file>', 'write the summary to a file as JSON')
    .option('--dead-letters <file>', 'write rejected records to a file as NDJSON, with reason and bytes')
    .option('--data <folder>', 'data folder of the log (default: ./var)')
    .addOption(new Option('--run <id>', 'what the API calls this run').hideHelp())
    .addOption(new Option('--run-by <who>', 'who asked the API for it').hideHelp())
    .option('--progress', 'with --from log: say on stderr how far it is, as NDJSON twice a second')
    .addOption(
      new Option(
        '--threads <count>',
        'with --from log: work in so many threads at most (default: one per processor; rules in no more than are idle)',
      ).argParser(threadCount),
    )
    .option('--utc', 'show times in UTC')
    .addOption(formatOption(['table', 'json', 'ndjson'], 'ndjson'));
  command.addHelpText('after', timesHelp);
  withExamples(command, [
    ['weir backtest rules/auth --from /var/log/auth.log --as sshd', "this machine's own log"],
    ['weir backtest rules --from events.ndjson | jq .title', 'detections as NDJSON in a pipe'],
    ['weir backtest rules --from log --since 2026-03-01', 'what Weir received'],
    ['weir backtest rules --from store --since 7d', 'the same, where only the store is'],
  ]);
  command.action(async (paths: string[], options: Partial<BacktestOptions>) => {
    const { from } = options;
    if (from === undefined) {
      throw usageError(
        'a backtest needs events: --from FILE, --from log, --from store or --from -',
        'for example: weir backtest rules --from events.ndjson; all of it: weir backtest --help',
      );
    }
    finish(await backtest(paths, { ...options, from }, shell));
  });
};

/** @throws CliError for options that say nothing together */
function checkOptions(options: BacktestOptions): void {
  const { from, since, until } = options;
  if (options.late !== undefined && !isHistory(options.from)) {
    throw usageError('--late says something about `--from log` and `--from store` only', 'nothing in a file is late');
  }
  if (options.lookups === 'recorded' && !isHistory(options.from)) {
    throw usageError(
      'a file has no recorded lookups',
      'leave --lookups away: the files of the lookups hold for all of it',
    );
  }
  if (options.late !== undefined && options.asArrived === true) {
    throw usageError(
      '--as-arrived takes events as they came, and --late include as if they had been in time',
      'leave one of them away',
    );
  }
  const ofLog = { '--threads': options.threads, '--progress': options.progress };
  const meant = Object.entries(ofLog).find(([, value]) => value !== undefined)?.[0];
  if (meant !== undefined && !isHistory(from)) {
    throw usageError(`${meant} says something about --from log only`, `leave ${meant} away`);
  }
  const { as, year, timeZone, asOf } = options;
  const ofFiles = { '--as': as, '--year': year, '--time-zone': timeZone, '--as-of': asOf };
  const told = Object.entries(ofFiles).find(([, value]) => value !== undefined)?.[0];
  if (told !== undefined && isHistory(from)) {
    throw usageError(
      `${told} says something about a file: what Weir received (--from ${from}) has its form and times`,
      `leave ${told} away, or give --from a file`,
    );
  }
  if (since !== undefined && until !== undefined && until <= since) {
    const times = [since, until].map((ms) => new Date(ms).toISOString());
    throw usageError(
      `--until ${times[1]} is not after --since ${times[0]}: nothing lies between them`,
      'give --since the earlier time; 7d is seven days ago, so `--since 8d --until 7d` is one day',
    );
  }
}

async function backtest(paths: readonly string[], options: BacktestOptions, shell: Shell): Promise<ExitCode> {
  checkOptions(options);
  const { environment, folder } = shell;
  const { from, out, tables, summary: sum, deadLetters } = options;
  const outputs = { '--out': out, '--tables': tables, '--summary': sum, '--dead-letters': deadLetters };
  // A file needs no settings, and wrong ones are no reason not to read it.
  const data = isHistory(from)
    ? readConfig({ flags: { data: options.data }, environment, folder }).data
    : (options.data ?? (environment.WEIR_DATA || 'var'));
  checkOutputs(outputs, isHistory(from) || from === '-' ? null : from, data, folder);
  const written = [out, tables, deadLetters].filter((path) => path !== undefined);
  const isRecorded = isHistory(options.from) && options.lookups !== 'latest';
  const loaded = loadProgram(paths, shell, isRecorded ? 'recorded' : 'of_files', 'counted');
  if (options.summary !== undefined) checkWritable(options.summary, shell);
  const zone = options.utc === true ? 'utc' : 'local';
  const stop = new BacktestStop(shell, written, zone);
  let session: BacktestSession;
  let summary: BacktestSummary | null;
  const letters = await BacktestLetters.open(options.deadLetters, shell.folder, () => stop.turn());
  try {
    session = new BacktestSession(loaded, options, letters, shell);
    summary = await session.run(shell.now_ms());
  } finally {
    stop.done();
  }
  // As `head` does once it has its lines: no error, and not the whole either, so that nothing is said of it.
  if (summary === null) return exitCodes.ok;
  const json = summaryJson(summary);
  session.output.finish(json);
  if (options.summary !== undefined) writeSummaryFile(options.summary, json, shell);
  noteRun(summary, session, options, shell);
  await shell.stdout.flushed();
  if (!shell.stdout.closed) {
    const form = (is_all: boolean) => letters.first.hint({ path: from, pipe: '--from -' }, is_all);
    writeSummary(summary, shell.stderr, zone, form);
  }
  await session.keepColumns();
  return exitCodes.ok;
}

/** @throws CliError when the file takes no more */
function writeSummaryFile(path: string, json: object, { folder }: Shell): void {
  try {
    writeFileSync(resolve(folder, path), `${JSON.stringify(json)}\n`);
  } catch (error) {
    throw unwritable(path, '--summary', error);
  }
}

/** A path that cannot be written is said before the run, not behind an hour of it. What is there stays until then. */
function checkWritable(path: string, { folder }: Shell): void {
  const full = resolve(folder, path);
  const isThere = existsSync(full);
  try {
    closeSync(openSync(full, 'a'));
    if (!isThere) unlinkSync(full);
  } catch (error) {
    throw unwritable(path, '--summary', error);
  }
}
