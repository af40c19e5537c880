import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DeadLetterFile } from '../../connectors/index.ts';
import type { DeadLetter } from '../../engine/index.ts';
import type { ShownLetter } from './backtest-report.ts';
import { unwritable } from './exit.ts';
import { FirstRejected } from './wrong-form.ts';

const shown_letters = 3;

/** The rejected records of a backtest: the first ones for its summary, all of them for the file of --dead-letters. */
export class BacktestLetters {
  readonly shown: ShownLetter[] = [];
  /** For the form of a file of which nothing was accepted. */
  readonly first = new FirstRejected();
  readonly #file: DeadLetterFile | null;
  #waiting: DeadLetter[] = [];

  readonly #turn: () => Promise<void>;

  private constructor(file: DeadLetterFile | null, turn: () => Promise<void>) {
    this.#file = file;
    this.#turn = turn;
  }

  /**
   * The file, where one is asked for, begins anew.
   * @param turn what else is to be done whenever a backtest flushes what it has
   * @throws CliError when it cannot be written.
   */
  static async open(path: string | undefined, folder: string, turn: () => Promise<void>): Promise<BacktestLetters> {
    if (path === undefined) return new BacktestLetters(null, turn);
    const full = resolve(folder, path);
    try {
      writeFileSync(full, '', { mode: 0o600 });
    } catch (error) {
      throw unwritable(path, '--dead-letters', error);
    }
    return new BacktestLetters(await DeadLetterFile.open({ path: full, file_bytes: Number.POSITIVE_INFINITY }), turn);
  }

  keep(letter: DeadLetter): void {
    if (this.#file !== null) this.#waiting.push(letter);
    if (this.shown.length >= shown_letters) return;
    this.first.keep(letter);
    const { partition, position, reason, message, bytes } = letter;
    const text = new TextDecoder().decode(bytes.subarray(0, 100));
    this.shown.push({ place: `${partition.replace(/^file:/, '')}:${position}`, reason, message, text });
  }

  /** Whether flush() has something to write: asked for each entry, where an await for nothing would cost more. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** Writes what was kept since; must be called now and then, for it waits in memory. */
  async flush(): Promise<void> {
    await this.#turn();
    if (!this.waits) return;
    const letters = this.#waiting;
    this.#waiting = [];
    await this.#file?.write(letters);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file?.close();
  }
}
