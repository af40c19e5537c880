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
  readonly #ending = new AbortController();
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

  /** Aborted when the end is asked for. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** What the work gives; null: the end was asked for before it gave anything. What becomes of it then is not told. */
  async orEnd<T>(work: Promise<T>): Promise<T | null> {
    const { signal } = this;
    let stop = (): void => undefined;
    const asked = new Promise<null>((resolve) => {
      stop = () => resolve(null);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
    });
    try {
      // First in the list: work that the signal itself breaks off has been asked to end, and has not failed.
      return await Promise.race([asked, work]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
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
    this.#ending.abort();
    this.#wake();
  }
}
