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
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOSPC':
      return 'the disk is full: make room and start again; nothing that was acknowledged is lost';
    case 'EACCES':
    case 'EPERM':
      return 'the file, folder or port may not be used by this user: check its owner and mode';
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
      return isBug(error) ? 'this is a fault of Weir: WEIR_DEBUG=1 shows where, please report it' : null;
  }
}

/** The kinds of error that the language throws by itself: nobody wrote their message for a person. */
function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
