import type { Batch } from '../batch.ts';
import type { EventRows } from '../door/event-rows.ts';
import type { ColumnRows } from './column-rows.ts';

/** A source, and its next row. */
interface Head {
  /** null: rows that come in slots. */
  readonly columns: ColumnRows | null;
  /** -1: the next row of the columns has none yet. */
  slot: number;
}

/** In place of a slot: the batch has no room, and there are more rows. */
export const FULL = -2;

/**
 * Rows of several sources, each of which is in total order, as one. Stretches of a history hardly overlap in time: one is
 * opened when its first row may be next, and let go when it has no more, so that a few are in memory at a time; and rows
 * of columns that are alone in their time go into the batch at once, many at a time.
 */
export class SortedMerge {
  readonly #rows: Pick<EventRows, 'compare' | 'time'>;
  readonly #sorted: { next(): number };
  readonly #heads: Head[] = [];
  /** Those that are not open yet, the earliest last. */
  readonly #closed: ColumnRows[];
  /** Whose row was given last: it is not asked for another before the caller has freed that one. */
  #given: Head | null = null;

  /** @param sorted gives the slots of other rows, in total order */
  constructor(rows: Pick<EventRows, 'compare' | 'time'>, sorted: { next(): number }, columns: readonly ColumnRows[]) {
    this.#rows = rows;
    this.#sorted = sorted;
    this.#closed = columns.filter((one) => !one.isOver);
    this.#closed.sort((a, b) => b.earliest_ms - a.earliest_ms);
    const head = { columns: null, slot: sorted.next() };
    if (head.slot !== -1) this.#heads.push(head);
  }

  /**
   * The slot of the next row in total order, which the caller judges and frees before the next call, when what stands before
   * it is in the batch; FULL, or -1 when there are no more before this time.
   */
  next(batch: Batch, most: number, before_ms: number): number {
    if (this.#given !== null) this.#advance(this.#given);
    this.#given = null;
    for (;;) {
      this.#openUpTo(Math.min(before_ms, this.#earliest(null)));
      const time_ms = this.#earliest(null);
      if (time_ms >= before_ms) return -1;
      if (batch.count === most) return FULL;
      const head = this.#headAt(time_ms);
      const bound_ms = Math.min(before_ms, this.#earliest(head), this.#closed.at(-1)?.earliest_ms ?? before_ms);
      if (head.columns === null || head.slot !== -1 || head.columns.isContested || bound_ms === time_ms) {
        this.#given = this.#firstAt(time_ms);
        return this.#given.slot;
      }
      head.columns.giveTo(batch, most, bound_ms);
      this.#letGo(head);
    }
  }

  /** See ColumnRows.forget(). */
  forget(used: Uint8Array): void {
    for (const { columns } of this.#heads) columns?.forget(used);
  }

  #timeOf({ columns, slot }: Head): number {
    return slot !== -1 || columns === null ? this.#rows.time[slot] : columns.time_ms;
  }

  #headAt(time_ms: number): Head {
    for (const head of this.#heads) if (this.#timeOf(head) === time_ms) return head;
    throw new Error(`no source has a row of ${time_ms}`);
  }

  /** Time of the next row of all but one; +Infinity where there is none. */
  #earliest(but: Head | null): number {
    let earliest_ms = Number.POSITIVE_INFINITY;
    for (const head of this.#heads) if (head !== but) earliest_ms = Math.min(earliest_ms, this.#timeOf(head));
    return earliest_ms;
  }

  /** Opens those that may have a row at this time or before. */
  #openUpTo(time_ms: number): void {
    let until_ms = time_ms;
    for (
      let next = this.#closed.at(-1);
      next !== undefined && next.earliest_ms <= until_ms;
      next = this.#closed.at(-1)
    ) {
      this.#closed.pop();
      next.open();
      this.#heads.push({ columns: next, slot: -1 });
      this.#letGo(this.#heads.at(-1) as Head);
      until_ms = this.#earliest(null);
    }
  }

  /** Of the rows of this time the first one. */
  #firstAt(time_ms: number): Head {
    let first: Head | null = null;
    for (const head of this.#heads) {
      if (this.#timeOf(head) !== time_ms) continue;
      if (head.slot === -1 && head.columns !== null) head.slot = head.columns.keep();
      if (first === null || this.#rows.compare(head.slot, first.slot) < 0) first = head;
    }
    return first as Head;
  }

  #advance(head: Head): void {
    head.slot = head.columns === null ? this.#sorted.next() : -1;
    this.#letGo(head);
  }

  /** Where it has no more. */
  #letGo(head: Head): void {
    const isOver = head.slot === -1 && (head.columns === null || head.columns.time_ms === Number.POSITIVE_INFINITY);
    if (isOver) this.#heads.splice(this.#heads.indexOf(head), 1);
  }
}
