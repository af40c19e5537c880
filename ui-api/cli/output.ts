import { once } from 'node:events';

/** What an Output writes to: process.stdout, process.stderr, or a stream of a test. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Work that a person waits for, and how far it is. */
export interface Work {
  /** `reading events.ndjson` */
  readonly label: string;
  readonly unit: string;
  /** So many of `unit` are done. */
  counted: number;
  /** Event time up to which events were judged, in epoch milliseconds; null: none were yet. */
  judged_ms: number | null;
}

/**
 * One of the two ways out: stdout is data, stderr is talk. A reader that goes away (`weir backtest ... | head`) is no
 * error: from then on `closed` is true and what is written goes nowhere.
 */
export class Output {
  readonly #stream: OutputStream;
  #closed = false;
  #failure: Error | null = null;
  /** What is being done, for whoever has to say where it stopped; null: nothing that takes long. */
  work: Work | null = null;
  /** Told while that work goes on without a turn for anything else, a signal for example; null: nobody asks. */
  on_busy: (() => void) | null = null;
  readonly paint: Paint;

  /** `colour` null: decided by the stream and NO_COLOR. */
  constructor(stream: OutputStream, environment: NodeJS.ProcessEnv, colour: boolean | null = null) {
    this.#stream = stream;
    this.paint = new Paint(colour ?? wantsColour(stream, environment));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') this.#failure = error;
    });
  }

  get is_terminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Columns of the terminal; 100 where there is none. */
  get width(): number {
    // A terminal that does not know its size says 0.
    return this.#stream.columns || 100;
  }

  /** Columns that a table may take: those of the terminal; without one nothing is cut. */
  get table_width(): number {
    return this.is_terminal ? this.width : Number.POSITIVE_INFINITY;
  }

  /** The reader went away, or the stream failed: producing more is wasted work. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The stream's error other than a reader that went away (a full disk), or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  get stream(): OutputStream {
    return this.#stream;
  }

  /** Writes text, or bytes, as it is. False: the buffer is full, `await drained()` before writing much more. */
  write(text: string | Uint8Array): boolean {
    if (this.#closed) return true;
    return this.#stream.write(text);
  }

  /** Writes text and a newline. */
  line(text = ''): boolean {
    return this.write(`${text}\n`);
  }

  /** One JSON value per line. */
  ndjson(value: unknown): boolean {
    return this.write(`${JSON.stringify(value)}\n`);
  }

  /** One JSON document, indented for people on a terminal, compact in a pipe. */
  json(value: unknown): boolean {
    return this.write(`${JSON.stringify(value, null, this.is_terminal ? 2 : undefined)}\n`);
  }

  /** Resolves when the buffer has room again or the reader is gone. */
  async drained(): Promise<void> {
    if (this.#closed) return;
    const waits = new AbortController();
    const options = { signal: waits.signal };
    const settled = [once(this.#stream, 'drain', options), once(this.#stream, 'close', options)];
    // `once` rejects on 'error': the listener of the constructor has already noted it.
    await Promise.race(settled).catch(() => undefined);
    waits.abort();
    await Promise.allSettled(settled);
  }

  /** Resolves when everything written has been handed to the system. */
  async flushed(): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }
}

/** NO_COLOR (any value) wins, then FORCE_COLOR, then whether it is a terminal that is not called dumb. */
function wantsColour(stream: OutputStream, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  if (environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof styles;

/** Colours, or the text as it is. Colour only adds: every message reads the same without it. */
export class Paint {
  readonly enabled: boolean;

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  style(style: Style, text: string): string {
    if (!this.enabled || text === '') return text;
    const [open, close] = styles[style];
    return `\u001b[${open}m${text}\u001b[${close}m`;
  }

  bold(text: string): string {
    return this.style('bold', text);
  }

  dim(text: string): string {
    return this.style('dim', text);
  }

  red(text: string): string {
    return this.style('red', text);
  }

  green(text: string): string {
    return this.style('green', text);
  }

  yellow(text: string): string {
    return this.style('yellow', text);
  }

  cyan(text: string): string {
    return this.style('cyan', text);
  }
}
