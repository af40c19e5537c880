import { closeSync, constants, fstatSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Shell } from './command.ts';
import { faultError, unwritable } from './exit.ts';

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;

/** A file that an option names, written from its beginning while a command runs. */
export class OutputFile {
  /** As it was given. */
  readonly path: string;
  readonly #flag: string;
  readonly #file: number;
  #bytes = 0;

  /**
   * Begins the file anew.
   * @param flag the option that names it
   * @throws CliError when it cannot be written
   */
  constructor(path: string, flag: string, { folder }: Pick<Shell, 'folder'>) {
    this.path = path;
    this.#flag = flag;
    try {
      // At its end, wherever that is by now: what another process writes into it shows in its size (close).
      this.#file = openSync(resolve(folder, path), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
    } catch (error) {
      throw unwritable(path, flag, error);
    }
  }

  /** @throws CliError when it takes no more */
  write(text: string): void {
    try {
      writeFileSync(this.#file, text);
    } catch (error) {
      throw unwritable(this.path, this.#flag, error);
    }
    this.#bytes += Buffer.byteLength(text);
  }

  /** @throws CliError when another process wrote into it, or emptied it: it holds something of both */
  close(): void {
    const stats = fstatSync(this.#file);
    closeSync(this.#file);
    if (!stats.isFile() || stats.size === this.#bytes) return;
    throw faultError(
      `${this.#flag} ${this.path} is not whole: another process wrote into it meanwhile (${stats.size} bytes, ${this.#bytes} of them written here)`,
      `give each command that runs a file of its own for ${this.#flag}, and run it again`,
    );
  }
}
