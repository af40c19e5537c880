import type { Output } from './output.ts';
import { Progress } from './progress.ts';

/**
 * How far a backtest has read the log, in entries: its verdicts first (`of` is not known then), then its records, for columns
 * where it has to make some, and those behind them. Then how far it has judged, in milliseconds of event time.
 */
export interface Step {
  readonly step: 'history' | 'columns' | 'events' | 'judging';
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
  history: 'replaying the verdicts of the log',
  columns: 'making columns of the log',
  events: 'reading the log',
  judging: 'judging',
};

/** Tells a person at a terminal the steps of one reading, or whoever started the process, as NDJSON. */
export class LogProgress {
  readonly #stderr: Output;
  readonly #asJson: boolean;
  /** About how many entries the log has. */
  readonly #about: number;
  #bar: Progress | null = null;
  #barOf = '';
  #said_ms = 0;

  constructor(stderr: Output, asJson: boolean, about: number) {
    this.#stderr = stderr;
    this.#asJson = asJson;
    this.#about = about;
  }

  say(step: Step): void {
    if (this.#asJson) {
      this.#stderr.ndjson(step);
      return;
    }
    const barOf = `${step.step} ${step.of}`;
    if (barOf !== this.#barOf) this.done();
    this.#barOf = barOf;
    // Its end is not known before it was read.
    const label = step.of === null ? 'reading the verdicts of the log' : labels[step.step];
    this.#bar ??= new Progress(this.#stderr, label, step.of ?? Math.max(this.#about, step.read), 'entries');
    this.#bar.update(step.read, step.read);
  }

  /** Says the same step twice a second while something is done that does not say how far it is. */
  async during<T>(step: () => Step, work: Promise<T>): Promise<T> {
    this.say(step());
    const timer = setInterval(() => this.say(step()), every_ms);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  /** How far events were judged. Cheap: called often. */
  judged(reached_ms: number, { first_ms, last_ms }: { readonly first_ms: number; readonly last_ms: number }): void {
    const [read, of] = [reached_ms - first_ms, last_ms - first_ms];
    this.#stderr.on_busy?.();
    if (!this.#asJson) {
      if (this.#barOf !== 'judging') this.done();
      this.#barOf = 'judging';
      this.#bar ??= new Progress(this.#stderr, labels.judging, of, 'minutes of events');
      this.#bar.update(read, Math.floor(read / 60_000));
    }
    this.#stderr.work ??= { label: labels.judging, unit: 'events', counted: 0, judged_ms: null };
    this.#stderr.work.judged_ms = Math.min(reached_ms, last_ms);
    if (!this.#asJson) return;
    const now_ms = performance.now();
    if (this.#said_ms === 0) this.#said_ms = now_ms;
    if (now_ms - this.#said_ms < every_ms) return;
    this.#said_ms = now_ms;
    this.#stderr.ndjson({ step: 'judging', read, of } satisfies Step);
  }

  done(): void {
    this.#bar?.done();
    this.#bar = null;
  }
}
