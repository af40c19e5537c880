import type { Command } from './command.ts';

/** What other tools call a command of Weir. */
const words: Readonly<Record<string, readonly string[]>> = {
  check: ['lint', 'validate', 'verify', 'compile'],
  fmt: ['format'],
  backtest: ['replay'],
  run: ['start', 'serve', 'server'],
  ingest: ['send', 'import', 'load'],
  explain: ['plan', 'describe'],
  functions: ['docs', 'reference'],
  sql: ['query'],
  simulate: ['generate'],
};

/** Commands that are none and say which one is meant; help does not show them. */
export function addOtherWords(program: Command): void {
  for (const [name, others] of Object.entries(words)) {
    for (const other of others) {
      program
        .command(other, { hidden: true })
        .argument('[arguments...]')
        .allowUnknownOption()
        .helpOption(false)
        .action(() => {
          const message = `error: unknown command '${other}'\n(Did you mean ${name}?)`;
          program.error(message, { code: 'commander.unknownCommand' });
        });
    }
  }
}
