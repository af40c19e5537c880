import { type EventLog, type LogEntry, limits } from '../../engine/index.ts';

export interface IngestOptions {
  readonly log: EventLog;
  /** Time of day, for received_at. */
  readonly now_ms: () => number;
  /** Records and bytes that may wait for the disk; a request that would go beyond is told to come again. */
  readonly waiting_records?: number;
  readonly waiting_bytes?: number;
}

/** The status that the HTTP answer is to have, with the message for its body. */
export class IngestError extends Error {
  readonly status: 413 | 429;
  /** For the Retry-After header, in seconds; null where coming again does not help. */
  readonly retry_after_s: number | null;

  constructor(status: 413 | 429, message: string, retry_after_s: number | null = null) {
    super(message);
    this.status = status;
    this.retry_after_s = retry_after_s;
  }
}

const WAITING_RECORDS = 100_000;
const WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_AFTER_S = 1;

/**
 * The way of an HTTP request's records into the log, without HTTP: the server turns a body into lines (splitBody) and
 * an IngestError into an answer. submit() acknowledges: it resolves when the records are on disk.
 */
export class IngestPort {
  readonly #options: Required<IngestOptions>;
  #waitingRecords = 0;
  #waitingBytes = 0;

  constructor(options: IngestOptions) {
    this.#options = { waiting_records: WAITING_RECORDS, waiting_bytes: WAITING_BYTES, ...options };
  }

  /**
   * Appends the lines as records of one source partition, and resolves with the log position of the first when all are
   * on disk. A record's place in its partition is its log position. Concurrent calls share an fsync.
   *
   * @throws IngestError 429 when too much waits; 413 when the lines would not fit even if nothing waited
   * @throws Error of the log when it cannot write: nothing is acknowledged
   */
  async submit(partition: string, lines: readonly Uint8Array[]): Promise<number> {
    const { log, waiting_records, waiting_bytes } = this.#options;
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    if (lines.length > waiting_records || bytes > waiting_bytes) {
      throw new IngestError(413, `${lines.length} records of ${bytes} bytes are too much for one request: split them`);
    }
    if (this.#waitingRecords + lines.length > waiting_records || this.#waitingBytes + bytes > waiting_bytes) {
      throw new IngestError(429, `${this.#waitingRecords} records wait for the disk: send again later`, RETRY_AFTER_S);
    }
    this.#waitingRecords += lines.length;
    this.#waitingBytes += bytes;
    try {
      const received_at = this.#options.now_ms();
      // The log gives positions at the call, so that they can stand in the records.
      const first = log.end_position;
      const entries = lines.map((line, i): LogEntry => {
        return { kind: 'record', record: { partition, position: first + i, received_at, bytes: line } };
      });
      return await log.append(entries);
    } finally {
      this.#waitingRecords -= lines.length;
      this.#waitingBytes -= bytes;
    }
  }
}

/**
 * Collects a body and cuts it into lines; blank ones are left out. A line over the record limit stays as it is: the
 * door rejects it with its reason, and the rest of the body goes on.
 *
 * @throws IngestError 413 as soon as the body has more than `body_bytes`
 */
export async function splitBody(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  body_bytes: number = 64 * limits.record_bytes,
): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > body_bytes) throw new IngestError(413, `a body may have ${body_bytes} bytes: send several requests`);
    parts.push(chunk);
  }
  const body = Buffer.concat(parts);
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(start, bytes[end - 1] === 13 && end > start ? end - 1 : end);
    if (line.some((byte) => byte !== 32 && byte !== 9 && byte !== 13)) lines.push(line);
    start = end + 1;
  }
  return lines;
}
