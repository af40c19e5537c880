import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { addBacktestCommand } from '../../../ui-api/cli/backtest.ts';
import { addCheckCommand } from '../../../ui-api/cli/check.ts';
import { type AddCommand, help_columns, type Shell } from '../../../ui-api/cli/command.ts';
import { addExplainCommand } from '../../../ui-api/cli/explain.ts';
import { addFunctionsCommand } from '../../../ui-api/cli/functions.ts';
import { Output } from '../../../ui-api/cli/output.ts';
import { buildProgram } from '../../../ui-api/cli/program.ts';
import { addRunCommand } from '../../../ui-api/cli/run.ts';
import { addTestCommand } from '../../../ui-api/cli/test.ts';
import { runCli } from './run-cli.ts';

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

test('--help says the format that is written in a pipe, and backtest what its exit codes are', async () => {
  const helpOf = async (add: AddCommand, name: string) =>
    (await runCli(add, '.', name, '--help')).stdout.replaceAll(/\s+/g, ' ');
  for (const [add, name] of [
    [addCheckCommand, 'check'],
    [addTestCommand, 'test'],
    [addExplainCommand, 'explain'],
    [addFunctionsCommand, 'functions'],
  ] as const) {
    assert.match(await helpOf(add, name), /how results are written \(default: table\)/, name);
  }
  const { stdout } = await runCli(addFunctionsCommand, '.', 'functions', 'split_part');
  assert.match(stdout, /^split_part\(/, 'in a pipe, too');
  const backtest = await helpOf(addBacktestCommand, 'backtest');
  assert.match(backtest, /\(default: table on a terminal, ndjson in a pipe\)/);
  assert.match(backtest, /Exit code 0: it ran, whatever it detected or rejected; 1: a rule does not compile; 2: /);
  assert.match(await helpOf(addRunCommand, 'run'), /\(default: table on a terminal, ndjson in a pipe\)/);
});
