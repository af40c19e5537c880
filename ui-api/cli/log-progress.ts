import type { Output } from './output.ts';
import { Progress } from './progress.ts';

/**
 * How far a backtest has read the log: its verdicts first (`of` is not known then), then its records, for columns where it
 * has to make some, and those behind them.
 */
export interface Step {
  readonly step: 'history' | 'columns' | 'events';
  readonly read: number;
  readonly of: number | null;
}

const every_ms = 500;

/**
 * Gives the batches on, and says every half second, and at the end, how many entries there were.
 * @param before entries that need not be read
 */
export async function* withProgress<Batch extends { readonly count: number }>(
  batches: AsyncIterable<Batch>,
  step: Step['step'],
  of: number | null,
  say: (step: Step) => void,
  before = 0,
  now_ms: () => number = () => performance.now(),
): AsyncGenerator<Batch> {
  let read = before;
  let said_ms = now_ms();
  for await (const batch of batches) {
    yield batch;
    read += batch.count;
    if (now_ms() - said_ms < every_ms) continue;
    said_ms = now_ms();
    say({ step, read, of });
  }
  say({ step, read, of });
}

const labels: Readonly<Record<Step['step'], string>> = {
  history: 'reading the verdicts of the log',
  columns: 'making columns of the log',
  events: 'reading the log',
};

/** Tells a person at a terminal the steps of one reading, or whoever started the process, as NDJSON. */
export class LogProgress {
  readonly #stderr: Output;
  readonly #asJson: boolean;
  #bar: Progress | null = null;
  #barOf = '';

  constructor(stderr: Output, asJson: boolean) {
    this.#stderr = stderr;
    this.#asJson = asJson;
  }

  say(step: Step): void {
    if (this.#asJson) this.#stderr.ndjson(step);
    // How long the first reading takes is not known before it.
    if (this.#asJson || step.of === null) return;
    const barOf = `${step.step} ${step.of}`;
    if (barOf !== this.#barOf) this.done();
    this.#barOf = barOf;
    this.#bar ??= new Progress(this.#stderr, labels[step.step], step.of, 'entries');
    this.#bar.update(step.read, step.read);
  }

  done(): void {
    this.#bar?.done();
    this.#bar = null;
  }
}
