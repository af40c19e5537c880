import { existsSync } from 'node:fs';
import { basename, dirname, normalize } from 'node:path';
import { cursorsOf } from '../../connectors/index.ts';
import type { DetectionRecord } from '../api/service.ts';
import type { Composed } from '../compose.ts';
import { type Config, dataPaths, isLoopback, ranges, readConfig, settings } from '../config.ts';
import type { Weir } from '../live/weir.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  help_columns,
  type Shell,
  wholeNumber,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes, faultError } from './exit.ts';
import { openLogHistory } from './history-source.ts';
import { recordedLast } from './lookup-history.ts';
import { type LoadedProgram, loadProgram, lookupFiles } from './rules.ts';
import { beginDemo } from './run-demo.ts';
import { newRuleText, pastText, RunScreen, recoveryText } from './run-screen.ts';
import { RunStart, StoppedStart } from './run-start.ts';
import { dataFlag, shown, weirHere, word } from './typed-here.ts';
import { plural, type TimeZone } from './units.ts';
import { version } from './version.ts';

interface RunOptions {
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly allowRemote?: boolean;
  readonly checkpointSeconds?: number;
  readonly workers?: number;
  readonly demo?: boolean;
  readonly demoRate: number;
  readonly demoSeed: number;
  readonly utc?: boolean;
  readonly format?: Format;
}

/** Stopping may take this long; what is not done by then is done by the next start. */
const stop_within_ms = 4500;
/** Signals closer than this are one. */
const same_signal_ms = 500;

export const addRunCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('run')
    .description('run rules on live events: takes events over HTTP, prints and keeps detections')
    .argument('[paths...]', 'rule files and folders (default: rules)')
    .option('--data <folder>', 'folder of the log and all state (default: ./var)')
    .option('--port <number>', 'port of the API, 0 takes a free one (default: 7474)', wholeNumber(...ranges.port))
    .option('--host <address>', 'address the API listens on (default: 127.0.0.1)')
    .option('--allow-remote', 'listen on an address that other machines reach')
    .option(
      '--checkpoint-seconds <number>',
      'time between checkpoints (default: 30)',
      wholeNumber(...ranges.checkpoint_seconds),
    )
    .option(
      '--workers <number>',
      'threads that judge the rules, divided among them (default: 1)',
      wholeNumber(...ranges.workers),
    )
    .option('--demo', 'play simulated traffic with attacks in it, until the end')
    .option('--demo-rate <events>', 'its events in a second, once it is in full swing', wholeNumber(1), 10)
    .option('--demo-seed <number>', 'same seed, same people', wholeNumber(0), 1)
    .option('--utc', 'show times in UTC')
    .addOption(formatOption(['table', 'ndjson'], 'ndjson'));
  withExamples(command, [
    ['weir run', 'run the rules in ./rules'],
    ['weir run rules/auth --port 8080', 'run one pack, API on another port'],
    ['weir run | jq .title', 'detections as NDJSON in a pipe'],
  ]);
  const lines = settings.flatMap(({ environment, summary }) => besideName(environment, summary));
  command.addHelpText(
    'after',
    `\nEnvironment (also as keys of weir.json, without WEIR_ and in small letters):\n${lines.join('\n')}\n`,
  );
  command.action(async (paths: string[], options: RunOptions) => finish(await run(paths, options, shell)));
};

/** Two before it, and at least one behind the longest of them, WEIR_STORE_READER_PASSWORD. */
const name_columns = 29;

/** A setting and what it is, broken into lines that a terminal of 80 columns has. */
function besideName(name: string, summary: string): string[] {
  const lines: string[] = [];
  for (const word of summary.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || name_columns + last.length + 1 + word.length > help_columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line, i) => `${(i === 0 ? `  ${name}` : '').padEnd(name_columns)}${line}`);
}

