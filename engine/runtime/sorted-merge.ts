import type { EventRows } from '../door/event-rows.ts';
import type { ColumnRows } from './stored-columns.ts';

interface Head {
  readonly source: { next(): number };
  slot: number;
}

/**
 * Rows of several sources, each of which is in total order, as one. Stretches of a history hardly overlap in time: one is
 * opened when its first row may be next, and let go when it has no more, so that a few are in memory at a time.
 */
export class SortedMerge {
  readonly #rows: Pick<EventRows, 'compare' | 'time'>;
  readonly #until_ms: number;
  readonly #heads: Head[];
  /** Those that are not open yet, the earliest last. */
  readonly #closed: ColumnRows[];
  readonly #open = new Set<ColumnRows>();
  /** Whose row was given last: it is not asked for another before the caller has freed that one. */
  #given: Head | null = null;

  /** @param sorted gives the slots of other rows, in total order */
  constructor(
    rows: Pick<EventRows, 'compare' | 'time'>,
    sorted: { next(): number },
    columns: readonly ColumnRows[],
    until_ms: number,
  ) {
    this.#rows = rows;
    this.#until_ms = until_ms;
    this.#heads = [];
    this.#add(sorted);
    this.#closed = columns.filter(({ earliest_ms }) => earliest_ms !== Number.POSITIVE_INFINITY);
    this.#closed.sort((a, b) => b.earliest_ms - a.earliest_ms);
  }

  /** The slot of the next row in total order, or -1; the caller judges and frees it before the next call. */
  next(): number {
    if (this.#given !== null) this.#advance(this.#given);
    let first = this.#first();
    while (this.#closed.length > 0 && (first === null || this.#mayPrecede(first))) {
      const columns = this.#closed.pop() as ColumnRows;
      columns.open(this.#until_ms);
      this.#open.add(columns);
      this.#add(columns);
      first = this.#first();
    }
    this.#given = first;
    return first === null ? -1 : first.slot;
  }

  /** See ColumnRows.forget(). */
  forget(used: Uint8Array): void {
    for (const columns of this.#open) columns.forget(used);
  }

  #mayPrecede({ slot }: Head): boolean {
    return this.#closed[this.#closed.length - 1].earliest_ms <= this.#rows.time[slot];
  }

  #first(): Head | null {
    let first: Head | null = null;
    for (const head of this.#heads) {
      if (first === null || this.#rows.compare(head.slot, first.slot) < 0) first = head;
    }
    return first;
  }

  #add(source: { next(): number }): void {
    const slot = source.next();
    if (slot !== -1) this.#heads.push({ source, slot });
  }

  #advance(head: Head): void {
    head.slot = head.source.next();
    if (head.slot !== -1) return;
    this.#heads.splice(this.#heads.indexOf(head), 1);
    for (const columns of this.#open) if (columns === head.source) this.#open.delete(columns);
  }
}
