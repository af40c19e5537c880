import { limits } from '../../engine/index.ts';
import { type ListScan, ListScanner, readListStart } from './list-scanner.ts';

/** A record of a file: a line, or one of a list in a JSON document. */
export interface Piece {
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
  /** Which record of its list, from 1; null for a line. */
  readonly record: number | null;
  /** The record; of an over-long one its beginning, one byte more than the limit. A view that stays valid. */
  readonly bytes: Uint8Array;
  /** True length in bytes. */
  readonly length: number;
  /** Longer than the limit: to be rejected, with `length` and the first bytes. */
  readonly is_over_long: boolean;
  /** Why this is no record: the list breaks off here, and the rest of the line is given as it is. */
  readonly fault: string | null;
  /** Offset in the file just behind it: for progress. */
  readonly end_offset: number;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
/** How much white space may stand in the beginning of a list, `{ "Records" : [`, before it is taken for a line. */
const start_bytes = 4096;

type State = 'start' | 'line' | 'list' | 'behind' | 'broken';

/**
 * Cuts a stream of chunks into records. A line is a record, unless a JSON document begins there that is a list of
 * records, bare or under a key of an object: then each of its elements is one, however long the document is, over however
 * many lines; further documents may follow, also on the same line (as `zcat *.json.gz` makes it). Holds at most one
 * record, and of an over-long one the beginning. Where a list is broken the rest of that line is given with the fault,
 * and the next line begins anew.
 */
export class RecordSplitter {
  readonly #key: string | null;
  readonly #limit: number;
  readonly #held: HeldBytes;
  #state: State = 'start';
  #list = new ListScanner(false);
  #fault: string | null = null;
  /** Line of the next byte, from 1; bytes before it. */
  #line = 1;
  #offset = 0;
  /** Line in which the piece that is held begins. */
  #begins = 1;
  /** Bytes of the last chunk that may begin a list; they are looked at again with the next one. */
  #undecided: Uint8Array = new Uint8Array(0);

  /** @param key of the list in an object; null: bare lists only */
  constructor(key: string | null, record_bytes: number = limits.record_bytes) {
    this.#key = key;
    this.#limit = record_bytes;
    this.#held = new HeldBytes(record_bytes + 1);
  }

  /** The records that end in this chunk. The chunk must not be changed afterwards. */
  push(chunk: Uint8Array): Piece[] {
    const pieces: Piece[] = [];
    const bytes = this.#undecided.length === 0 ? chunk : joined([this.#undecided, chunk]);
    this.#undecided = new Uint8Array(0);
    for (let at = 0; at < bytes.length; ) {
      if (this.#state === 'start') at = this.#begin(bytes, at, false);
      else if (this.#state === 'list') at = this.#readList(bytes, at, pieces);
      else if (this.#state === 'behind') at = this.#readBehind(bytes, at);
      else at = this.#readLine(bytes, at, pieces);
      if (at === -1) break;
    }
    return pieces;
  }

  /** The last record, where the stream does not end with a line end. */
  finish(): Piece[] {
    const pieces: Piece[] = [];
    const rest = this.#undecided;
    this.#undecided = new Uint8Array(0);
    for (let at = 0; at < rest.length; ) {
      at = this.#state === 'start' ? this.#begin(rest, at, true) : this.#readLine(rest, at, pieces);
    }
    if (this.#state === 'list' && !this.#list.is_at_end) {
      this.#fault = `the list ends in the middle, behind ${this.#list.records} whole records`;
      pieces.push(this.#take());
    } else if ((this.#state === 'line' || this.#state === 'broken') && this.#held.length > 0) {
      pieces.push(this.#take());
    }
    return pieces;
  }

  /** Decides what begins at `at`; -1: the next chunk will say. */
  #begin(bytes: Uint8Array, at: number, is_last: boolean): number {
    this.#begins = this.#line;
    const start = readListStart(bytes, at, this.#key);
    if (start === 'more' && !is_last && bytes.length - at < start_bytes) {
      this.#undecided = bytes.slice(at);
      return -1;
    }
    if (typeof start !== 'object') {
      this.#state = 'line';
      return at;
    }
    this.#state = 'list';
    this.#list = new ListScanner(start.is_in_object);
    this.#pass(bytes, at, start.end);
    return start.end;
  }

  #readLine(bytes: Uint8Array, at: number, pieces: Piece[]): number {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 ? bytes.length : newline;
    this.#held.add(bytes.subarray(at, end));
    this.#offset += end - at;
    if (newline === -1) return end;
    this.#offset++;
    this.#line++;
    pieces.push(this.#take());
    return newline + 1;
  }

  #readList(bytes: Uint8Array, at: number, pieces: Piece[]): number {
    const scan: ListScan = this.#list.next(bytes, at);
    if (scan.kind === 'broken') {
      this.#pass(bytes, at, scan.at);
      this.#state = 'broken';
      this.#fault = `the list breaks off behind ${this.#list.records} whole records: ${scan.message}`;
      this.#begins = this.#line;
      return scan.at;
    }
    if (scan.begins_at !== -1) {
      this.#pass(bytes, at, scan.begins_at);
      this.#begins = this.#line;
      at = scan.begins_at;
    }
    if (this.#list.is_in_record || scan.kind === 'record') this.#held.add(bytes.subarray(at, scan.at));
    this.#pass(bytes, at, scan.at);
    if (scan.kind === 'record') pieces.push(this.#take(this.#list.records));
    if (scan.kind === 'end') this.#state = 'behind';
    return scan.at;
  }

  /** The line end behind a document belongs to it: it is no blank line. The next document may stand before it. */
  #readBehind(bytes: Uint8Array, at: number): number {
    let end = at;
    while (end < bytes.length && (bytes[end] === 32 || bytes[end] === 9 || bytes[end] === CARRIAGE_RETURN)) end++;
    if (end < bytes.length) {
      this.#state = 'start';
      if (bytes[end] === NEWLINE) end++;
    }
    this.#pass(bytes, at, end);
    return end;
  }

  #pass(bytes: Uint8Array, from: number, to: number): void {
    for (let i = bytes.indexOf(NEWLINE, from); i !== -1 && i < to; i = bytes.indexOf(NEWLINE, i + 1)) this.#line++;
    this.#offset += to - from;
  }

  #take(record: number | null = null): Piece {
    const { bytes: all, length: whole } = this.#held.take();
    const isLineEnd = record === null && whole > 0 && this.#held.last === CARRIAGE_RETURN;
    const length = isLineEnd ? whole - 1 : whole;
    const bytes = all.subarray(0, Math.min(length, this.#limit + 1));
    const piece = { line: this.#begins, record, bytes, length, fault: this.#fault, end_offset: this.#offset };
    this.#fault = null;
    if (record === null) this.#state = 'start';
    return { ...piece, is_over_long: length > this.#limit };
  }
}

/** Bytes of a record that is not whole yet: all of them up to a limit, then the beginning and how many there were. */
class HeldBytes {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #kept = 0;
  length = 0;
  /** The last byte that was added, also where it was not kept. */
  last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.length += part.length;
    this.last = part[part.length - 1];
    const room = this.#limit - this.#kept;
    if (room <= 0) return;
    // A copy, so that a long chunk is not held for the sake of a small beginning.
    const kept = part.length > room ? part.slice(0, room) : part;
    this.#kept += kept.length;
    this.#parts.push(kept);
  }

  take(): { readonly bytes: Uint8Array; readonly length: number } {
    const taken = { bytes: joined(this.#parts), length: this.length };
    this.#parts = [];
    this.#kept = 0;
    this.length = 0;
    return taken;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
