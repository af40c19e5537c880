import { CommanderError } from 'commander';
import type { Shell } from './command.ts';
import { CliError, type ExitCode, exitCodes } from './exit.ts';

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.code;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return exitCodes.fault;
}

/** Says on stderr what went wrong and what to do. A stack trace only with WEIR_DEBUG=1. */
export function reportError(error: unknown, shell: Shell): void {
  const { stderr } = shell;
  // commander has printed its own messages (help, version, wrong options) already.
  if (error instanceof CommanderError) return;
  stderr.line(`${stderr.paint.red('error')}: ${error instanceof Error ? error.message : String(error)}`);
  const hint = hintFor(error);
  if (hint !== null) stderr.line(`  hint: ${hint}`);
  if (shell.environment.WEIR_DEBUG === '1' && error instanceof Error) stderr.line(error.stack ?? '');
}

function hintFor(error: unknown): string | null {
  if (error instanceof CliError) return error.hint;
  return (
    systemHint(error) ?? (isBug(error) ? 'this is a fault of Weir: WEIR_DEBUG=1 shows where, please report it' : null)
  );
}

/** What to do about an error of the system; null: nothing is known of it. */
export function systemHint(error: unknown): string | null {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full: make room where it writes (files that were named, the data folder, TMPDIR), and run it again';
    case 'EROFS':
      return 'nothing may be written there: name another folder (the data folder: --data, WEIR_DATA), or have the disk mounted for writing';
    case 'EACCES':
    case 'EPERM':
      return 'the file, folder or port may not be used by this user: check its owner and mode, or name another (--data, --port)';
    case 'EADDRINUSE':
      return 'another process listens there: stop it, or choose another port (--port, WEIR_PORT)';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address: check --host (WEIR_HOST)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'nobody knows a host of that name: check --host (WEIR_HOST), or the address that was given';
    case 'ENOTDIR':
      return 'a part of that path is a file: name a folder';
    case 'ENOENT':
      return 'check the path; relative paths start from the folder the command runs in';
    case 'EMFILE':
      return 'too many open files: raise the limit with `ulimit -n`';
    default:
      return null;
  }
}

/** The kinds of error that the language throws by itself: nobody wrote their message for a person. */
function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
