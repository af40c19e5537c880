import type { OperatorSpec, WindowSpec } from '../program.ts';

/** HOT. The first millisecond that some window still reaches from a time on: rows before it can go (S14). */
export class Horizon {
  readonly #sliding_ms: number;
  readonly #tumbling: readonly number[];
  #from = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(operators: readonly OperatorSpec[]) {
    const windows = operators.map((operator) => operator.window as WindowSpec);
    const sizes = (kind: WindowSpec['kind']) => windows.filter((w) => w.kind === kind).map((w) => w.size_ms);
    this.#sliding_ms = Math.max(Number.NEGATIVE_INFINITY, ...sizes('sliding'));
    this.#tumbling = [...new Set(sizes('tumbling'))];
  }

  /** `time` must not fall from call to call. */
  from(time: number): number {
    // A window's end moves only at its multiples: between them the earliest open start stays what it was.
    if (time >= this.#until) {
      const starts = this.#tumbling.map((size) => Math.floor(time / size) * size);
      this.#from = Math.min(Number.POSITIVE_INFINITY, ...starts);
      this.#until = Math.min(Number.POSITIVE_INFINITY, ...starts.map((start, i) => start + this.#tumbling[i]));
    }
    return Math.min(this.#from, time - this.#sliding_ms);
  }
}
