import type { Snapshot } from '../snapshot.ts';
import { Records } from './records.ts';

/** What a row takes here. */
export const ORDER_BYTES = 16;

/** Queues of one table: key groups share them, so that few places are written to and each is read in order. */
const QUEUES = 16;
/** Rows of a page, and pages of a segment as a binary logarithm. */
const PAGE_ROWS = 256;
const PLACE_MASK = PAGE_ROWS - 1;
const PAGE_BITS = 8;
const SEGMENT_PAGES_BITS = 5;
/** A page inside a queue with fewer rows than this joins a neighbour where both fit into three quarters of a page. */
const SPARSE = PAGE_ROWS >> 2;
const FULL = PAGE_ROWS - SPARSE;
const NONE = -1;

/**
 * HOT. The rows of a table in the order in which they came, as queues of pages: time, row and key of each stand side by
 * side, so that what leaves is read from memory in order and the row itself is not touched. A row that goes before its
 * turn leaves a gap; pages of many gaps are joined, so a queue takes at most four times the room of its rows. A
 * position says where a row stands: it changes when pages join, which `moved` hears.
 */
export class RowOrder {
  readonly queues = QUEUES;
  /** By queue: time of its oldest row; Infinity where there is none. */
  readonly oldestTime = new Float64Array(QUEUES).fill(Number.POSITIVE_INFINITY);
  /** By page: two doubles a row, the second of which holds two ints: row (-1: a gap) and key. */
  readonly #pages = new Records(2 * PAGE_ROWS, SEGMENT_PAGES_BITS);
  /** By page. */
  #next = new Int32Array(16);
  #previous = new Int32Array(16);
  #rows = new Int32Array(16);
  /** By queue: its first page and the place of its oldest row there; its last page and the place behind its newest row. */
  readonly #first = new Int32Array(QUEUES).fill(NONE);
  readonly #head = new Int32Array(QUEUES);
  readonly #last = new Int32Array(QUEUES).fill(NONE);
  readonly #tail = new Int32Array(QUEUES);
  /** By key group: no row before this position is its key's newest (-1: look from the oldest on). */
  readonly #searched: Int32Array;
  readonly #moved: (row: number, position: number) => void;

  constructor(groups: number, moved: (row: number, position: number) => void) {
    this.#searched = new Int32Array(groups).fill(NONE);
    this.#moved = moved;
  }

  queueOf(group: number): number {
    return group & (QUEUES - 1);
  }

