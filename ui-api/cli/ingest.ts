import { SegmentLog } from '../../connectors/index.ts';
import type { LogEntry } from '../../engine/index.ts';
import { type Config, dataPaths, readConfig } from '../config.ts';
import { lineFigures } from './backtest-report.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  Option,
  type Shell,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes, faultError, usageError } from './exit.ts';
import { batches, isBlank, requestLine } from './ingest-batches.ts';
import { Interrupt } from './interrupt.ts';
import { Progress } from './progress.ts';
import { FileSource, type FormatOptions, formatOptions } from './source.ts';
import { printable } from './table.ts';
import { formatCount, formatDuration, plural } from './units.ts';
import { findWeir, type LineAnswer, readToken, unansweredText, WeirClient } from './weir-client.ts';
import { FirstRejected } from './wrong-form.ts';

interface IngestOptions extends FormatOptions {
  readonly partition?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly data?: string;
  readonly format?: Format;
}

const shown_rejections = 3;

export const addIngestCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('ingest')
    .summary('put a file of events into a running Weir, or into its log when none runs')
    .description(
      'Puts a file of events into a running Weir, or into its log when none runs. A running Weir waits for a source no ' +
        'longer than the IDLE of its stream: a file of the past must arrive without a longer pause, or the rest of it is ' +
        'late. Exit code 0: all were taken (late ' +
        'ones and duplicates too); 1: records cannot be read, or the Weir that runs rejected some (without one the ' +
        'next `weir run` may reject more); 2: wrong use; 3: a fault; 130: Ctrl-C.',
    )
    .argument('<file>', 'the file, or - for the standard input');
  for (const option of formatOptions()) command.addOption(option);
  command
    .option('--partition <name>', 'source partition the events belong to (default: file:NAME)')
    .option(
      '--url <url>',
      'address of the running Weir, trusted with the token (default: where the Weir of --data listens)',
    )
    .option('--token-file <file>', 'file with the token (default: token in the data folder)')
    .addOption(new Option('--data <folder>', 'data folder of the Weir (default: ./var)'))
    .addOption(formatOption(['table', 'json']));
  withExamples(command, [
    ['weir ingest events.ndjson', 'normalised events, one per line'],
    ['weir ingest auth.log --as sshd', 'lines of sshd, before the first `weir run`'],
    ['zcat old.gz | weir ingest - --partition web-1', 'from a pipe, as the partition web-1'],
  ]);
  command.action(async (file: string, options: IngestOptions) => finish(await ingest(file, options, shell)));
};

interface Totals {
  lines: number;
  skipped: number;
  read: number;
  accepted: number;
  duplicate: number;
  late: number;
  rejected: number;
}

async function ingest(file: string, options: IngestOptions, shell: Shell): Promise<ExitCode> {
  const config = readConfig({
    flags: { data: options.data },
    environment: shell.environment,
    folder: shell.folder,
  });
  const source = FileSource.open(file, options, shell, 'give a file of events, or - for the standard input');
  const partition = options.partition ?? source.partition;
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/.test(partition)) {
    throw usageError(
      `${JSON.stringify(partition)} cannot name a partition`,
      'use letters, digits and . _ : / - (at most 100)',
    );
  }
  const token = (): string => readToken(config, options.tokenFile);
  const { url, who } = await findWeir(config, options.url, token, shell);
  if (who === 'another') {
    const whose = options.tokenFile ?? config.data;
    throw usageError(
      `what answers at ${url} does not know the token of ${whose}: nothing was sent`,
      'is another Weir running there? name the data folder with --data, or an address that you trust with --url',
    );
  }
  if (who === 'this_weir') {
    return send(source, partition, { url, token: token() }, config, options, shell);
  }
  return store(source, partition, url, config, options, shell);
}

