import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type Scenario, Simulation, scenarios } from '../../connectors/index.ts';
import { type Config, readConfig } from '../config.ts';
import { closestName } from '../suggest.ts';
import { parseTime } from './backtest-input.ts';
import { type AddCommand, InvalidArgumentError, Option, type Shell, wholeNumber, withExamples } from './command.ts';
import { type ExitCode, exitCodes, faultError, usageError } from './exit.ts';
import { Interrupt } from './interrupt.ts';
import { Progress } from './progress.ts';
import { renderTable } from './table.ts';
import { formatCount, formatDuration, plural } from './units.ts';
import { type FoundWeir, findWeir, readToken, unansweredText, WeirClient } from './weir-client.ts';

interface SimulateOptions {
  readonly list?: boolean;
  readonly seed: number;
  readonly to: string;
  readonly speed: number;
  readonly rate: number;
  readonly start?: number;
  readonly truth?: string;
  readonly owners?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly data?: string;
}

/** Events of background in an hour, as a mean over the week. */
export const usual_rate = 1800;
const chunk_bytes = 256 * 1024;
/** So long after Ctrl-C what was sent may still be answered. */
const last_send_ms = 1000;
/** Due events wait at most this long for others to share a request with. */
const request_ms = 250;
const most_request_lines = 1000;

export const addSimulateCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('simulate')
    .description('make seeded traffic with attacks in it, and say for each event which attack it belongs to')
    .argument('[name]', 'a scenario, or `all` for all of them in one stream')
    .option('--list', 'list the scenarios')
    .addOption(new Option('--seed <number>', 'same seed, same bytes').argParser(wholeNumber(0)).default(1))
    .option('--to <target>', 'a file, - for stdout, or `http` for a running Weir', '-')
    .addOption(
      new Option('--speed <factor>', 'with --to http: 1x is real time, 10x ten times as fast, or max')
        .argParser(parseSpeed)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .addOption(
      new Option('--rate <events>', 'background events in an hour, mean over the week')
        .argParser(wholeNumber(1))
        .default(usual_rate),
    )
    .addOption(new Option('--start <time>', 'time of the beginning (default: chosen by the seed)').argParser(parseTime))
    .option('--truth <file>', 'where the ground truth goes (default with a file: FILE.truth.ndjson)')
    .option('--owners <file>', 'where the rows of the lookup `owners` go (default with a file: FILE.owners.csv)')
    .option(
      '--url <url>',
      'address of the running Weir, trusted with the token (default: where the Weir of --data listens)',
    )
    .option('--token-file <file>', 'file with the token (default: token in the data folder)')
    .addOption(new Option('--data <folder>', 'data folder of the Weir (default: ./var)'));
  command.addHelpText(
    'after',
    '\nTo a running Weir, times end now (--speed max) or begin now (1x), so that none\n' +
      'lies ahead of its clock. One that has already read newer events counts older\n' +
      'ones as late: use a fresh data folder for more than 1x.',
  );
  withExamples(command, [
    ['weir simulate --list', 'what there is'],
    ['weir simulate password-spray --seed 7 --to spray.ndjson', 'and spray.ndjson.truth.ndjson beside it'],
    ['weir simulate quiet-week | weir backtest rules --from -', 'what a quiet week gives'],
    ['weir simulate all --to http --speed 10x', 'into a running Weir'],
  ]);
  command.action(async (name: string | undefined, options: SimulateOptions) => {
    finish(await simulate(name, options, shell));
  });
};

function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text);
  const factor = match === null ? 0 : Number(match[1]);
  if (factor < 1) throw new InvalidArgumentError('It must be 1x, 10x, ... or max.');
  return factor;
}

/** One scenario by its name, or all. @throws CliError for an unknown name. */
export function chosenScenarios(name: string): readonly Scenario[] {
  if (name === 'all') return scenarios;
  const found = scenarios.filter((scenario) => scenario.name === name);
  if (found.length > 0) return found;
  const names = scenarios.map((scenario) => scenario.name);
  const closest = closestName(name, names);
  const meant = closest === null ? '' : `did you mean ${closest}? `;
  // A list of all of them would hide the one that was meant.
  const all = closest === null ? `there are: ${names.join(', ')}, all` : '`weir simulate --list` says what there is';
  throw usageError(`there is no scenario ${name}`, `${meant}${all}`);
}

