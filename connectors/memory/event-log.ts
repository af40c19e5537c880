import type { EventLog, LogEntry } from '../../engine/index.ts';

function copyOf(entry: LogEntry): LogEntry {
  if (entry.kind !== 'record') return entry;
  return { kind: 'record', record: { ...entry.record, bytes: entry.record.bytes.slice() } };
}

/** A log in memory, for tests and for runs that keep nothing. The same contract as the segment log, disk aside. */
export class MemoryLog implements EventLog {
  readonly #entries: LogEntry[] = [];
  #isClosed = false;

  get end_position(): number {
    return this.#entries.length;
  }

  append(entries: readonly LogEntry[]): Promise<number> {
    if (this.#isClosed) return Promise.reject(new Error('the log is closed'));
    const first_position = this.#entries.length;
    for (const entry of entries) this.#entries.push(copyOf(entry));
    return Promise.resolve(first_position);
  }

  async *#read(from_position: number, until: number) {
    for (let position = from_position; position < until; position++) {
      yield { position, entry: this.#entries[position] };
    }
  }

  read(from_position: number): AsyncIterable<{ readonly position: number; readonly entry: LogEntry }> {
    return this.#read(from_position, this.#entries.length);
  }

  position_at(received_at_ms: number): Promise<number> {
    const isThere = (entry: LogEntry) => entry.kind === 'record' && entry.record.received_at >= received_at_ms;
    const position = this.#entries.findIndex(isThere);
    return Promise.resolve(position < 0 ? this.#entries.length : position);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
