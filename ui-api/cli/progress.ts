import cliProgress, { type SingleBar } from 'cli-progress';
import type { Output, Work } from './output.ts';
import { formatCount } from './units.ts';

/** Work shorter than this shows no bar. */
const quiet_ms = 2000;
/** A bar is drawn at most this often. */
const redraw_ms = 100;

/**
 * A progress bar on stderr, for a person who waits: only on a terminal, and only once the work has taken two seconds.
 * `done` removes it; what was done is said by the command's summary.
 */
export class Progress {
  readonly #output: Output;
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #now_ms: () => number;
  readonly #started_ms: number;
  #drawn_ms = 0;
  #bar: SingleBar | null = null;
  readonly #work: Work;

  /** `total` in the unit of `update`'s value; `unit` names what `counted` counts: 'lines', 'events', 'tests'. */
  constructor(output: Output, label: string, total: number, unit: string, now_ms: () => number = performanceNow) {
    this.#output = output;
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#now_ms = now_ms;
    this.#started_ms = now_ms();
    this.#work = { label, unit, counted: 0, judged_ms: null };
    output.work = this.#work;
  }

  /** `value` of `total` is done (bytes, say); `counted` is what the person reads beside the bar. Cheap: call it often. */
  update(value: number, counted: number): void {
    this.#work.counted = counted;
    if (!this.#output.is_terminal) return;
    const now_ms = this.#now_ms();
    if (now_ms - this.#started_ms < quiet_ms || now_ms - this.#drawn_ms < redraw_ms) return;
    this.#drawn_ms = now_ms;
    const payload = { counted: formatCount(counted) };
    if (this.#bar === null) {
      this.#bar = new cliProgress.SingleBar(
        {
          stream: this.#output.stream,
          format: `  ${this.#label}  {bar}  {percentage} %  {counted} ${this.#unit}  {duration} s`,
          barsize: 20,
          // Neither the cursor nor the wrap is switched off: Ctrl-C would leave the terminal so.
          hideCursor: false,
          linewrap: true,
          clearOnComplete: true,
          noTTYOutput: false,
          // Drawn by update() itself: a timer of the bar would keep a finished process alive.
          synchronousUpdate: true,
          stopOnComplete: false,
        },
        cliProgress.Presets.shades_classic,
      );
      this.#bar.start(this.#total, value, payload);
    } else {
      this.#bar.update(value, payload);
    }
  }

  done(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

function performanceNow(): number {
  return performance.now();
}
