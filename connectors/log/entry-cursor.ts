import type { LogEntry, Verdict } from '../../engine/index.ts';
import { FIRST_VERDICT_KIND, kinds, verdicts } from './entry-coding.ts';
import type { LogCursor } from './log-cursor.ts';

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const noBytes: Uint8Array = new Uint8Array(0);

/**
 * HOT. The entries of a batch, one after the other, without an object for each: what stands in it says `kind` which of the
 * fields mean something. Its bytes are such as a checksum has vouched for; running over their end is still an error.
 */
export class EntryCursor implements LogCursor {
  /** Bytes of records are views into these, which must not be changed. */
  readonly bytes: Uint8Array;
  /** Of the batch: the entries that it has, and the position of the first. */
  readonly count: number;
  readonly first_position: number;
  readonly #view: DataView;
  /** Position of the entry, and which of `kinds` it is, or FIRST_VERDICT_KIND and more. */
  position: number;
  kind = 0;
  /** Of a record, as SourceRecord says; `length` is -1 where the bytes are all of it. */
  partition = '';
  place = 0;
  received_at = 0;
  length = -1;
  start = 0;
  stop = 0;
  #read = 0;
  #at = 0;
  #lastName: Uint8Array = new Uint8Array(0);
  #lastText = '';
  /** What lent() gives. */
  readonly #record = { partition: '', position: 0, received_at: 0, bytes: noBytes };
  readonly #recordEntry = { kind: 'record', record: this.#record } as const;
  readonly #verdictEntry = { kind: 'verdict' as const, position: 0, verdict: verdicts[0], detail: '' };

  constructor(bytes: Uint8Array, count: number, first_position: number) {
    this.bytes = bytes;
    this.count = count;
    this.first_position = first_position;
    this.position = first_position - 1;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Steps to the next entry; false: there is none. */
  next(): boolean {
    if (this.#read === this.count) return false;
    this.#read++;
    this.position++;
    if (this.#read > 1) this.#at = this.stop;
    const length = this.#variable();
    this.stop = this.#at + length;
    if (this.stop > this.bytes.length) throw new Error('an entry runs over the end of its batch');
    this.kind = this.bytes[this.#at++];
    if (this.kind === kinds.record || this.kind === kinds.cut) this.#readRecord();
    this.start = this.#at;
    return true;
  }

  /** Steps over the entries before a position; false: there is none behind. */
  skipTo(position: number): boolean {
    while (this.position < position) if (!this.next()) return false;
    return true;
  }

  #readRecord(): void {
    this.received_at = this.#float64();
    this.place = this.#float64();
    this.length = this.kind === kinds.cut ? this.#variable() : -1;
    this.partition = this.#name(this.#variable());
  }

  get isRecord(): boolean {
    return this.kind === kinds.record || this.kind === kinds.cut;
  }

  get isVerdict(): boolean {
    return this.kind >= FIRST_VERDICT_KIND;
  }

  get isLookup(): boolean {
    return this.kind === kinds.lookup;
  }

  /** Of a verdict. */
  get verdict(): Verdict {
    const verdict = verdicts[this.kind - FIRST_VERDICT_KIND];
    if (verdict === undefined) {
      throw new Error(`entry kind ${this.kind} is unknown: was this log written by a later Weir?`);
    }
    return verdict;
  }

  /** Position of the record that a verdict is on. */
  judged(): number {
    this.#at = this.start;
    return this.position - this.#variable();
  }

  /** Of a verdict, once judged() was called. */
  detail(): string {
    return this.#at === this.stop ? '' : textDecoder.decode(this.bytes.subarray(this.#at, this.stop));
  }

  /** The bytes of a record, a view. */
  recordBytes(): Uint8Array {
    return this.bytes.subarray(this.start, this.stop);
  }

  /** HOT. See LogCursor: a record, of which all is there, and a verdict are written into what was lent before. */
  lent(): LogEntry {
    if (this.kind === kinds.record) {
      const record = this.#record;
      record.partition = this.partition;
      record.position = this.place;
      record.received_at = this.received_at;
      record.bytes = this.recordBytes();
      return this.#recordEntry;
    }
    if (!this.isVerdict) return this.entry();
    this.#verdictEntry.verdict = this.verdict;
    this.#verdictEntry.position = this.judged();
    return this.#verdictEntry;
  }

  /** The entry as an object. */
  entry(): LogEntry {
    this.#at = this.start;
    switch (this.kind) {
      case kinds.record:
      case kinds.cut: {
        const { partition, place, received_at, length } = this;
        const record = { partition, position: place, received_at, bytes: this.recordBytes() };
        return { kind: 'record', record: length === -1 ? record : { ...record, length } };
      }
      case kinds.idle:
        return { kind: 'idle', partition: this.#name(this.stop - this.#at) };
      case kinds.back:
        return { kind: 'back', partition: this.#name(this.stop - this.#at) };
      case kinds.tick:
        return { kind: 'tick', now_ms: this.#float64() };
      case kinds.end:
        return { kind: 'end' };
      case kinds.lookup: {
        const from_ms = this.#float64();
        const name = this.#name(this.#variable());
        const version = this.#name(this.#variable());
        return { kind: 'lookup', name, from_ms, version, bytes: this.bytes.subarray(this.#at, this.stop) };
      }
      default: {
        const { verdict } = this;
        return { kind: 'verdict', position: this.judged(), verdict, detail: this.detail() };
      }
    }
  }

  #variable(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (this.#at >= this.bytes.length) throw new Error('an entry runs over the end of its batch');
      const byte = this.bytes[this.#at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #float64(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** Partition names repeat: the last one is compared by its bytes before a new string is made. */
  #name(length: number): string {
    if (!this.#isLast(length)) {
      this.#lastName = this.bytes.subarray(this.#at, this.#at + length);
      this.#lastText = textDecoder.decode(this.#lastName);
    }
    this.#at += length;
    return this.#lastText;
  }

  #isLast(length: number): boolean {
    const last = this.#lastName;
    if (length !== last.length) return false;
    for (let i = 0; i < length; i++) if (this.bytes[this.#at + i] !== last[i]) return false;
    return true;
  }
}
