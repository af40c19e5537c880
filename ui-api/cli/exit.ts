/** What a command's exit tells a script. */
export const exitCodes = {
  ok: 0,
  /** Errors in rules, tests that fail or are not there, records that are refused; not what a backtest detects. */
  findings: 1,
  /** Wrong use: an unknown option, a missing file, a setting that cannot be. */
  usage: 2,
  /** A fault of Weir or of the machine: a full disk, a damaged log, a bug. */
  fault: 3,
  /** Ctrl-C; what was done until then has been said. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that a person reads: what and where in `message`, what to do in `hint`. Never shown with a stack trace. */
export class CliError extends Error {
  readonly code: ExitCode;
  readonly hint: string | null;

  constructor(code: ExitCode, message: string, hint: string | null = null) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.hint = hint;
  }
}

/** Wrong use: exit code 2. */
export function usageError(message: string, hint: string | null = null): CliError {
  return new CliError(exitCodes.usage, message, hint);
}

/**
 * A file that was asked for and cannot be written: exit code 2; 3 where its disk is full.
 * @param path as it was given
 * @param flag the option that names it
 */
export function unwritable(path: string, flag: string, error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const hint = `the disk is full: make room, or give ${flag} a file on another one, and run it again`;
    return faultError(`${flag} ${path} is not whole: ${reason}`, hint);
  }
  const where = ['EROFS', 'EACCES', 'EPERM'].includes(code) ? 'that may be written to' : 'that is there';
  return usageError(`${flag} ${path} cannot be written: ${reason}`, `give ${flag} a file in a folder ${where}`);
}

/** The machine or Weir could not do it: exit code 3. */
export function faultError(message: string, hint: string | null = null): CliError {
  return new CliError(exitCodes.fault, message, hint);
}
