import type { Snapshot } from '../snapshot.ts';
import { HorizonTable } from './horizon-table.ts';

const utf8 = new TextEncoder();

/**
 * Ids for events that have none (semantics.md S4): content hash, '~', and the occurrence number of that content in its
 * partition, counted over all records read whatever their verdict. Equal lines of a log are different events.
 *
 * Why forgetting is safe: the content holds the timestamp, so all occurrences of one content have one time. A count is
 * forgotten when W has passed that time by more than what the dedup table remembers (Door says how much); from then on
 * every further occurrence is late whatever its number, and the number 1 that it starts from again cannot be taken for
 * the accepted event of that number, because that one is forgotten at the same moment.
 */
export class Occurrences {
  readonly #table: HorizonTable;
  /** Records whose count may have been dropped by the limit, so that their number may be too low. */
  uncertain = 0;

  constructor(most: number) {
    this.#table = new HorizonTable(most);
  }

  /**
   * The id of the next event of this content in the partition, as UTF-8 bytes.
   * @param content_hash 16 hex digits of the canonical content
   * @param time_ms the event's timestamp, at most what the door could accept now: a flood of records of the far future
   *   must not stay for ever
   * @param oldest_ms counts of earlier times are forgotten
   */
  nextId(content_hash: string, partition: number, time_ms: number, oldest_ms: number): Uint8Array {
    return utf8.encode(`${content_hash}~${this.#count(content_hash, partition, time_ms, oldest_ms)}`);
  }

  #count(content_hash: string, partition: number, time_ms: number, oldest_ms: number): number {
    const low = Number.parseInt(content_hash.slice(8, 16), 16) | 0;
    // The table's empty place is (0, 0); one content in 2^64 shares the place of its neighbour.
    const high = Number.parseInt(content_hash.slice(0, 8), 16) | 0 || Number(low === 0);
    const table = this.#table;
    table.forgetBefore(oldest_ms);
    for (let handle = table.find(low, high); handle !== -1; handle = table.next(handle)) {
      if (table.markOf(handle) !== partition || table.timeOf(handle) < oldest_ms) continue;
      const count = table.payloadOf(handle) + 1;
      table.set(handle, time_ms, count, partition);
      return count;
    }
    if (time_ms < table.droppedBefore(high)) this.uncertain++;
    table.insert(low, high, time_ms, 1, partition);
    return 1;
  }

  get allocated_bytes(): number {
    return this.#table.allocated_bytes;
  }

  snapshot(): Snapshot {
    return { table: this.#table.snapshot(), uncertain: this.uncertain };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { table: Snapshot; uncertain: number };
    this.#table.restore(from.table);
    this.uncertain = from.uncertain;
  }
}
