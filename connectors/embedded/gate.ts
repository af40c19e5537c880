import { RefusedStatement } from './statement.ts';

/** At most so many at once, in the order in which they came; those beyond a queue are refused at once. */
export class Gate {
  readonly #most: number;
  readonly #waiting_most: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];

  constructor(most: number, waiting_most: number) {
    this.#most = most;
    this.#waiting_most = waiting_most;
  }

  /** Resolves when it is one's turn; leave() must follow. */
  async enter(): Promise<void> {
    if (this.#running < this.#most) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#waiting_most) {
      throw new RefusedStatement(`${this.#most + this.#waiting_most} statements are running or waiting already`, 202);
    }
    // Whoever leaves hands its place over, so the number of those running stays as it is.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else if (--this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when none runs. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
