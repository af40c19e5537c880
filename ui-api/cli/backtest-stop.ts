import type { Shell } from './command.ts';
import { exitCodes } from './exit.ts';
import { formatCount, formatTime, type TimeZone } from './units.ts';

/** So long the process may be busy before a signal ends it as ever: what answers it would keep it waiting. */
const busy_ms = 500;
/** So often it is asked whether a signal has come. */
const turn_ms = 100;

/**
 * Ctrl-C of a backtest: it ends at once, says how far it came and which files are not whole. A signal is heard when the
 * process has a turn for it: between batches. Sorting millions of events has none: there a signal ends the process without a
 * word, which is better than late.
 */
export class BacktestStop {
  readonly #shell: Shell;
  readonly #files: readonly string[];
  readonly #zone: TimeZone;
  readonly #listener = (): void => this.#stop();
  #isDone = false;
  #waits = false;
  #turned_ms = performance.now();

  /** @param files that it writes, as they were given */
  constructor(shell: Shell, files: readonly string[], zone: TimeZone) {
    this.#shell = shell;
    this.#files = files;
    this.#zone = zone;
    process.on('SIGINT', this.#listener);
    shell.stderr.on_busy = () => this.busy();
  }

  /** Gives a signal its turn, where there was none for a while. Cheap: call it often. */
  async turn(): Promise<void> {
    if (this.#isDone || performance.now() - this.#turned_ms < turn_ms) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turned();
  }

  /** Told while the process works and gives no turn. Cheap: call it often. */
  busy(): void {
    if (this.#isDone) return;
    if (!this.#waits) {
      this.#waits = true;
      setImmediate(() => {
        this.#waits = false;
        this.#turned();
      });
    }
    if (performance.now() - this.#turned_ms > busy_ms) process.off('SIGINT', this.#listener);
  }

  /** From here on a signal ends the process as ever. */
  done(): void {
    this.#isDone = true;
    this.#shell.stderr.on_busy = null;
    process.off('SIGINT', this.#listener);
  }

  #turned(): void {
    this.#turned_ms = performance.now();
    if (!this.#isDone && !process.listeners('SIGINT').includes(this.#listener)) process.on('SIGINT', this.#listener);
  }

  #stop(): void {
    const { stderr } = this.#shell;
    stderr.line();
    stderr.line(this.#text());
    process.exit(exitCodes.interrupted);
  }

  #text(): string {
    const { work } = this.#shell.stderr;
    const files = this.#files.join(', ');
    const whole = files === '' ? '' : `; ${files} ${this.#files.length === 1 ? 'is' : 'are'} not whole`;
    if (work === null) return `stopped before anything was read${whole}`;
    if (work.judged_ms !== null)
      return `stopped: events judged up to ${formatTime(work.judged_ms, this.#zone)}${whole}`;
    return `stopped: ${work.label}, ${formatCount(work.counted)} ${work.unit} so far; no event was judged${whole}`;
  }
}
