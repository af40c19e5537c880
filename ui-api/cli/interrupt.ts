import type { Shell } from './command.ts';

/** Signals closer than this are one: a terminal sends one to the whole group, and weir.mjs passes it on as well. */
const same_signal_ms = 500;

/**
 * Ctrl-C of a command that says at its end what it did: the first one asks it to come to its end, a later one ends the
 * process at once.
 */
export class Interrupt {
  readonly #now_ms: () => number;
  readonly #listener = (): void => this.#ask();
  #asked_ms: number | null = null;
  #wake: () => void = () => undefined;

  constructor(shell: Pick<Shell, 'now_ms'>) {
    this.#now_ms = shell.now_ms;
    process.on('SIGINT', this.#listener);
    process.on('SIGTERM', this.#listener);
  }

  get asked(): boolean {
    return this.#asked_ms !== null;
  }

  /** Resolves after so many milliseconds, or when the end is asked for. */
  wait(ms: number): Promise<void> {
    if (this.asked) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** From here on a signal ends the process as ever. */
  done(): void {
    process.off('SIGINT', this.#listener);
    process.off('SIGTERM', this.#listener);
  }

  #ask(): void {
    if (this.#asked_ms !== null) {
      if (this.#now_ms() - this.#asked_ms > same_signal_ms) process.exit(130);
      return;
    }
    this.#asked_ms = this.#now_ms();
    this.#wake();
  }
}
