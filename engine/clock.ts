/** The only way to the time of day. The engine never asks: whoever drives it passes `now_ms` in. */
export interface Clock {
  now_ms(): number;
  /** Milliseconds since any moment, which nobody can set; where there is one, jumps of now_ms can be told. */
  monotonic_ms?(): number;
}

/** A clock that stands still until it is moved: tests and rule tests. */
export class ManualClock implements Clock {
  #now_ms: number;

  constructor(start_ms: number) {
    this.#now_ms = start_ms;
  }

  now_ms(): number {
    return this.#now_ms;
  }

  advance(by_ms: number): void {
    this.#now_ms += by_ms;
  }
}
