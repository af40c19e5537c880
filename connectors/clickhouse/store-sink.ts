import { type Batch, BatchWriter } from './batch-writer.ts';
import { FileFeed } from './file-feed.ts';
import { ruleRows, runRows } from './history-rows.ts';
import { LogFeed, type ReadableLog } from './log-feed.ts';
import { beginOfFile, readPosition, type StorePosition, writePosition } from './position-file.ts';
import { aggregateRows, alertRows, auditRows } from './record-rows.ts';
import type { FileKind } from './sink-messages.ts';
import { type StoreClient, StoreDown } from './store-client.ts';

/** A file of published records, and how much of it is on disk. */
export interface RecordFile {
  readonly path: string;
  readonly durable: () => number;
}

export interface StoreSinkOptions {
  readonly client: StoreClient;
  readonly log: ReadableLog;
  /** What was published, by its kind; what is left away is not there. */
  readonly files: Readonly<Partial<Record<FileKind, RecordFile>>>;
  /** Names this log among those that write into one store. */
  readonly source: string;
  /** Where it is remembered how far the store has been filled. */
  readonly position_path: string;
  /** Up to which stream time everything is judged that stands before a position of the log; null: not known. */
  readonly judgedAt?: (position: number) => number | null;
  /** Brings the store's tables up; done once before the first batch, and again until it succeeds. */
  readonly prepare: (client: StoreClient) => Promise<void>;
  /** Rows of the log in one batch. */
  readonly batch_rows?: number;
  /** Told in one sentence what is wrong with the store, once, and that it is well again. */
  readonly report?: (message: string) => void;
}

/** What a status page says of the store. */
export interface StoreSinkStatus {
  readonly state: 'starting' | 'up' | 'down';
  /** Entries of the log that are not in the store so far. */
  readonly behind: number;
  readonly rows: number;
  /** Rows that the store will never take: each is named when it happens. */
  readonly refused: number;
  /** Of the last failure; null while all is well. */
  readonly message: string | null;
}

/** Between two looks at what is new, where there is less than a batch of it. */
const look_ms = 200;
const first_pause_ms = 250;
const longest_pause_ms = 10_000;
/**
 * Between two notes of what waits for its verdict, which are what a backtest from the store knows the log by: soon where
 * little waits, later where much does, because each note is as long as what waits.
 */
const noteAfter_ms = (rows: number) => Math.min(60_000, Math.max(5_000, 6 * rows));
/** Rows of such a note in one insert. */
const pending_rows = 10_000;

/** What stands in files beside the log: how a line becomes rows, and of which tables. */
export const fileKinds = {
  detections: { rowsOf: alertRows, tables: ['alerts', 'alert_evidence', 'risk'] },
  aggregates: { rowsOf: aggregateRows, tables: ['aggregates'] },
  audit: { rowsOf: auditRows, tables: ['audit'] },
  rules: { rowsOf: ruleRows, tables: ['rules'] },
  runs: { rowsOf: runRows, tables: ['runs'] },
} as const;

const logTables = ['events', 'late_events', 'duplicate_events', 'dead_letters', 'log_marks'];

/** One stream of batches with its place in the position file. */
interface Feed {
  readonly name: string;
  readonly tables: readonly string[];
  /** Of a file: increased when it was shortened. */
  readonly generation: number;
  readonly source: string;
  next(until: number | null): Promise<Batch | null>;
  /** The next batch where it is full by now; absent: nothing is made before its turn. */
  more?(): Promise<Batch | null>;
  /** Where a batch was begun by a run before, and has to end where it did. */
  sending_to: number | null;
  /** A batch that is on its way, or was when the store failed. */
  begun: Batch | null;
  /** The full batch after it, made while that was on its way. */
  ahead: Batch | null;
}

/**
 * Fills the store behind the live engine: from the log and from the files of detections and of tables' rows, which are on
 * disk already. So nothing waits for the store, a store that is down costs nothing but its being behind, and what was not
 * acknowledged is read again. One batch is on its way, and of the log the next is made meanwhile.
 */
export class StoreSink {
  readonly #options: StoreSinkOptions;
  readonly #writer: BatchWriter;
  readonly #log: LogFeed;
  readonly #feeds: Feed[];
  #position: StorePosition;
  #state: StoreSinkStatus['state'] = 'starting';
  #message: string | null = null;
  #rows = 0;
  #refused = 0;
  #stopping = false;
  #nextNote_ms = Number.NEGATIVE_INFINITY;
  #noted = '';
  #wake: () => void = () => undefined;
  #loop: Promise<void> | null = null;

