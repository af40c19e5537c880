import type { LookupContent } from '../../engine/index.ts';
import type { NextRules } from './next-engine.ts';

/** Contents of lookups that wait for the next turn, and who waits for them. */
interface Activation {
  readonly contents: readonly LookupContent[];
  readonly resolve: (from_ms: number) => void;
  readonly reject: (error: Error) => void;
}

/** Something to be done between two turns. */
interface Pause {
  readonly work: () => Promise<NextRules | null>;
  readonly resolve: (taken: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** What others ask of the driver's loop and what it does between two turns, each in the order in which it was asked. */
export class BetweenTurns {
  readonly #wake: () => void;
  #activations: Activation[] = [];
  #pauses: Pause[] = [];

  /** `wake` is called when there is something to do. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Resolves with the stream time from which the contents act. */
  activate(contents: readonly LookupContent[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#activations.push({ contents, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves when the work is done, with whether it gave other rules. */
  pause(work: () => Promise<NextRules | null>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#pauses.push({ work, resolve, reject });
      this.#wake();
    });
  }

  /** Takes what waits, one after the other, also what is asked for meanwhile. */
  *activations(): Generator<Activation> {
    for (let next = this.#activations.shift(); next !== undefined; next = this.#activations.shift()) yield next;
  }

  *pauses(): Generator<Pause> {
    for (let next = this.#pauses.shift(); next !== undefined; next = this.#pauses.shift()) yield next;
  }

  /** The loop has ended: who still waits hears why. */
  refuse(error: Error): void {
    for (const { reject } of [...this.#activations.splice(0), ...this.#pauses.splice(0)]) reject(error);
  }
}
