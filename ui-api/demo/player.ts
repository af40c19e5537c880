/** One event of the demo and when it happens. */
interface Timed {
  readonly time_ms: number;
  readonly event: object;
}

export interface DemoPlayerOptions {
  /** In time order, from `from_ms` of a play on. */
  readonly traffic: (from_ms: number) => Iterable<Timed>;
  /** Sends events, through the door that everybody uses; resolves when they were taken. */
  readonly send: (lines: readonly Uint8Array[]) => Promise<unknown>;
  readonly now_ms: () => number;
  /** Told the first time that events are passed over because the machine is too slow for them. */
  readonly passed_over: () => void;
  /** Told once when nothing more is played. */
  readonly failed: (why: string) => void;
}

/** Due events wait so long for others to share a request with. */
const step_ms = 250;
/** Lines of one request. */
const most_lines = 2000;
/**
 * Further behind than that (a slow disk, a busy machine) events would come late, for a silent partition steps aside and W
 * follows the clock at IDLE + LATENESS (10 s): what was missed is passed over.
 */
const most_behind_ms = 7_000;
/** Further behind than that the machine slept: another play begins. */
const slept_ms = 600_000;

/** Plays events at their own times, from those that are past already until it is stopped. */
export class DemoPlayer {
  readonly #options: DemoPlayerOptions;
  #stopped = false;
  #has_told = false;
  #wake: () => void = () => undefined;

  constructor(options: DemoPlayerOptions) {
    this.#options = options;
  }

  /** Resolves after stop(), or when sending failed for good. */
  async play(from_ms: number): Promise<void> {
    const { traffic, now_ms, failed } = this.#options;
    let start_ms = from_ms;
    try {
      while (!this.#stopped) {
        await this.#follow(traffic(start_ms), start_ms === from_ms);
        start_ms = now_ms();
      }
    } catch (error) {
      if (!this.#stopped) failed(error instanceof Error ? error.message : String(error));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Until it is stopped or the machine slept; what is past when the play begins is its history, and no delay. */
  async #follow(events: Iterable<Timed>, has_history: boolean): Promise<void> {
    const { now_ms, send } = this.#options;
    const began_ms = now_ms();
    const iterator = events[Symbol.iterator]();
    for (let next = iterator.next(); !this.#stopped && next.done !== true; ) {
      const reached_ms = now_ms();
      const isHistory = has_history && next.value.time_ms < began_ms;
      if (!isHistory && reached_ms - next.value.time_ms > slept_ms) return;
      if (!isHistory && reached_ms - next.value.time_ms > most_behind_ms) {
        if (!this.#has_told) this.#options.passed_over();
        this.#has_told = true;
        while (next.done !== true && next.value.time_ms < reached_ms) next = iterator.next();
        if (next.done === true) return;
      }
      const lines: Uint8Array[] = [];
      while (next.done !== true && next.value.time_ms <= reached_ms && lines.length < most_lines) {
        lines.push(Buffer.from(JSON.stringify(next.value.event)));
        next = iterator.next();
      }
      if (lines.length > 0) await send(lines);
      if (lines.length < most_lines && !this.#stopped) await this.#wait(step_ms);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