async function run(paths: readonly string[], options: RunOptions, shell: Shell): Promise<ExitCode> {
  const config = readConfig({
    flags: {
      data: options.data,
      host: options.host,
      port: options.port,
      allow_remote: options.allowRemote,
      checkpoint_seconds: options.checkpointSeconds,
      workers: options.workers,
      rules: paths.length > 0 ? [...paths] : undefined,
    },
    environment: shell.environment,
    folder: shell.folder,
  });
  const loaded = loadProgram(config.rules, shell, 'recorded');
  const isThere = existsSync(dataPaths(config.data).log);
  const history = isThere ? openLogHistory(config).read : () => cursorsOf(nothing());
  const kept = await recordedLast(loaded, history, shell);
  // Here, so that no other command pays for loading the server.
  const { compose } = await import('../compose.ts');
  // What the start itself finds waits until the first lines are on the screen.
  const listener = {
    show: (record: DetectionRecord): void => void early.push(record),
    note: (message: string, word = 'note'): void => {
      shell.stderr.line(`  ${word}: ${message}`);
    },
  };
  const early: DetectionRecord[] = [];
  const start = new RunStart(shell);
  // Before the log is read, and before the first line: whoever reads that may ask for the end at once.
  const stopping = stopOnSignals(shell, () => start.is_reading);
  const composed = await compose({
    config,
    program: loaded.program,
    rules: { folder: shell.folder, paths: config.rules, plan: loaded.plan, loaded: loaded.loaded },
    ...(loaded.plan.lookups === undefined ? {} : { lookups: lookupFiles(loaded.plan, shell) }),
    version,
    clock: { now_ms: () => shell.now_ms(), monotonic_ms: () => performance.now() },
    report: (message) => listener.note(message),
    warn: (message) => listener.note(message, 'warning'),
    with_store: true,
    deployed: (rule) => listener.note(newRuleText(rule, zoneOf(options), 'was deployed and runs now')),
    removed: (rule) => listener.note(`${rule} was removed and runs no more; what it told stays as it is`),
    with_rule_tests: true,
    detected: (record) => listener.show(record),
    replaying: (far) => start.reading(far, stopping.asked()),
  }).catch((error) => {
    start.done();
    // They stand in the file: the next start does not tell them again.
    const rules = loaded.program.operators.map(({ name }) => name);
    const screen = new RunScreen(shell, chosenFormat(options.format, shell, 'ndjson'), zoneOf(options), rules);
    for (const record of early) screen.detection(record);
    if (!(error instanceof StoppedStart)) throw error;
    shell.stderr.line(error.message);
    return null;
  });
  start.done();
  if (composed === null) return exitCodes.interrupted;
  const screen = beginScreen(composed, config, loaded, options, shell);
  listener.show = (record) => screen.detection(record);
  listener.note = (message, word) => screen.note(message, word);
  for (const sentence of kept) screen.note(sentence, 'warning');
  for (const record of early) screen.detection(record);
  return follow(composed, screen, stopping, { ...options, config }, shell);
}

async function* nothing(): AsyncGenerator<never> {}

function zoneOf({ utc }: RunOptions): TimeZone {
  return utc === true ? 'utc' : 'local';
}

function beginScreen(
  { weir, recovery }: Composed,
  config: Config,
  loaded: LoadedProgram,
  options: RunOptions,
  shell: Shell,
): RunScreen {
  greet(weir, config, loaded, shell);
  shell.stderr.line(`  ${recoveryText(recovery, weir.status())}`);
  const past = pastText(weir.status(), backtestCommand(config, shell));
  if (past !== null) shell.stderr.line(`  ${past}`);
  for (const rule of recovery.new_rules) shell.stderr.line(`  ${newRuleText(rule, zoneOf(options))}`);
  const format = chosenFormat(options.format, shell, 'ndjson');
  return new RunScreen(shell, format, zoneOf(options), weir.status().rules);
}

/** The command that finds what these rules find in what this Weir received, as it is typed in this folder. */
function backtestCommand(config: Config, shell: Shell): string {
  const paths = config.rules.map(word).join(' ');
  return `${weirHere(shell)} backtest${paths === 'rules' ? '' : ` ${paths}`} --from log${dataFlag(config, shell)}`;
}

async function follow(
  { weir }: Composed,
  screen: RunScreen,
  stopping: Stopping,
  options: RunOptions & { readonly config: Config },
  shell: Shell,
): Promise<ExitCode> {
  const demo = options.demo === true ? beginDemo(weir, screen, options, shell) : null;
  screen.follow(weir);
  try {
    await Promise.race([stopping.requested, weir.finished]);
  } catch {
    // The loop broke; stopping says why.
  }
  screen.stop();
  demo?.stop();
  try {
    return await stopWithin(weir, shell);
  } finally {
    stopping.done();
  }
}

