import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { help_columns, type Shell } from '../../../ui-api/cli/command.ts';
import { Output } from '../../../ui-api/cli/output.ts';
import { buildProgram } from '../../../ui-api/cli/program.ts';

test('--help of every command fits a terminal of 80 columns', () => {
  const output = new Output(Object.assign(new PassThrough(), { isTTY: false }), {});
  const shell: Shell = {
    ...{ stdout: output, stderr: output, stdin: new PassThrough(), environment: {}, folder: '.' },
    now_ms: () => 0,
  };
  let text = '';
  const program = buildProgram(shell, () => undefined);
  const seen: string[] = [];
  const look = (command: typeof program): void => {
    text = '';
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => help_columns });
    command.outputHelp();
    seen.push(command.name());
    assert.match(text, /^Usage: /);
    const wide = text.split('\n').filter((line) => line.length > help_columns);
    assert.deepEqual(wide, [], command.name());
    for (const one of command.commands) look(one as typeof program);
  };
  look(program);
  for (const name of ['weir', 'run', 'sql', 'backtest', 'sweep', 'revoke']) assert.ok(seen.includes(name), name);
});