  /** Puts a row behind all others of its queue; its time must not lie before theirs. Returns its position. */
  append(queue: number, row: number, key: number, time: number): number {
    if (this.#last[queue] === NONE || this.#tail[queue] === PAGE_ROWS) this.#extend(queue);
    const page = this.#last[queue];
    const place = this.#tail[queue]++;
    const segment = page >> SEGMENT_PAGES_BITS;
    const at = (page & this.#pages.mask) * 2 * PAGE_ROWS + 2 * place;
    this.#pages.doubles[segment][at] = time;
    const ints = this.#pages.ints[segment];
    ints[2 * at + 2] = row;
    ints[2 * at + 3] = key;
    this.#rows[page]++;
    if (this.oldestTime[queue] === Number.POSITIVE_INFINITY) this.oldestTime[queue] = time;
    return (page << PAGE_BITS) | place;
  }

  /**
   * Takes rows with a time before `from` off a queue's head, at most `most`; their numbers and keys go into `rows` and
   * `keys`. Returns how many.
   */
  take(queue: number, from: number, most: number, rows: Int32Array, keys: Int32Array): number {
    let count = 0;
    while (count < most && this.oldestTime[queue] < from) {
      const page = this.#first[queue];
      const at = this.#at(page, this.#head[queue]);
      const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
      rows[count] = ints[2 * at + 2];
      keys[count++] = ints[2 * at + 3];
      ints[2 * at + 2] = NONE;
      this.#rows[page]--;
      this.#advance(queue);
    }
    return count;
  }

  /** Takes the row at a position out of the order. */
  remove(queue: number, position: number): void {
    const page = position >> PAGE_BITS;
    this.#pages.ints[page >> SEGMENT_PAGES_BITS][2 * this.#at(page, position & PLACE_MASK) + 2] = NONE;
    this.#rows[page]--;
    if (page === this.#first[queue]) {
      if ((position & PLACE_MASK) === this.#head[queue]) this.#advance(queue);
    } else if (this.#rows[page] === 0 && page !== this.#last[queue]) this.#unlink(queue, page);
    else if (this.#rows[page] < SPARSE) this.#join(queue, page);
  }

  /**
   * The key of a group that was silent longest: that of the first row which is its key's newest. A row that is not the
   * newest never becomes it again, so every row is passed over once for each group of its queue.
   */
  silentLongest(group: number, groupOf: (key: number) => number, newestOf: (key: number) => number): number {
    const queue = this.queueOf(group);
    const from = this.#searched[group];
    let page = from === NONE ? this.#first[queue] : from >> PAGE_BITS;
    let place = from === NONE ? this.#head[queue] : from & PLACE_MASK;
    for (; page !== NONE; page = this.#next[page], place = 0) {
      const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
      for (const end = this.#endOf(queue, page); place < end; place++) {
        const at = 2 * this.#at(page, place);
        const row = ints[at + 2];
        if (row === NONE || groupOf(ints[at + 3]) !== group || newestOf(ints[at + 3]) !== row) continue;
        this.#searched[group] = (page << PAGE_BITS) | place;
        return ints[at + 3];
      }
    }
    throw new Error('a key group has a key whose newest row is not in the order of rows');
  }

  /** Calls back for every row, and its key. */
  forEach(visit: (row: number, key: number) => void): void {
    for (let queue = 0; queue < QUEUES; queue++) {
      for (let page = this.#first[queue]; page !== NONE; page = this.#next[page]) {
        const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
        for (let place = 0; place < this.#endOf(queue, page); place++) {
          const at = 2 * this.#at(page, place);
          if (ints[at + 2] !== NONE) visit(ints[at + 2], ints[at + 3]);
        }
      }
    }
  }

  /** Where a place of a page begins in its segment, in doubles. */
  #at(page: number, place: number): number {
    return (page & this.#pages.mask) * 2 * PAGE_ROWS + 2 * place;
  }

  /** Behind the last place of a page that has been written. */
  #endOf(queue: number, page: number): number {
    return page === this.#last[queue] ? this.#tail[queue] : PAGE_ROWS;
  }

  /** The head moves on to the next row; pages that it leaves behind are empty. */
  #advance(queue: number): void {
    for (let page = this.#first[queue]; ; page = this.#first[queue]) {
      if (this.#rows[page] > 0) {
        const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
        let place = this.#head[queue];
        while (ints[2 * this.#at(page, place) + 2] === NONE) place++;
        this.#head[queue] = place;
        this.oldestTime[queue] = this.#pages.doubles[page >> SEGMENT_PAGES_BITS][this.#at(page, place)];
        return;
      }
      if (page === this.#last[queue]) {
        // Nothing is left: the page begins anew, and nobody has looked at it.
        this.#head[queue] = 0;
        this.#tail[queue] = 0;
        this.oldestTime[queue] = Number.POSITIVE_INFINITY;
        this.#lookAgain(queue, page, NONE);
        return;
      }
      this.#unlink(queue, page);
      this.#head[queue] = 0;
    }
  }

  #extend(queue: number): void {
    const last = this.#last[queue];
    if (last !== NONE && this.#rows[last] === 0) {
      this.#tail[queue] = 0;
      this.#lookAgain(queue, last, last << PAGE_BITS);
      return;
    }
    const page = this.#pages.allocate();
    if (page >= this.#next.length) this.#grow();
    this.#next[page] = NONE;
    this.#previous[page] = last;
    this.#rows[page] = 0;
    if (last === NONE) {
      this.#first[queue] = page;
      this.#head[queue] = 0;
    } else this.#next[last] = page;
    this.#last[queue] = page;
    this.#tail[queue] = 0;
    if (last !== NONE && last !== this.#first[queue] && this.#rows[last] < SPARSE) this.#join(queue, last);
  }

  #grow(): void {
    const wider = (old: Int32Array) => {
      const grown = new Int32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.#next = wider(this.#next);
    this.#previous = wider(this.#previous);
    this.#rows = wider(this.#rows);
  }

  /** Frees a page that has a successor; who searched in it goes on there. */
  #unlink(queue: number, page: number): void {
    const next = this.#next[page];
    const previous = this.#previous[page];
    this.#previous[next] = previous;
    if (previous === NONE) this.#first[queue] = next;
    else this.#next[previous] = next;
    this.#lookAgain(queue, page, next << PAGE_BITS);
    this.#pages.free(page);
  }

  /** Searches that stand in this page go on at a position. */
  #lookAgain(queue: number, page: number, position: number): void {
    for (let group = queue; group < this.#searched.length; group += QUEUES) {
      if (this.#searched[group] !== NONE && this.#searched[group] >> PAGE_BITS === page)
        this.#searched[group] = position;
    }
  }

  /** Joins a sparse page with a neighbour; not with the first or the last, where rows come and go. */
  #join(queue: number, page: number): void {
    if (page === this.#last[queue]) return;
    const previous = this.#previous[page];
    const next = this.#next[page];
    if (next !== this.#last[queue] && this.#rows[page] + this.#rows[next] <= FULL) this.#merge(queue, page, next);
    else if (previous !== this.#first[queue] && this.#rows[page] + this.#rows[previous] <= FULL) {
      this.#merge(queue, previous, page);
    }
  }

  #merge(queue: number, page: number, next: number): void {
    let place = 0;
    for (const source of [page, next]) {
      for (let from = 0; from < PAGE_ROWS; from++) place += this.#moveRow(source, from, page, place);
    }
    const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
    for (let rest = place; rest < PAGE_ROWS; rest++) ints[2 * this.#at(page, rest) + 2] = NONE;
    this.#rows[page] = place;
    this.#rows[next] = 0;
    for (const searched of [page, next]) this.#lookAgain(queue, searched, page << PAGE_BITS);
    this.#unlink(queue, next);
  }

  /** Returns 1 where there was a row. */
  #moveRow(source: number, from: number, page: number, place: number): number {
    const [at, to] = [this.#at(source, from), this.#at(page, place)];
    const row = this.#pages.ints[source >> SEGMENT_PAGES_BITS][2 * at + 2];
    if (row === NONE) return 0;
    const key = this.#pages.ints[source >> SEGMENT_PAGES_BITS][2 * at + 3];
    const time = this.#pages.doubles[source >> SEGMENT_PAGES_BITS][at];
    this.#pages.doubles[page >> SEGMENT_PAGES_BITS][to] = time;
    const ints = this.#pages.ints[page >> SEGMENT_PAGES_BITS];
    ints[2 * to + 2] = row;
    ints[2 * to + 3] = key;
    this.#moved(row, (page << PAGE_BITS) | place);
    return 1;
  }

  get allocated_bytes(): number {
    return this.#pages.allocated_bytes;
  }

  snapshot(): Snapshot {
    return {
      pages: this.#pages.snapshot(),
      oldestTime: this.oldestTime.slice(),
      ofPages: [this.#next.slice(), this.#previous.slice(), this.#rows.slice()],
      ofQueues: [this.#first.slice(), this.#head.slice(), this.#last.slice(), this.#tail.slice()],
    };
  }

  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as {
      pages: Snapshot;
      oldestTime: Float64Array;
      ofPages: [Int32Array, Int32Array, Int32Array];
      ofQueues: [Int32Array, Int32Array, Int32Array, Int32Array];
    };
    this.#pages.restore(from.pages, isShared);
    this.oldestTime.set(from.oldestTime);
    [this.#next, this.#previous, this.#rows] = from.ofPages.map((ints) => ints.slice());
    for (const [k, ints] of [this.#first, this.#head, this.#last, this.#tail].entries()) ints.set(from.ofQueues[k]);
    this.#searched.fill(NONE);
  }
}
