import { PassThrough } from 'node:stream';
import { type AddCommand, Command, type Shell } from '../../../ui-api/cli/command.ts';
import { Output } from '../../../ui-api/cli/output.ts';
import { exitCodeOf, reportError } from '../../../ui-api/cli/report-error.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of `weir` in this process, as main.ts would, with its output kept. No terminal, no colour. */
export async function runCli(add: AddCommand, folder: string, ...args: string[]): Promise<CliResult> {
  const streams = [new PassThrough(), new PassThrough()];
  const texts = ['', ''];
  streams.forEach((stream, i) => {
    stream.on('data', (chunk) => {
      texts[i] += String(chunk);
    });
  });
  const [stdout, stderr] = streams.map((stream) => new Output(Object.assign(stream, { isTTY: false }), {}));
  const shell: Shell = { stdout, stderr, stdin: new PassThrough(), environment: {}, folder, now_ms: () => 0 };
  let code = 0;
  const program = new Command('weir').exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
  });
  add(program, shell, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(['node', 'weir', ...args]);
  } catch (error) {
    code = exitCodeOf(error);
    reportError(error, shell);
  }
  await stdout.flushed();
  await stderr.flushed();
  return { code, stdout: texts[0], stderr: texts[1] };
}
