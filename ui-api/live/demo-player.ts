/** One line of rules/sample.ndjson: an event without a time, and when it happens, relative to the start of the play. */
interface SampleLine {
  readonly after_ms: number;
  readonly event: { readonly event_id: string };
}

/** Where the play's events come in: the same door as everybody's. */
export type SubmitLines = (partition: string, lines: readonly Uint8Array[]) => Promise<readonly unknown[]> | null;

const partition = 'sample';

/**
 * Plays the shipped sample through the live engine: what lies before the start comes at once, as history; the rest at
 * its own time. Ids carry the play's start, so that a later play is not taken for a repetition of this one.
 */
export class DemoPlayer {
  readonly #lines: readonly SampleLine[];
  readonly #submit: SubmitLines;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** @throws SyntaxError when the text is not NDJSON. */
  constructor(text: string, submit: SubmitLines) {
    this.#lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SampleLine);
    this.#submit = submit;
  }

  get events(): number {
    return this.#lines.length;
  }

  /** Plays from now on; `now_ms` is the clock. Returns when the history part is in. */
  async start(now_ms: () => number): Promise<void> {
    const started_ms = now_ms();
    const encode = ({ after_ms, event }: SampleLine): Uint8Array => {
      const timestamp = new Date(started_ms + after_ms).toISOString();
      const event_id = `${event.event_id}-${started_ms}`;
      return Buffer.from(JSON.stringify({ ...event, event_id, timestamp }));
    };
    const history = this.#lines.filter((line) => line.after_ms <= 0);
    const coming = this.#lines.slice(history.length);
    await this.#submit(partition, history.map(encode));
    let next = 0;
    const step = (): void => {
      if (this.#stopped) return;
      const due: Uint8Array[] = [];
      while (next < coming.length && coming[next].after_ms <= now_ms() - started_ms) due.push(encode(coming[next++]));
      // A play that is refused because Weir stops or is full is nobody's loss.
      if (due.length > 0) this.#submit(partition, due)?.catch(() => undefined);
      if (next < coming.length) this.#timer = setTimeout(step, 100);
    };
    step();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
