/**
 * Ends the process with what is wrong and the usage on stderr and exit code 2, as `weir` does; asked for by --help, the
 * usage is the answer. `text` is what parseArgs or the caller found wrong; null: nothing.
 */
export function showUsage(usage: string, wrong: string | null): never {
  if (wrong === null) process.stdout.write(`${usage}\n`);
  else process.stderr.write(`error: ${wrong}\n\n${usage}\n`);
  process.exit(wrong === null ? 0 : 2);
}

/** What parseArgs gives; an option that is not there is wrong use. */
export function parsedOr<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    return showUsage(usage, (error as Error).message.split('. ')[0] as string);
  }
}
