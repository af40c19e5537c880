/** How far a backtest has read the log: its verdicts first (`of` is not known then), then its records. */
export interface Step {
  readonly step: 'history' | 'events';
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
