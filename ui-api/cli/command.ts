import { Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Output } from './output.ts';

/**
 * What a command gets from the process it runs in, so that a test can run it without one.
 * A command writes data to `stdout` and talk to `stderr`, returns its exit code, and throws CliError (exit.ts) for
 * what a person did wrong or the machine could not do.
 */
export interface Shell {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder that relative paths start from. */
  readonly folder: string;
  now_ms(): number;
}

/** A command file exports one of these; cli/program.ts lists them all. */
export type AddCommand = (program: Command, shell: Shell, finish: Finish) => void;

/** How a command's action hands over its exit code. */
export type Finish = (code: ExitCode) => void;

export type Format = 'table' | 'json' | 'ndjson' | 'junit';

/** `--format`: without it a table on a terminal, `piped` in a pipe: what the command gives to chosenFormat(), too. */
export function formatOption(
  formats: readonly Format[] = ['table', 'json', 'ndjson'],
  piped: Format = 'table',
): Option {
  const standard = piped === 'table' ? 'table' : `table on a terminal, ${piped} in a pipe`;
  return new Option('--format <format>', `how results are written (default: ${standard})`).choices([...formats]);
}

/** The format to write: what was asked for, else a table on a terminal and `piped` elsewhere. */
export function chosenFormat(asked: Format | undefined, shell: Shell, piped: Format = 'table'): Format {
  return asked ?? (shell.stdout.is_terminal ? 'table' : piped);
}

/** What stands below --help is no wider than this; commander breaks the rest itself. */
export const help_columns = 80;

/**
 * Examples below a command's --help: what each does beside it, or below it where that is too wide. The first one is also
 * shown where the command is used in a wrong way.
 */
export function withExamples(command: Command, examples: readonly (readonly [line: string, what: string])[]): Command {
  const widest = Math.max(...examples.map(([line]) => line.length));
  const beside = examples.map(([line, what]) => `  ${line.padEnd(widest)}   ${what}`);
  const isWide = beside.some((line) => line.length > help_columns);
  const lines = isWide ? examples.map(([line, what]) => `  ${line}\n      ${what}`) : beside;
  const [[first]] = examples as [readonly [string, string]];
  command.showHelpAfterError(`  for example: ${first}\n  all of it: weir ${fullName(command)} --help`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n`);
}

/** `backtest`, `token create`: as it is typed behind `weir`. */
function fullName(command: Command): string {
  const { parent } = command;
  return parent?.parent == null ? command.name() : `${fullName(parent)} ${command.name()}`;
}

/** Parses a whole number from `least` to `most` given to an option; without `most` it may be as large as a number can. */
export function wholeNumber(least: number, most: number | null = null): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isWhole = /^\d+$/.test(text) && Number.isSafeInteger(value);
    if (isWhole && value >= least && (most === null || value <= most)) return value;
    const range = most === null ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

const most_threads = 256;

/** Parses what is given to `--threads`. */
export function threadCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count <= most_threads) return wholeNumber(1, most_threads)(text);
  throw new InvalidArgumentError(
    `It must be at most ${most_threads}: each thread takes memory of its own, and more than one for each processor make ` +
      'nothing faster.',
  );
}

export { Command, InvalidArgumentError, Option };
