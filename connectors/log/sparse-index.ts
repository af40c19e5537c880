/** One batch that reading may begin with. */
interface Mark {
  readonly position: number;
  readonly offset: number;
  /** Greatest received_at of all records before this batch. */
  readonly received_before: number;
}

const BYTES_BETWEEN_MARKS = 256 * 1024;

/** Where to begin reading in one segment, filled while it is written or read through. Kept in memory only. */
export class SparseIndex {
  readonly #marks: Mark[] = [];

  /** Remembers a batch; batches come in order, those close to the last mark are passed over. */
  add(position: number, offset: number, received_before: number): void {
    const last = this.#marks.at(-1);
    if (last === undefined || offset >= last.offset + BYTES_BETWEEN_MARKS) {
      this.#marks.push({ position, offset, received_before });
    }
  }

  /** Offset of the last known batch that begins at or before a position. */
  offsetOfPosition(position: number): number | undefined {
    return this.#marks.findLast((mark) => mark.position <= position)?.offset;
  }

  /** Offset of the last known batch before which nothing was received at or after this time. */
  offsetOfTime(received_at: number): number | undefined {
    return this.#marks.findLast((mark) => mark.received_before < received_at)?.offset;
  }
}
