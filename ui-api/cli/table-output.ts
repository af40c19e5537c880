import { type Program, type TableRow, toTableRecord } from '../../engine/index.ts';
import type { Shell } from './command.ts';
import { KeyCount } from './key-count.ts';
import { OutputFile } from './output-file.ts';
import { plural } from './units.ts';

/** What one CREATE TABLE gave in a backtest. Times are epoch milliseconds. */
export interface TableTally {
  rows: number;
  readonly keys: KeyCount;
  /** Start of its first window and end of its last. */
  first: number | null;
  last: number | null;
}

/**
 * The rows of tables: counted for the summary and, with `--tables FILE`, written as NDJSON, as `weir run` writes them to
 * aggregates.ndjson.
 */
export class TableOutput {
  readonly #program: Program;
  readonly #file: OutputFile | null;
  /** By name, those without a row with zeros. */
  readonly tallies: ReadonlyMap<string, TableTally>;

  /** @throws CliError when the file cannot be written. */
  constructor(program: Program, path: string | null, shell: Shell) {
    this.#program = program;
    this.#file = path === null ? null : new OutputFile(path, '--tables', shell);
    const names = new Set(program.operators.flatMap(({ table }) => (table === undefined ? [] : [table])));
    this.tallies = new Map(
      [...names].map((name) => [name, { rows: 0, keys: new KeyCount(), first: null, last: null }]),
    );
  }

  write(row: TableRow): void {
    this.#file?.write(`${JSON.stringify(toTableRecord(this.#program, row))}\n`);
    const tally = this.tallies.get(row.table);
    if (tally === undefined) return;
    tally.rows++;
    tally.keys.add(JSON.stringify([row.tenant, row.key]));
    tally.first = Math.min(tally.first ?? row.window.start, row.window.start);
    tally.last = Math.max(tally.last ?? row.window.end, row.window.end);
  }

  /** Ends the file; what there is to say of it, or null. @throws CliError when the file is not whole */
  finish(): string | null {
    if (this.#file === null) return null;
    this.#file.close();
    if (this.tallies.size === 0) return 'these rules have no CREATE TABLE';
    const rows = [...this.tallies.values()].reduce((sum, tally) => sum + tally.rows, 0);
    return `${plural(rows, 'row')} of tables in ${this.#file.path}`;
  }
}
