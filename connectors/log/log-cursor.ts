import type { LogEntry, Verdict } from '../../engine/index.ts';

type At = { readonly position: number; readonly entry: LogEntry };

/**
 * Entries that were read together, one after the other, for whoever reads millions of them: one await for a batch, and no
 * object for an entry. EntryCursor has them as bytes.
 */
export interface LogCursor {
  /** Entries of the batch. */
  readonly count: number;
  /** Of the entry that next() has stepped to. */
  readonly position: number;
  readonly isRecord: boolean;
  readonly isVerdict: boolean;
  readonly isLookup: boolean;
  /** Of a verdict. */
  readonly verdict: Verdict;
  /** Steps to the next entry; false: there is none. */
  next(): boolean;
  /** Position of the record that a verdict is on. */
  judged(): number;
  /**
   * The entry as an object. That of a record or a verdict may be used again by the next call, for whoever keeps none; a verdict
   * comes without its detail.
   */
  lent(): LogEntry;
}

/** A batch of entries that are objects already: those that come out of the store. */
class EntryList implements LogCursor {
  readonly #entries: readonly At[];
  #at = -1;

  constructor(entries: readonly At[]) {
    this.#entries = entries;
  }

  get count(): number {
    return this.#entries.length;
  }

  get position(): number {
    return this.#entries[this.#at].position;
  }

  get isRecord(): boolean {
    return this.lent().kind === 'record';
  }

  get isVerdict(): boolean {
    return this.lent().kind === 'verdict';
  }

  get isLookup(): boolean {
    return this.lent().kind === 'lookup';
  }

  get verdict(): Verdict {
    return this.#verdict().verdict;
  }

  next(): boolean {
    return ++this.#at < this.#entries.length;
  }

  judged(): number {
    return this.#verdict().position;
  }

  lent(): LogEntry {
    return this.#entries[this.#at].entry;
  }

  #verdict(): Extract<LogEntry, { kind: 'verdict' }> {
    const entry = this.lent();
    if (entry.kind !== 'verdict') throw new Error(`the entry at position ${this.position} is no verdict`);
    return entry;
  }
}

/** Entries that come one by one, as batches of at most so many. */
export async function* cursorsOf(entries: AsyncIterable<At>, most = 1024): AsyncGenerator<LogCursor> {
  let batch: At[] = [];
  for await (const one of entries) {
    if (batch.push(one) < most) continue;
    yield new EntryList(batch);
    batch = [];
  }
  if (batch.length > 0) yield new EntryList(batch);
}

/** The entries of batches, one by one; each is only to be looked at until the next one is asked for, but for rows of lookups. */
export async function* entriesOf(batches: AsyncIterable<LogCursor>): AsyncGenerator<At> {
  for await (const cursor of batches) {
    while (cursor.next()) yield { position: cursor.position, entry: cursor.lent() };
  }
}
