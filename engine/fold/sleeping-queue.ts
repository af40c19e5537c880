import type { Snapshot } from '../snapshot.ts';

/** Rows in a chunk, as a binary logarithm. */
const CHUNK_BITS = 8;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

interface Chunk {
  readonly rows: Int32Array;
  readonly times: Float64Array;
}

/**
 * HOT. The numbers of rows that sleep, in the order in which they came, each with its time: so that a row that leaves need not be
 * read again, whose record has long been out of the caches. In chunks, because a large copy would stop the fold.
 */
export class SleepingQueue {
  readonly #chunks: Chunk[] = [];
  /** Places in the first chunk that were given back. */
  #head = 0;
  /** The last one that was emptied. */
  #spare: Chunk | null = null;
  size = 0;
  /** The time of its first row; Infinity without one. */
  first_ms = Number.POSITIVE_INFINITY;

  push(row: number, time: number): void {
    const place = this.#head + this.size;
    if (place >> CHUNK_BITS === this.#chunks.length) this.#open();
    const chunk = this.#chunks[place >> CHUNK_BITS];
    chunk.rows[place & CHUNK_MASK] = row;
    chunk.times[place & CHUNK_MASK] = time;
    if (this.size++ === 0) this.first_ms = time;
  }

  #open(): void {
    const length = 1 << CHUNK_BITS;
    this.#chunks.push(this.#spare ?? { rows: new Int32Array(length), times: new Float64Array(length) });
    this.#spare = null;
  }

  /** Takes the first row, which must be there, out of the queue. */
  shift(): number {
    const row = this.#chunks[0].rows[this.#head++];
    this.size--;
    if (this.#head > CHUNK_MASK || this.size === 0) {
      this.#head = 0;
      this.#spare = this.#chunks.shift() ?? null;
    }
    this.#lookAtFirst();
    return row;
  }

  #lookAtFirst(): void {
    this.first_ms = this.size === 0 ? Number.POSITIVE_INFINITY : this.#chunks[0].times[this.#head];
  }

  /** The row at a place, counted from the first one. */
  at(n: number): number {
    const place = this.#head + n;
    return this.#chunks[place >> CHUNK_BITS].rows[place & CHUNK_MASK];
  }

  /** Puts the row at place `from` to an earlier or the same place. */
  move(from: number, to: number): void {
    const [source, target] = [this.#head + from, this.#head + to];
    const [chunk, other] = [this.#chunks[source >> CHUNK_BITS], this.#chunks[target >> CHUNK_BITS]];
    other.rows[target & CHUNK_MASK] = chunk.rows[source & CHUNK_MASK];
    other.times[target & CHUNK_MASK] = chunk.times[source & CHUNK_MASK];
  }

  /** Only the first `size` rows stay. */
  cut(size: number): void {
    this.size = size;
    if (size === 0) this.#head = 0;
    this.#chunks.length = (this.#head + size + CHUNK_MASK) >> CHUNK_BITS;
    this.#lookAtFirst();
  }

  get allocated_bytes(): number {
    return (this.#chunks.length + (this.#spare === null ? 0 : 1)) * (12 << CHUNK_BITS);
  }

  /** The rows without their times. */
  snapshot(): Snapshot {
    return Int32Array.from({ length: this.size }, (_, n) => this.at(n));
  }

  /** Into an empty queue. */
  restore(snapshot: Snapshot, timeOf: (row: number) => number): void {
    for (const row of snapshot as Int32Array) this.push(row, timeOf(row));
  }
}
