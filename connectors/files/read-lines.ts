import { createReadStream } from 'node:fs';
import { limits } from '../../engine/index.ts';
import { start_bytes, textStart } from './file-start.ts';
import { type Piece, RecordSplitter } from './record-splitter.ts';

/** One line of a file, without its line end ("\n" or "\r\n"). */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** The line; of an over-long one its beginning, one byte more than the limit. A view that stays valid. */
  readonly bytes: Uint8Array;
  /** True length in bytes. */
  readonly length: number;
  /** Longer than the limit: to be rejected as too large, with `length` and the first bytes. */
  readonly is_over_long: boolean;
  /** Offset just behind the line and its end, from behind a byte order mark: for progress. */
  readonly end_offset: number;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts a stream of chunks into lines; holds at most one line. An over-long one is held to one byte more than the limit:
 * whoever gets these bytes can see that they are too many, and does not take the beginning for the whole.
 */
export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  /** Bytes of the unfinished line, also those that are not held in #parts. */
  #length = 0;
  #isCut = false;
  #lastByte = 0;
  #number = 0;
  #offset = 0;

  /** @param line_bytes lines longer than this are over-long */
  constructor(line_bytes: number = limits.record_bytes) {
    this.#limit = line_bytes;
  }

  /** The lines that end in this chunk. The chunk must not be changed afterwards. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, at));
      start = at + 1;
      lines.push(this.#take(1));
    }
    this.#add(chunk.subarray(start));
    return lines;
  }

  /** The last line, where the stream does not end with a line end. */
  finish(): Line | null {
    return this.#length === 0 ? null : this.#take(0);
  }

  #add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#length += part.length;
    this.#lastByte = part[part.length - 1];
    // One byte more than the limit may be a carriage return that does not count. Beyond that the line is over-long:
    // its first bytes are copied and the rest is let go.
    if (this.#length <= this.#limit + 1) {
      this.#parts.push(part);
    } else if (!this.#isCut) {
      this.#parts = [joinParts([...this.#parts, part]).slice(0, this.#limit + 1)];
      this.#isCut = true;
    }
  }

  #take(lineEndBytes: number): Line {
    this.#offset += this.#length + lineEndBytes;
    const length =
      this.#length - (lineEndBytes === 1 && this.#lastByte === CARRIAGE_RETURN && this.#length > 0 ? 1 : 0);
    const is_over_long = length > this.#limit;
    const bytes = joinParts(this.#parts).subarray(0, Math.min(length, this.#limit + 1));
    this.#parts = [];
    this.#length = 0;
    this.#isCut = false;
    this.#number++;
    return { number: this.#number, bytes, length, is_over_long, end_offset: this.#offset };
  }
}

function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A file in chunks, without a byte order mark at its beginning; `-` is the standard input. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  let start: Uint8Array | null = new Uint8Array(0);
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    // Plain arrays: a Buffer's subarray is several times slower.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (start === null) {
      yield bytes;
      continue;
    }
    // A pipe may give a byte at a time.
    start = start.length === 0 ? bytes : joinParts([start, bytes]);
    if (start.length < start_bytes) continue;
    yield textStart(start);
    start = null;
  }
  if (start !== null && start.length > 0) yield textStart(start);
}

/** Reads the records of a file that may be a JSON document (record-splitter.ts) in batches, as readLines() does lines; it throws what that throws. */
export async function* readRecords(path: string, key: string | null): AsyncGenerator<Piece[]> {
  const splitter = new RecordSplitter(key);
  for await (const chunk of chunksOf(path)) {
    const pieces = splitter.push(chunk);
    if (pieces.length > 0) yield pieces;
  }
  const last = splitter.finish();
  if (last.length > 0) yield last;
}

/**
 * Reads the lines of a file in batches (those that end in one chunk); `-` is the standard input. Compressed files are
 * not read: pipe them in (`zcat auth.log.2.gz | weir ... --from -`). A byte order mark at the very beginning is left out.
 * @throws ForeignFile where the first bytes say that it has no lines (file-start.ts)
 */
export async function* readLines(path: string, line_bytes: number = limits.record_bytes): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter(line_bytes);
  for await (const chunk of chunksOf(path)) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.finish();
  if (last !== null) yield [last];
}