async function simulate(name: string | undefined, options: SimulateOptions, shell: Shell): Promise<ExitCode> {
  if (options.list === true) {
    const rows = scenarios.map((scenario) => [scenario.name, scenario.summary]);
    const { paint, table_width: width } = shell.stdout;
    const columns = [{ title: 'scenario' }, { title: 'what happens' }];
    shell.stdout.line(renderTable({ columns, rows, paint, width }));
    return exitCodes.ok;
  }
  if (name === undefined) throw usageError('which scenario?', '`weir simulate --list` says what there is');
  const chosen = chosenScenarios(name);
  const toHttp = options.to === 'http';
  const shape = { scenarios: chosen, seed: options.seed, events_per_hour: options.rate };
  const asked = options.start === undefined ? {} : { start_ms: options.start };
  let simulation = new Simulation({ ...shape, ...asked });
  if (toHttp && options.start === undefined) {
    const span_ms = simulation.end_ms - simulation.start_ms;
    // Nothing may lie ahead of the clock when it is sent, and with 1x it is sent as it happens.
    simulation = new Simulation({ ...shape, start_ms: Math.floor(shell.now_ms() - span_ms * (1 - 1 / options.speed)) });
  }
  const interrupt = new Interrupt(shell);
  const target = toHttp ? await openHttp(options, simulation, interrupt, shell) : openOutput(options.to, shell);
  const isFile = !toHttp && options.to !== '-';
  const truth = options.truth ?? (isFile ? `${options.to}.truth.ndjson` : undefined);
  const owners = options.owners ?? (isFile ? `${options.to}.owners.csv` : undefined);
  if (owners !== undefined) {
    const file = new ChunkFile(owners, shell);
    file.write(simulation.ownersCsv());
    file.close();
  }
  return play(
    simulation,
    target,
    truth === undefined ? null : new ChunkFile(truth, shell),
    `${name}, seed ${options.seed}`,
    interrupt,
    shell,
  );
}

/** Somewhere events go, one line each. */
interface Target {
  readonly name: string;
  write(line: string, time_ms: number): Promise<void> | undefined;
  /** What is to be said at the end beside the count, or ''. */
  close(): Promise<string>;
  readonly gone: boolean;
  /** Called while the target waits until an event is due. */
  on_wait?: () => void;
  /** Called before a sentence about the target is written where the progress is shown. */
  on_outage?: () => void;
}

async function play(
  simulation: Simulation,
  target: Target,
  truth: ChunkFile | null,
  label: string,
  interrupt: Interrupt,
  shell: Shell,
): Promise<ExitCode> {
  const started_ms = shell.now_ms();
  const { start_ms, end_ms } = simulation;
  const progress = new Progress(shell.stderr, label, end_ms - start_ms, 'events');
  const attacks = new Set<string>();
  let events = 0;
  let attack_events = 0;
  let said = '';
  let reached_ms = start_ms;
  const show = () => progress.update(reached_ms - start_ms, events);
  target.on_wait = show;
  target.on_outage = () => progress.done();
  try {
    for (const { time_ms, event, truth: fact } of simulation) {
      if (interrupt.asked) break;
      const written = target.write(`${JSON.stringify(event)}\n`, time_ms);
      if (written !== undefined) await written;
      if (interrupt.asked) break;
      reached_ms = time_ms;
      truth?.write(`${JSON.stringify(fact)}\n`);
      events++;
      if (fact.attack !== null) {
        attack_events++;
        attacks.add(fact.attack);
      }
      if (events % 256 === 0) show();
      // A file takes events without a pause, and a signal is heard in one.
      if (events % 4096 === 0) await turn();
      if (target.gone) break;
    }
    said = await target.close();
  } finally {
    truth?.close();
    progress.done();
    interrupt.done();
  }
  if (interrupt.asked) shell.stderr.line();
  const took = formatDuration(shell.now_ms() - started_ms);
  const parts = `${formatCount(attack_events)} of them of ${plural(attacks.size, 'attack')}`;
  const whole = formatDuration(end_ms - start_ms);
  const isCut = interrupt.asked || target.gone;
  const span = isCut ? `stopped after ${formatDuration(reached_ms - start_ms)} of ${whole}` : `${whole} of time`;
  shell.stderr.line(`  ${label}: ${plural(events, 'event')}, ${parts}, ${span}, in ${took} → ${target.name}${said}`);
  return interrupt.asked ? exitCodes.interrupted : exitCodes.ok;
}

/** A file written in large pieces. */
class ChunkFile {
  readonly #file: number;
  #text = '';

  constructor(path: string, { folder }: Shell) {
    try {
      this.#file = openSync(resolve(folder, path), 'w');
    } catch (error) {
      throw usageError(
        `${path} cannot be written: ${(error as Error).message}`,
        'name a file in a folder that is there',
      );
    }
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= chunk_bytes) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#text = '';
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }
}