async function send(
  source: FileSource,
  partition: string,
  { url, token }: { readonly url: string; readonly token: string },
  config: Config,
  options: IngestOptions,
  shell: Shell,
): Promise<ExitCode> {
  const started_ms = shell.now_ms();
  const progress = new Progress(shell.stderr, `sending ${source.name}`, source.size, 'lines');
  const totals: Totals = { lines: 0, skipped: 0, read: 0, accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  const rejections: { number: number; answer: LineAnswer }[] = [];
  const first = new FirstRejected();
  const interrupt = new Interrupt(shell);
  const client = new WeirClient(url, token, interrupt.signal, (why) => {
    // The bar comes back below the sentence.
    progress.done();
    shell.stderr.line(unansweredText(url, why));
  });
  const reading = batches(source, config, progress);
  try {
    for (;;) {
      const next = await interrupt.orEnd(reading.next());
      if (next === null || next.done === true) break;
      const sent = next.value.filter((line) => !isBlank(line));
      const answers = await interrupt.orEnd(client.send(partition, sent.map(requestLine)));
      if (answers === null) break;
      answers.forEach((answer, i) => {
        totals.read++;
        totals[answer.status]++;
        if (answer.status !== 'rejected') return;
        rejections.push({ number: sent[i].number, answer });
        first.keep({ reason: answer.reason ?? '', message: answer.message ?? '', bytes: sent[i].bytes });
      });
    }
  } finally {
    progress.done();
    interrupt.done();
  }
  if (interrupt.asked)
    shell.stderr.line(
      'stopped: the same command again sends the rest, and what arrived counts once. Events of the past are late where ' +
        'their partition was silent for longer than the IDLE of the stream (5 seconds where none is set)',
    );
  totals.lines = source.lines;
  totals.skipped = skippedLines(source);
  report(totals, source, options, shell, shell.now_ms() - started_ms, client.url);
  for (const { number, answer } of rejections.slice(0, shown_rejections)) {
    shell.stderr.line(`  ${source.name}:${number}: rejected: ${printable(answer.message ?? answer.reason ?? '')}`);
  }
  const more = rejections.length - shown_rejections;
  if (more > 0) shell.stderr.line(`  ... ${formatCount(more)} more: dead-letters.ndjson in the data folder has all`);
  if (totals.late > 0) {
    const none = totals.accepted === 0 ? ', and none was in time' : '';
    shell.stderr.line(
      `  late: stream time had passed these events already${none}. To look at the past: ${backtestOf(source, options)}`,
    );
  }
  noteForm(first, rejections.length, totals.read, source, shell);
  if (interrupt.asked) {
    await Promise.all([shell.stdout.flushed(), shell.stderr.flushed()]);
    // A pipe that was being read keeps the process until it ends.
    process.exit(exitCodes.interrupted);
  }
  return totals.rejected > 0 ? exitCodes.findings : exitCodes.ok;
}

/** @throws CliError when a Weir holds it that did not answer: one on another port, whose address is not known. */
async function openLog(config: Config, shell: Shell): Promise<SegmentLog> {
  try {
    return await SegmentLog.open({
      directory: dataPaths(config.data).log,
      report: (message) => shell.stderr.line(`  note: ${message}`),
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.includes('is in use by process')) throw error;
    throw faultError(
      message.replace(/: two writers[\s\S]*/, ''),
      'a Weir runs there: name its address with --url http://…',
    );
  }
}

/** The command that reads the same file as history. */
function backtestOf({ name }: FileSource, { as, year, timeZone }: IngestOptions): string {
  const format = as === undefined ? '' : ` --as ${as}`;
  const times = `${year === undefined ? '' : ` --year ${year}`}${timeZone === undefined ? '' : ` --time-zone ${timeZone}`}`;
  return `weir backtest rules --from ${name === 'stdin' ? 'FILE' : name}${format}${times}`;
}

/** Where most lines were no events: a file of another form, or of a format that was not named with --as. */
function noteForm(first: FirstRejected, rejected: number, all: number, source: FileSource, { stderr }: Shell): void {
  if (source.format !== 'json' || rejected <= all - rejected) return;
  const hint = first.hint({ path: source.given, pipe: '-' }, rejected === all);
  if (hint !== null) stderr.line(`  ${stderr.paint.yellow('hint')}: ${hint}`);
}

/** Straight into the log, where the next `weir run` finds the records as if they had just come. */
async function store(
  source: FileSource,
  partition: string,
  url: string,
  config: Config,
  options: IngestOptions,
  shell: Shell,
): Promise<ExitCode> {
  const started_ms = shell.now_ms();
  const log = await openLog(config, shell);
  shell.stderr.line(`  no Weir answers at ${url}: the events go into its log, the next \`weir run\` judges them`);
  const progress = new Progress(shell.stderr, `storing ${source.name}`, source.size, 'lines');
  let stored = 0;
  let unreadable = 0;
  const first = new FirstRejected();
  try {
    for await (const batch of batches(source, config, progress)) {
      const received_at = shell.now_ms();
      await log.append(
        batch.map(({ number, bytes, length }): LogEntry => {
          const cut = length === undefined ? {} : { length };
          return { kind: 'record', record: { partition, position: number, received_at, bytes, ...cut } };
        }),
      );
      stored += batch.length;
      unreadable += batch.filter((line) => line.is_unreadable).length;
      for (const { is_unreadable, bytes } of batch) {
        // What the next start will say of it: no object, of whatever kind.
        if (is_unreadable) first.keep({ reason: 'not_json', message: '', bytes });
      }
    }
  } finally {
    progress.done();
    await log.close();
  }
  if (chosenFormat(options.format, shell) === 'json') {
    shell.stdout.json({ lines: source.lines, skipped: skippedLines(source), stored, unreadable });
  } else {
    const took = formatDuration(shell.now_ms() - started_ms);
    const events = plural(stored - unreadable, 'event');
    shell.stdout.line(`stored ${events} of ${plural(source.lines, 'line')} in ${took}`);
    if (unreadable > 0) {
      const lines = plural(unreadable, 'record');
      shell.stderr.line(
        `  ${lines} cannot be read as ${source.format}: stored too, and rejected by the next \`weir run\``,
      );
    }
    reportLines(source, shell);
  }
  noteForm(first, unreadable, stored, source, shell);
  return unreadable > 0 ? exitCodes.findings : exitCodes.ok;
}

function report(
  totals: Totals,
  source: FileSource,
  options: IngestOptions,
  shell: Shell,
  took_ms: number,
  url: string,
): void {
  if (chosenFormat(options.format, shell) === 'json') {
    shell.stdout.json(totals);
    return;
  }
  const { accepted, duplicate, late, rejected } = totals;
  const counts = { accepted, duplicate, late, rejected };
  const figures = Object.entries(counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  shell.stdout.line(
    `sent ${plural(totals.read, 'event')} to ${url} in ${formatDuration(took_ms)} · ${figures.join(' · ')}`,
  );
  reportLines(source, shell);
}

/** Why there are not as many events as lines. */
function reportLines(source: FileSource, shell: Shell): void {
  const text = lineFigures(source);
  if (text !== '') shell.stderr.line(`  ${text}`);
}

function skippedLines(source: FileSource): number {
  return [...source.skipped.values()].reduce((sum, count) => sum + count, 0);
}