  constructor(options: StoreSinkOptions) {
    this.#options = options;
    const { client, log, files, source, position_path } = options;
    this.#writer = new BatchWriter(client, (table, place, error) => this.#refuse(table, place, error));
    const position = readPosition(position_path, source);
    this.#position = position;
    this.#log = new LogFeed(log, position, options.batch_rows);
    const ofLog = { name: 'log', tables: logTables, source, generation: 0, sending_to: position.log.sending_to };
    this.#feeds = [
      { ...ofLog, begun: null, ahead: null, next: (until) => this.#log.next(until), more: () => this.#log.ahead() },
    ];
    for (const name of Object.keys(fileKinds) as FileKind[]) {
      const file = files[name];
      if (file === undefined) continue;
      const { rowsOf, tables } = fileKinds[name];
      const at = position.files[name] ?? beginOfFile;
      const feed = new FileFeed(file.path, { source, position: at, durable: file.durable, rowsOf });
      const { generation } = feed;
      // Where the file was shortened, what was on its way then is gone from it.
      const sending_to = generation === at.generation ? at.sending_to : null;
      this.#feeds.push({
        name,
        tables,
        source: feed.source,
        generation,
        sending_to,
        begun: null,
        ahead: null,
        next: (until) => feed.next(until),
      });
    }
  }

  /** Begins; never rejects: what is wrong is reported, and tried again. */
  start(): void {
    this.#loop = this.#run();
  }

  status(): StoreSinkStatus {
    const behind = Math.max(0, this.#options.log.end_position - this.#position.log.through);
    return { state: this.#state, behind, rows: this.#rows, refused: this.#refused, message: this.#message };
  }

  /** Writes what is there by now as far as that takes no longer than `within_ms`; the next start goes on behind it. */
  async stop(within_ms: number): Promise<void> {
    this.#stopping = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, within_ms);
    });
    await Promise.race([this.#loop, late]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    let pause_ms = first_pause_ms;
    let prepared = false;
    for (;;) {
      try {
        if (!prepared) await this.#prepare();
        prepared = true;
        const isDue = performance.now() >= this.#nextNote_ms;
        const wrote = await this.#round(!isDue);
        this.#well();
        pause_ms = first_pause_ms;
        // A batch that is not full costs the store as much as a full one: it is let grow meanwhile.
        if (this.#feeds.some(({ ahead }) => ahead !== null) || (wrote && this.#stopping)) continue;
        if (this.#stopping || isDue) await this.#notePending();
        if (this.#stopping) return;
        await this.#pause(look_ms);
      } catch (error) {
        this.#unwell(error);
        if (this.#stopping) return;
        await this.#pause(pause_ms);
        pause_ms = Math.min(longest_pause_ms, pause_ms * 2);
      }
    }
  }

  async #prepare(): Promise<void> {
    await this.#options.prepare(this.#options.client);
    for (const { source, tables } of this.#feeds) await this.#writer.begin(source, tables);
  }

  /** What was read of the log is in the store but for what waits: with that, the store is as of there. */
  async #notePending(): Promise<void> {
    const { as_of, rows } = this.#log.pending();
    if (as_of !== this.#position.log.through) return;
    this.#nextNote_ms = performance.now() + noteAfter_ms(rows.length);
    const { client, source, judgedAt } = this.#options;
    const watermark_ms = judgedAt?.(as_of) ?? null;
    const noted = `${as_of} ${watermark_ms}`;
    if (noted === this.#noted) return;
    for (let at = 0; at < rows.length; at += pending_rows) {
      await client.insert('pending_events', rows.slice(at, at + pending_rows), { max_partitions_per_insert_block: 0 });
    }
    await client.insert('caught_up', [{ source, as_of, watermark_ms }]);
    this.#noted = noted;
  }

  /** Writes one batch of each feed that has one; false where none has anything new. @param mayMakeAhead and meanwhile the next */
  async #round(mayMakeAhead: boolean): Promise<boolean> {
    let wrote = false;
    for (const feed of this.#feeds) {
      if (feed.begun === null) {
        feed.begun = feed.ahead ?? (await feed.next(feed.sending_to));
        feed.ahead = null;
      }
      const { begun } = feed;
      if (begun === null) continue;
      this.#remember(feed, begun, true);
      const ahead = mayMakeAhead ? this.#makeAhead(feed) : null;
      try {
        await this.#writer.write(begun);
      } catch (error) {
        this.#writer.doubt(begun.source, begun.to);
        throw error;
      } finally {
        await ahead;
      }
      feed.begun = null;
      feed.sending_to = null;
      for (const rows of begun.rows.values()) this.#rows += rows.count;
      this.#remember(feed, begun, false);
      wrote = true;
    }
    return wrote;
  }

  /** Makes the next batch while one is on its way. What is wrong with reading is said when that batch's turn comes. */
  async #makeAhead(feed: Feed): Promise<void> {
    if (feed.more === undefined || feed.ahead !== null) return;
    try {
      feed.ahead = await feed.more();
    } catch {
      feed.ahead = null;
    }
  }

  /** On disk before a batch is sent: a run after a crash sends the same batch, with the same token. */
  #remember({ name, generation }: Feed, { from, to, read_from = to }: Batch, isBegun: boolean): void {
    const [through, sending_to] = isBegun ? [from, to] : [to, null];
    if (name === 'log') {
      // What the log's rows wait for lies before `through`, also when the batch is only begun.
      const log = { through, read_from: isBegun ? this.#position.log.read_from : Math.min(to, read_from), sending_to };
      this.#position = { ...this.#position, log };
    } else {
      const files = { ...this.#position.files, [name]: { through, sending_to, generation } };
      this.#position = { ...this.#position, files };
    }
    writePosition(this.#options.position_path, this.#position);
  }

  #refuse(table: string, place: number, error: Error): void {
    this.#refused++;
    this.#options.report?.(`the store refuses a row of ${table} (${place}): ${error.message}. It goes on without it`);
  }

  #well(): void {
    if (this.#state === 'down') this.#options.report?.('the store answers again: what it lacks is being written');
    this.#state = 'up';
    this.#message = null;
  }

  #unwell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // An embedded store takes a moment to begin: that is no news.
    const isNews = this.#state === 'up' || (this.#message !== message && !(error instanceof StoreDown));
    if (isNews) {
      this.#options.report?.(
        `the store cannot be written (${message}): detection goes on, the log keeps what it lacks`,
      );
    }
    if (this.#state === 'up' || isNews) this.#state = 'down';
    this.#message = message;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping) this.#wake();
    });
  }
}
