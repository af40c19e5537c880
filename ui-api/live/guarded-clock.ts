import type { Clock } from '../../engine/index.ts';

/** A jump that stays for so long is what the time is: a machine that slept, or a clock that was put right. */
const believed_after_ms = 30_000;

/**
 * The clock of a running Weir (law 6: clocks lie). One reading that is a year ahead would go into the log as a tick or a
 * received_at, W would be a year ahead for ever, and everything after it late. So a reading that is more than
 * `max_ahead_ms` beyond the last one plus the time that has really passed is refused until it has stayed for 30 s;
 * meanwhile the time is the last one plus what has passed. Without a monotonic reading nothing can be refused.
 */
export class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #max_ahead_ms: number;
  readonly #report: (message: string) => void;
  #last_ms: number | null = null;
  #last_monotonic_ms = 0;
  /** The monotonic time at which the jump that is being refused was first seen. */
  #jumped_at_ms: number | null = null;

  constructor(clock: Clock, max_ahead_ms: number, report: (message: string) => void) {
    this.#clock = clock;
    this.#max_ahead_ms = max_ahead_ms;
    this.#report = report;
  }

  now_ms(): number {
    const read_ms = this.#clock.now_ms();
    const monotonic_ms = this.#clock.monotonic_ms?.();
    if (monotonic_ms === undefined) return read_ms;
    const expected_ms = (this.#last_ms ?? read_ms) + Math.floor(monotonic_ms - this.#last_monotonic_ms);
    const isJump = this.#last_ms !== null && read_ms > expected_ms + this.#max_ahead_ms;
    if (isJump) {
      if (this.#jumped_at_ms === null) {
        this.#jumped_at_ms = monotonic_ms;
        this.#tell(read_ms, expected_ms, 'it is not believed unless it stays there for 30 s');
      }
      if (monotonic_ms - this.#jumped_at_ms < believed_after_ms) return expected_ms;
      this.#tell(read_ms, expected_ms, 'it stayed there and is believed from now on');
    }
    this.#jumped_at_ms = null;
    this.#last_ms = read_ms;
    this.#last_monotonic_ms = monotonic_ms;
    return read_ms;
  }

  #tell(read_ms: number, expected_ms: number, what: string): void {
    const seconds = Math.round((read_ms - expected_ms) / 1000);
    this.#report(`the machine's clock jumped ${seconds} s ahead, to ${iso(read_ms)}: ${what}`);
  }
}

function iso(time_ms: number): string {
  return Math.abs(time_ms) <= 8.64e15 ? new Date(time_ms).toISOString() : `${time_ms}`;
}
