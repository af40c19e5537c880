import { closeSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Program, type TableRow, toTableRecord } from '../../engine/index.ts';
import type { Shell } from './command.ts';
import { openFile } from './detection-output.ts';
import { plural } from './units.ts';

/** `--tables FILE`: the rows of tables as NDJSON, as `weir run` writes them to aggregates.ndjson. */
export class TableOutput {
  readonly #program: Program;
  readonly #path: string;
  readonly #file: number;
  #rows = 0;

  /** @throws CliError when the file cannot be written. */
  constructor(program: Program, path: string, shell: Shell) {
    this.#program = program;
    this.#path = path;
    this.#file = openFile(resolve(shell.folder, path));
  }

  write(row: TableRow): void {
    writeSync(this.#file, `${JSON.stringify(toTableRecord(this.#program, row))}\n`);
    this.#rows++;
  }

  /** Ends the file; what there is to say of it. */
  finish(): string {
    closeSync(this.#file);
    const isTable = this.#program.operators.some(({ table }) => table !== undefined);
    return isTable ? `${plural(this.#rows, 'row')} of tables in ${this.#path}` : 'these rules have no CREATE TABLE';
  }
}
