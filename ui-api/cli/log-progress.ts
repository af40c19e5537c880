/** How far a backtest has read the log: its verdicts first (`of` is not known then), then its records. */
export interface Step {
  readonly step: 'history' | 'events';
  readonly read: number;
  readonly of: number | null;
}

const every_ms = 500;
/** Entries between two looks at the clock. */
const look_every = 1024;

/** Gives the entries on, and says every half second, and at the end, how many there were. */
export async function* withProgress<Entry>(
  entries: AsyncIterable<Entry>,
  step: Step['step'],
  of: number | null,
  say: (step: Step) => void,
  now_ms: () => number = () => performance.now(),
): AsyncGenerator<Entry> {
  let read = 0;
  let said_ms = now_ms();
  for await (const entry of entries) {
    yield entry;
    if (++read % look_every !== 0 || now_ms() - said_ms < every_ms) continue;
    said_ms = now_ms();
    say({ step, read, of });
  }
  say({ step, read, of });
}