function greet(weir: Weir, config: Config, loaded: LoadedProgram, shell: Shell): void {
  const { stderr } = shell;
  const { paint } = stderr;
  const paths = dataPaths(config.data);
  const rules = weir.status().rules.length;
  const packs = packNames(loaded.loaded, config.rules).join(', ');
  const from = `${plural(rules, 'rule')} from ${config.rules.join(', ')}${packs === '' ? '' : ` (${packs})`}`;
  stderr.line(
    `${paint.bold(`weir ${version}`)} · ${from} · log in ${shown(paths.log, shell)} · ${paint.cyan(weir.url)}`,
  );
  if (!isLoopback(config.host)) {
    stderr.line(`  ${paint.yellow('warning')}: other machines reach this address, and the API speaks plain HTTP`);
  }
  const token = config.token === null ? `$(cat ${word(shown(paths.token, shell))})` : '$WEIR_TOKEN';
  const threads = workersText(weir.status().workers, config.workers);
  if (threads !== null) stderr.line(`  ${threads}`);
  stderr.line(
    `  send an event   curl -s ${weir.url}/v1/events -H "authorization: Bearer ${token}" --data-binary @event.json`,
  );
  const rule = loaded.loaded.rules.find((file) => file.path.endsWith('.rule.sql'))?.path ?? config.rules[0];
  stderr.line(`  write a rule    edit ${rule}, then: ${weirHere(shell)} test ${word(dirname(rule))}`);
  stderr.line('                  a restart loads it (at once: PUT /v1/rules/NAME)');
}

/** What is said of the threads that judge, where more than one was asked for. */
function workersText(threads: number, asked: number): string | null {
  if (asked === 1) return null;
  if (threads === asked) return `${threads} threads judge the rules, one of which takes the events in`;
  const used = `${threads === 1 ? 'one thread judges' : `${threads} threads judge`} the rules, of ${asked} that were asked for (workers)`;
  return `note: ${used}: rules that share windows, a view, a join or RISK stay together, and so do tables, and rules with EMIT EARLY`;
}

/** Folders of rules below what was asked for; a pack needs no pack.yaml. */
function packNames({ rules, packs }: LoadedProgram['loaded'], paths: readonly string[]): string[] {
  const roots = paths.map((path) => normalize(path).replace(/[/\\]+$/, ''));
  const asked = rules.filter(({ path, role }) => role === 'asked' && path.endsWith('.rule.sql'));
  const folders = asked.map(({ path }) => dirname(normalize(path))).filter((folder) => !roots.includes(folder));
  return [...new Set([...packs.map(({ name }) => name), ...folders.map((folder) => basename(folder))])].sort();
}

interface Stopping {
  readonly requested: Promise<void>;
  asked(): boolean;
  done(): void;
}

/**
 * The first Ctrl-C asks for an orderly end, the second one ends the process at once.
 * @param is_starting whether it still reads the log
 */
function stopOnSignals(shell: Shell, is_starting: () => boolean): Stopping {
  let request = (): void => undefined;
  const requested = new Promise<void>((resolve) => {
    request = resolve;
  });
  let asked_ms: number | null = null;
  let isDone = false;
  const onSignal = (): void => {
    // It stays: without it a signal on the last steps would end an orderly end as a kill.
    if (isDone) return;
    // A signal to the whole group comes twice where weir.mjs passes it on: only a later one is a second wish.
    if (asked_ms !== null) {
      if (shell.now_ms() - asked_ms > same_signal_ms) process.exit(130);
      return;
    }
    asked_ms = shell.now_ms();
    shell.stderr.line();
    const what = is_starting() ? 'the log is being closed' : 'what was received is being finished';
    shell.stderr.line(`stopping: ${what} (Ctrl-C again ends at once, nothing is lost)`);
    request();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const done = (): void => {
    isDone = true;
  };
  return { requested, asked: () => asked_ms !== null, done };
}

async function stopWithin(weir: Weir, shell: Shell): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), stop_within_ms);
  });
  try {
    const ended = await Promise.race([weir.stop(), late]);
    if (ended === 'late') {
      shell.stderr.line('stopped without a checkpoint: the next start reads more of the log, nothing is lost');
      await shell.stdout.flushed();
      process.exit(exitCodes.ok);
    }
  } catch (error) {
    throw faultError(
      `Weir had to stop: ${error instanceof Error ? error.message : String(error)}`,
      'what was acknowledged is in the log; see weir.log in the data folder, mend the cause and start again',
    );
  } finally {
    clearTimeout(timer);
  }
  const { counters, detections } = weir.status();
  shell.stderr.line(
    `stopped: ${plural(detections.published, 'detection')} in this run, ${plural(counters.read, 'event')} in all; the next start continues here`,
  );
  return exitCodes.ok;
}
