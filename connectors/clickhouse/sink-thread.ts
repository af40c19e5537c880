import { Worker } from 'node:worker_threads';
import type { FileKind, FromSink, JudgedTo, Seen, SinkWork, ToSink } from './sink-messages.ts';
import { type StorePlace, StoreRefused } from './store-client.ts';
import type { RecordFile, StoreSinkStatus } from './store-sink.ts';

/** The log that the engine's thread writes. */
export interface GrowingLog {
  readonly directory: string;
  /** Entries before this are on disk. */
  readonly durable_position: number;
  /** The position of the next entry. */
  readonly end_position: number;
}

export interface SinkThreadOptions {
  readonly log: GrowingLog;
  /** See StoreSinkOptions. */
  readonly files: Readonly<Partial<Record<FileKind, RecordFile>>>;
  readonly source: string;
  /** How far the log is judged; null: not known. */
  readonly judged: () => JudgedTo | null;
  readonly position_path: string;
  /** Where the store is now; null while it is down. */
  readonly place: () => StorePlace | null;
  /** Brings the store's tables up; asked again until it succeeds. */
  readonly prepare: () => Promise<void>;
  readonly report: (message: string) => void;
}

/** Time between two looks at what the sink should know. */
const look_ms = 50;
/** Before a thread that failed is begun again. */
const pause_ms = 2000;
/** Beyond what a stop is given: the thread itself may be busy. */
const grace_ms = 500;

/**
 * StoreSink in a thread of its own, so that parsing and sending rows costs the engine nothing. It reads the files that the
 * engine has written; what it cannot see itself (how much of them is on disk, where the store is) is told to it.
 */
export class SinkThread {
  readonly #options: SinkThreadOptions;
  readonly #timer: NodeJS.Timeout;
  #worker: Worker;
  #status: StoreSinkStatus = { state: 'starting', behind: 0, rows: 0, refused: 0, message: null };
  #through = 0;
  #told = '';
  #stopping = false;
  #stopped: () => void = () => undefined;

  constructor(options: SinkThreadOptions) {
    this.#options = options;
    this.#worker = this.#begin();
    this.#timer = setInterval(() => this.#tell(), look_ms);
    this.#timer.unref();
  }

  status(): StoreSinkStatus {
    return { ...this.#status, behind: Math.max(0, this.#options.log.end_position - this.#through) };
  }

  /** Writes what is there by now as far as that takes no longer than `within_ms`; the next start goes on behind it. */
  async stop(within_ms: number): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    this.#tell();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      this.#stopped = resolve;
      timer = setTimeout(resolve, within_ms + grace_ms);
    });
    this.#say({ kind: 'stop', within_ms });
    await over;
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  #begin(): Worker {
    const { log, files, position_path, source } = this.#options;
    const paths: Partial<Record<FileKind, string>> = {};
    for (const [kind, { path }] of Object.entries(files) as [FileKind, RecordFile][]) paths[kind] = path;
    const seen = this.#seen();
    const work: SinkWork = { log_directory: log.directory, position_path, source, files: paths, seen };
    this.#told = JSON.stringify(seen);
    const worker = new Worker(new URL('./sink-worker.ts', import.meta.url), { workerData: work });
    // A run that ends in another way than stop() does not wait for it.
    worker.unref();
    worker.on('message', (message: FromSink) => this.#heard(message));
    worker.once('error', (error) => this.#failed(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => this.#stopped());
    return worker;
  }

  #seen(): Seen {
    const { log, files, judged, place } = this.#options;
    const durable: Partial<Record<FileKind, number>> = {};
    for (const [kind, file] of Object.entries(files) as [FileKind, RecordFile][]) durable[kind] = file.durable();
    return { log_end: log.durable_position, durable, judged: judged(), place: place() };
  }

  #tell(): void {
    const seen = this.#seen();
    const text = JSON.stringify(seen);
    if (text === this.#told) return;
    this.#told = text;
    this.#say({ kind: 'seen', seen });
  }

  #say(message: ToSink): void {
    this.#worker.postMessage(message);
  }

  #heard(message: FromSink): void {
    switch (message.kind) {
      case 'status':
        this.#status = message.status;
        this.#through = message.through;
        return;
      case 'report':
        this.#options.report(message.message);
        return;
      case 'prepare':
        void this.#prepare();
        return;
      default:
        this.#stopped();
    }
  }

  async #prepare(): Promise<void> {
    try {
      await this.#options.prepare();
      this.#say({ kind: 'prepared', failure: null });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof StoreRefused ? error.code : null;
      this.#say({ kind: 'prepared', failure: { message, code } });
    }
  }

  /** What was not acknowledged is sent again by the next one: nothing is lost by it. */
  #failed(error: Error): void {
    if (this.#stopping) return;
    const message = `the thread that fills the store failed (${error.message}); it is begun again`;
    this.#status = { ...this.#status, state: 'down', message };
    this.#options.report(message);
    setTimeout(() => {
      if (!this.#stopping) this.#worker = this.#begin();
    }, pause_ms).unref();
  }
}