function openOutput(to: string, shell: Shell): Target {
  if (to !== '-') {
    const file = new ChunkFile(to, shell);
    return {
      name: to,
      gone: false,
      write: (line) => {
        file.write(line);
        return undefined;
      },
      close: async () => {
        file.close();
        return '';
      },
    };
  }
  const { stdout } = shell;
  let text = '';
  const flush = (): Promise<void> | undefined => {
    const hasRoom = stdout.write(text);
    text = '';
    return hasRoom ? undefined : stdout.drained();
  };
  return {
    name: 'stdout',
    get gone() {
      return stdout.closed;
    },
    write: (line) => {
      text += line;
      return text.length >= chunk_bytes ? flush() : undefined;
    },
    close: async () => {
      await flush();
      await stdout.flushed();
      return '';
    },
  };
}

async function openHttp(
  options: SimulateOptions,
  { start_ms, end_ms }: Simulation,
  interrupt: Interrupt,
  shell: Shell,
): Promise<Target> {
  const config = readConfig({ flags: { data: options.data }, environment: shell.environment, folder: shell.folder });
  const token = (): string => readToken(config, options.tokenFile);
  const found = await findWeir(config, options.url, token, shell);
  mustBeMeant(found, config, options);
  const { url } = found;
  if (Number.isFinite(options.speed)) {
    const takes = formatDuration((end_ms - start_ms) / options.speed);
    shell.stderr.line(`  sending to ${url} for ${takes}; Ctrl-C ends it and says how far it came`);
  }
  const ending = endingAfter(interrupt);
  const client = new WeirClient(url, token(), ending, (why) => {
    target.on_outage?.();
    shell.stderr.line(unansweredText(url, why));
  });
  const most = Math.min(most_request_lines, config.request_lines, config.queue_events);
  const begun_ms = shell.now_ms();
  const totals = { accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  let unanswered = 0;
  let lines: Uint8Array[] = [];
  let sent_ms = begun_ms;
  const target: Target = {
    name: url,
    gone: false,
    write: (line, time_ms) => write(line, time_ms),
    close: () => close(),
  };
  const send = async (): Promise<void> => {
    const batch = lines;
    lines = [];
    if (batch.length === 0) return;
    const answers = await client.send('simulator', batch).catch((error: unknown) => {
      if (!ending.aborted) throw error;
      unanswered += batch.length;
      return [];
    });
    for (const { status } of answers) totals[status]++;
    sent_ms = shell.now_ms();
  };
  const write = async (line: string, time_ms: number): Promise<void> => {
    const due_ms = begun_ms + (time_ms - start_ms) / options.speed;
    for (let left_ms = due_ms - shell.now_ms(); left_ms > 0; left_ms = due_ms - shell.now_ms()) {
      await send();
      target.on_wait?.();
      await interrupt.wait(Math.min(left_ms, 1000));
      // This one is not due yet.
      if (interrupt.asked) return;
    }
    lines.push(Buffer.from(line.trimEnd()));
    if (lines.length >= most || shell.now_ms() - sent_ms >= request_ms) await send();
  };
  const close = async (): Promise<string> => {
    await send();
    return sentText(unanswered === 0 ? totals : { ...totals, unanswered });
  };
  return target;
}

/** @throws CliError where no Weir answers, or one that does not know the token */
function mustBeMeant({ url, who }: FoundWeir, config: Config, options: SimulateOptions): void {
  if (who === 'nobody') {
    throw faultError(
      `no Weir of ${config.data} runs: nothing answers at ${url}, and no address stands in that folder`,
      'start `weir run`, or name the data folder of one that runs with --data, or its address with --url',
    );
  }
  if (who === 'another') {
    throw usageError(
      `what answers at ${url} does not know the token of ${options.tokenFile ?? config.data}: nothing was sent`,
      'name the data folder of the Weir that you mean with --data, or an address that you trust with --url',
    );
  }
}

/** Aborted a second after the end was asked for: what is on its way arrives, and is counted, unless nobody answers. */
function endingAfter({ signal }: Interrupt): AbortSignal {
  const ending = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => ending.abort(), last_send_ms).unref());
  return ending.signal;
}

function sentText(counts: Readonly<Record<string, number>>): string {
  const hint =
    counts.late === 0
      ? ''
      : '\n  hint: late means that this Weir has read newer events: give the simulation one with a fresh data folder';
  const figures = Object.entries(counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  return ` · ${figures.join(' · ')}${hint}`;
}
