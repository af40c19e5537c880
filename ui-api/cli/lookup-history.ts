import type { LogCursor } from '../../connectors/index.ts';
import type { LogEntry, LookupContent, Program } from '../../engine/index.ts';
import type { BacktestRun } from './backtest-run.ts';
import type { Shell } from './command.ts';
import { CliError, exitCodes } from './exit.ts';
import { type LoadedProgram, showDiagnostics } from './rules.ts';
import { plural } from './units.ts';

/** Rows of today's files for an input that has no history of them; those that the log recorded; today's for the log. */
export type LookupMode = 'files' | 'recorded' | 'latest';

/**
 * Which rows the lookups of a backtest have (S13). A file has no history of them: what their files hold now acts from
 * the beginning. The log recorded what they held when: that is replayed, so that the backtest says what the live engine
 * said; `latest` uses today's files for all of it, which is hindsight.
 */
export class BacktestLookups {
  readonly #contents: readonly LookupContent[];
  readonly #mode: LookupMode;
  readonly #names: readonly string[];
  readonly #recorded = new Set<string>();

  constructor(program: Program, contents: readonly LookupContent[], mode: LookupMode) {
    this.#contents = contents;
    this.#mode = mode;
    this.#names = (program.lookups ?? []).map(({ name }) => name);
  }

  /** Before the first record. */
  begin(run: Pick<BacktestRun, 'activate'>): void {
    if (this.#mode === 'recorded') return;
    for (const { name, version, bytes } of this.#contents) {
      run.activate({ name, from_ms: Number.NEGATIVE_INFINITY, version, bytes });
    }
  }

  /** An activation of the log. */
  recorded(run: Pick<BacktestRun, 'activate'>, activation: Extract<LogEntry, { kind: 'lookup' }>): void {
    this.#recorded.add(activation.name);
    if (this.#mode === 'recorded') run.activate(activation);
  }

  /** Of lookups of which the log has rows, as far as it was read. */
  recordedNames(): string[] {
    return [...this.#recorded];
  }

  /** Others have read these in the log. */
  wereRecorded(names: readonly string[]): void {
    for (const name of names) this.#recorded.add(name);
  }

  /** What the reader of the results has to know, one sentence each. */
  notes(): string[] {
    if (this.#names.length === 0) return [];
    if (this.#mode === 'latest') {
      return [`hindsight: today’s rows of ${this.#names.join(', ')} were used for all of the history`];
    }
    if (this.#mode === 'files') return [];
    const unknown = this.#names.filter((name) => !this.#recorded.has(name));
    if (unknown.length === 0) return [];
    const them = unknown.length === 1 ? 'it' : 'them';
    return [
      `the log has no rows of ${unknown.join(', ')}: nothing is in ${them} and nothing is not in ${them}; ` +
        'today’s rows: --lookups latest (hindsight)',
    ];
  }
}

/**
 * For each lookup whose file cannot be used, one sentence that says so: the log holds every version whole, with the stream
 * time from which it acts, so that a history needs no file (S13).
 * @throws CliError (findings) where the history has no rows of such a lookup either
 */
export async function recordedInstead(
  { lookups, loaded }: Pick<LoadedProgram, 'lookups' | 'loaded'>,
  read: () => AsyncIterable<LogCursor>,
  shell: Shell,
): Promise<string[]> {
  const { unread } = lookups;
  if (unread.size === 0) return [];
  const versions = await recordedVersions({ lookups, loaded }, read, shell);
  return [...unread].map(([name, { message }]) => {
    const count = plural(versions.get(name)?.size ?? 0, 'version');
    return `${message}: the rows of ${name} are those that the log recorded (${count}), as live`;
  });
}

/**
 * The same of a start of `weir run`: a file that is broken does not keep it from running with the rows that it had.
 * @throws CliError (findings) where the log has none
 */
export async function recordedLast(
  loaded: Pick<LoadedProgram, 'lookups' | 'loaded'>,
  read: () => AsyncIterable<LogCursor>,
  shell: Shell,
): Promise<string[]> {
  const { unread } = loaded.lookups;
  if (unread.size === 0) return [];
  await recordedVersions(loaded, read, shell);
  return [...unread].map(([name, { message }]) => {
    return `${message}: ${name} keeps the rows that the log recorded last; a file that is mended acts from then on`;
  });
}

/** By name the versions that the history has of each lookup whose file cannot be used. @throws CliError where it has none */
async function recordedVersions(
  { lookups, loaded }: Pick<LoadedProgram, 'lookups' | 'loaded'>,
  read: () => AsyncIterable<LogCursor>,
  shell: Shell,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { unread } = lookups;
  const versions = new Map([...unread.keys()].map((name) => [name, new Set<string>()]));
  for await (const cursor of read()) {
    while (cursor.next()) {
      const entry = cursor.isLookup ? cursor.lent() : null;
      if (entry?.kind === 'lookup') versions.get(entry.name)?.add(entry.version);
    }
  }
  const unknown = [...unread].filter(([name]) => versions.get(name)?.size === 0);
  if (unknown.length > 0) {
    const problems = unknown.map(([, problem]) => problem);
    showDiagnostics(problems, loaded, shell.stderr, lookups.files);
    throw new CliError(
      exitCodes.findings,
      `${plural(problems.length, 'error')} in the lookups, nothing was run`,
      `the log recorded no rows of ${unknown.map(([name]) => name).join(', ')} either: mend the file, then \`weir run\` ` +
        'records its rows, and --lookups latest takes them for what is past (hindsight)',
    );
  }
  return versions;
}
