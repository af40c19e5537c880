import { addBacktestCommand } from './backtest.ts';
import { addCheckCommand } from './check.ts';
import { addColumnsCommand } from './columns.ts';
import { type AddCommand, Command, type Finish, type Shell } from './command.ts';
import { addExplainCommand } from './explain.ts';
import { addFmtCommand } from './fmt.ts';
import { addFunctionsCommand } from './functions.ts';
import { addIngestCommand } from './ingest.ts';
import { addOtherWords } from './other-words.ts';
import { addReproduceCommand } from './reproduce.ts';
import { addRunCommand } from './run.ts';
import { addScoreCommand } from './score.ts';
import { addSimulateCommand } from './simulate.ts';
import { addSqlCommand } from './sql.ts';
import { addSweepCommand } from './sweep.ts';
import { addTestCommand } from './test.ts';
import { addTokenCommand } from './token.ts';
import { version } from './version.ts';
import { addWhyCommand } from './why.ts';

/** Every command of `weir`, in the order of its help: the way of a rule, then the way of events. */
const commands: readonly AddCommand[] = [
  addCheckCommand,
  addFmtCommand,
  addTestCommand,
  addBacktestCommand,
  addWhyCommand,
  addRunCommand,
  addIngestCommand,
  addColumnsCommand,
  addReproduceCommand,
  addSqlCommand,
  addSimulateCommand,
  addScoreCommand,
  addSweepCommand,
  addTokenCommand,
  addExplainCommand,
  addFunctionsCommand,
];

/** The command line as commander sees it; `finish` receives the exit code of the command that ran. */
export function buildProgram(shell: Shell, finish: Finish): Command {
  const program = new Command('weir')
    .description('SQL detection rules over live and past event streams: a rule that backtests is the rule that runs.')
    .version(version, '-V, --version', 'the version of Weir')
    .helpOption('-h, --help', 'help for a command')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => shell.stderr.write(text),
      outputError: (text, write) => write(text),
      getOutHasColors: () => shell.stdout.paint.enabled,
      getErrHasColors: () => shell.stderr.paint.enabled,
      getOutHelpWidth: () => shell.stdout.width,
      getErrHelpWidth: () => shell.stderr.width,
    });
  for (const add of commands) add(program, shell, finish);
  addOtherWords(program);
  // Last: a command that has no examples of its own would take it over.
  return program.showHelpAfterError('  all commands: weir --help');
}
