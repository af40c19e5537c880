import type { ReplayProgress } from '../live/recovery.ts';
import type { Shell } from './command.ts';
import { Progress } from './progress.ts';
import { formatCount, plural } from './units.ts';

/** Ctrl-C while the log was read; the message says how far it came. */
export class StoppedStart extends Error {}

/** What a person sees of a start that reads the log again: a bar on a terminal, elsewhere one line before it begins. */
export class RunStart {
  readonly #shell: Shell;
  #bar: Progress | null = null;
  #entries = 0;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Whether the log is being read. */
  get is_reading(): boolean {
    return this.#bar !== null;
  }

  /** @param is_stopped Ctrl-C: @throws StoppedStart, which ends the start */
  reading({ kind, reason, entries, read, of }: ReplayProgress, is_stopped: boolean): void {
    const { stderr } = this.#shell;
    if (this.#bar === null) {
      const label = kind === 'rebuilt' ? 'rebuilding state from the log' : 'reading the log behind the checkpoint';
      this.#bar = new Progress(stderr, label, of, 'entries');
      if (kind === 'rebuilt' && !stderr.is_terminal) {
        const what = plural(entries, 'entry', 'entries');
        stderr.line(`  rebuilding state from ${what} of the log: ${reason ?? ''}`);
      }
    }
    // The log is read twice, for its verdicts and for its records: what a person counts is the second time.
    this.#entries = Math.max(0, read - (of - entries));
    this.#bar.update(read, this.#entries);
    if (!is_stopped) return;
    this.done();
    throw new StoppedStart(
      `stopped before it ran, at ${formatCount(this.#entries)} of ${plural(entries, 'entry', 'entries')} of the log; ` +
        'nothing is lost, and the next start reads it again',
    );
  }

  done(): void {
    this.#bar?.done();
    this.#bar = null;
  }
}
