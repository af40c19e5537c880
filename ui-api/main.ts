import type { Shell } from './cli/command.ts';
import { type ExitCode, exitCodes } from './cli/exit.ts';
import { Output } from './cli/output.ts';
import { buildProgram } from './cli/program.ts';
import { exitCodeOf, reportError } from './cli/report-error.ts';

/** The process: its arguments, streams and exit code. Everything else is behind the Shell. */
const shell: Shell = {
  stdout: new Output(process.stdout, process.env),
  stderr: new Output(process.stderr, process.env),
  stdin: process.stdin,
  environment: process.env,
  folder: process.cwd(),
  now_ms: () => Date.now(),
};

process.exitCode = await main(process.argv);

async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = buildProgram(shell, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    code = exitCodeOf(error);
    reportError(error, shell);
  }
  await shell.stdout.flushed();
  await shell.stderr.flushed();
  if (shell.stdout.failure !== null) {
    reportError(shell.stdout.failure, shell);
    return exitCodes.fault;
  }
  return code;
}
