import type { EventLog, LogEntry } from '../../engine/index.ts';
import { describeError, type FilePort, nodeFiles, writeAll } from '../files/file-port.ts';
import { type EncodedEntries, encodeEntries } from './entry-coding.ts';
import type { EntryCursor } from './entry-cursor.ts';
import { type Processes, realProcesses, takeLock } from './lock-file.ts';
import { LogReader } from './log-reader.ts';
import { type ActiveSegment, createSegment, type LogEnd, removeUnfinished, reopenSegment } from './open-segments.ts';
import { BATCH_HEADER_BYTES, encodeBatch } from './segment-format.ts';

export interface SegmentLogOptions {
  /** Made when missing. Holds the segments and the lock. */
  readonly directory: string;
  /** A segment that has reached this many bytes is followed by a new one. */
  readonly segment_bytes?: number;
  readonly files?: FilePort;
  readonly processes?: Processes;
  /** Told what opening had to mend: a torn tail that was cut, the lock of a dead process. */
  readonly report?: (message: string) => void;
}

/** Appends that wait together are joined into one write and one fsync up to about this many bytes. */
const JOINED_BYTES = 4 * 1024 * 1024;
const SEGMENT_BYTES = 64 * 1024 * 1024;
const none = new Uint8Array(0);

interface Waiting {
  readonly first_position: number;
  readonly encoded: EncodedEntries;
  readonly resolve: (first_position: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The append-only log on disk (engine/ports.ts, EventLog). One writer, guarded by a lock file; any number of readers,
 * in other processes through LogReader. Promises of append resolve in the order of their positions. Nothing is ever
 * removed: retention is not here yet.
 */
export class SegmentLog implements EventLog {
  readonly #directory: string;
  readonly #files: FilePort;
  readonly #segmentBytes: number;
  readonly #reader: LogReader;
  readonly #unlock: () => Promise<void>;
  #active: ActiveSegment;
  /** Where what is on disk ends. */
  readonly #durable: LogEnd;
  #next: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #refusal: Error | null = null;
  /** Memory of an append that is on disk. */
  #spare: Uint8Array = none;

  private constructor(
    options: SegmentLogOptions,
    files: FilePort,
    reader: LogReader,
    opened: { active: ActiveSegment; end: LogEnd },
    unlock: () => Promise<void>,
  ) {
    this.#directory = options.directory;
    this.#segmentBytes = options.segment_bytes ?? SEGMENT_BYTES;
    this.#files = files;
    this.#reader = reader;
    this.#active = opened.active;
    this.#durable = opened.end;
    this.#next = opened.end.position;
    this.#unlock = unlock;
  }

  /** Opens the log, or makes it. Throws when another process writes it, and LogDamagedError when it is damaged. */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const { directory, files = nodeFiles, report = () => {}, processes = realProcesses } = options;
    await files.makeDirectory(directory);
    const unlock = await takeLock(directory, files, report, processes);
    try {
      await removeUnfinished(files, directory);
      const reader = new LogReader(directory, files);
      const last = (await reader.segments()).at(-1);
      if (last !== undefined) {
        return new SegmentLog(options, files, reader, await reopenSegment(files, reader, last, report), unlock);
      }
      const end: LogEnd = { position: 0, received_max: -Infinity };
      const active = await createSegment(files, directory, end);
      return new SegmentLog(options, files, reader, { active, end }, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Position of the next entry: given at the call of append(), before the entry is on disk. */
  get end_position(): number {
    return this.#next;
  }

  /** Entries before this position are on disk. */
  get durable_position(): number {
    return this.#durable.position;
  }

  get directory(): string {
    return this.#directory;
  }

  append(entries: readonly LogEntry[]): Promise<number> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    const first_position = this.#next;
    let encoded: EncodedEntries;
    try {
      encoded = encodeEntries(entries, first_position, BATCH_HEADER_BYTES, this.#spare);
      this.#spare = none;
    } catch (error) {
      return Promise.reject(error);
    }
    this.#next += entries.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ first_position, encoded, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Writes what waits until nothing does. Appends of one turn of the event loop, and those made meanwhile, join. */
  async #flush(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      let bytes = 0;
      let count = 0;
      while (count < this.#waiting.length && (count === 0 || bytes < JOINED_BYTES)) {
        bytes += this.#waiting[count++].encoded.bytes.length;
      }
      const joined = this.#waiting.splice(0, count);
      try {
        await this.#write(joined.map((waiting) => waiting.encoded));
      } catch (error) {
        this.#refuse(error, joined);
        return;
      }
      this.#spareOf(joined[0].encoded.bytes);
      for (const { resolve, first_position } of joined) resolve(first_position);
    }
    this.#flushing = null;
  }

  /** What was written may be written over: the next append needs no fresh memory, which the system would have to clear. */
  #spareOf({ buffer }: Uint8Array): void {
    if (buffer.byteLength <= JOINED_BYTES && buffer.byteLength > this.#spare.length)
      this.#spare = new Uint8Array(buffer);
  }

  async #write(pieces: readonly EncodedEntries[]): Promise<void> {
    if (this.#active.size >= this.#segmentBytes && this.#active.first_position < this.#durable.position) {
      const full = this.#active;
      this.#active = await createSegment(this.#files, this.#directory, this.#durable);
      await full.file.close();
    }
    const active = this.#active;
    const end = this.#durable;
    const received_max = pieces.reduce((max, piece) => Math.max(max, piece.received_max), end.received_max);
    const batch = encodeBatch(active.marker, end.position, received_max, pieces);
    await writeAll(active.file, batch, active.size);
    await active.file.sync();
    this.#reader.indexOf(active.first_position).add(end.position, active.size, end.received_max);
    active.size += batch.length;
    end.position += pieces.reduce((sum, piece) => sum + piece.count, 0);
    end.received_max = received_max;
  }

  #refuse(error: unknown, joined: readonly Waiting[]): void {
    this.#refusal = new Error(
      `${this.#active.path}: ${describeError(error)}. The log accepts nothing more until it is opened again; ` +
        `entries from position ${this.#durable.position} on are not known to be on disk.`,
      { cause: error },
    );
    this.#flushing = null;
    const failed = [...joined, ...this.#waiting];
    this.#waiting = [];
    for (const { reject } of failed) reject(this.#refusal);
  }

  /** See EventLog.read. */
  read(from_position: number): AsyncIterable<{ readonly position: number; readonly entry: LogEntry }> {
    return this.#reader.read(from_position, this.#durable.position);
  }

  /** The same entries in the batches in which they were written: for whoever reads millions. */
  readBatches(from_position: number): AsyncIterable<EntryCursor> {
    return this.#reader.readBatches(from_position, this.#durable.position);
  }

  position_at(received_at_ms: number): Promise<number> {
    return this.#reader.positionAt(received_at_ms, this.#durable.position);
  }

  /** Writes what waits, then closes the files and lets the lock go. */
  async close(): Promise<void> {
    const failed = this.#refusal !== null;
    this.#refusal ??= new Error(`${this.#directory}: the log is closed`);
    while (this.#flushing !== null) await this.#flushing;
    try {
      // An empty batch behind the last one: should that be damaged later, it is not taken for a torn tail.
      if (!failed) await this.#write([]);
    } finally {
      await this.#active.file.close();
      await this.#unlock();
    }
  }
}
