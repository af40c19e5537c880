import { limits } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { CONFLICT, CONTESTED, type EventRows, OVERTHROWN } from './event-rows.ts';
import { HorizonTable } from './horizon-table.ts';

/** Payload of an entry: the slot of the row that stands for now, or one of these. */
const SETTLED = -1;
const LISTED = -2;
/** The time of an entry that means nothing any more: its place is taken by the next one of its id, or cleared. */
const NEVER = Number.NEGATIVE_INFINITY;
/** Rows whose entries are fetched at once when a checkpoint is taken up. */
const AHEAD = 64;

/** 'stands': it would be accepted now. 'gives-way': it would not, but is judged at release. 'duplicate': for good. */
export type Arrival = 'stands' | 'gives-way' | 'duplicate';

/**
 * HOT. Duplicates (semantics.md S4): same tenant and event_id as an accepted event, at most the horizon apart. Of the
 * records of one id that wait in the reorder stage the first in total order stands, the others are duplicates; a late
 * one never wins.
 *
 * The table holds per id the time of the event that stands, and its slot while it waits. An entry whose time W has
 * passed is as good as accepted: nothing can come before it any more. A second record of an id that waits is settled at
 * once wherever it can be: everything that waits or still comes has time >= W, so of two near each other the later one
 * has lost for good if its time is within the horizon of W, unless one that W has passed has beaten the earlier. What is
 * left (an outage that holds W back by more than the horizon) stands in a sorted list per id and is judged at release;
 * until then the list says who would stand now, because only a record that stands moves the watermark.
 *
 * Ids are remembered for twice the horizon behind W: a late record up to a horizon behind W is judged exactly, an
 * older one is late without a look at its id.
 */
export class Dedup {
  readonly #rows: EventRows;
  readonly #horizon_ms: number;
  readonly #table: HorizonTable;
  /** Slots of contested ids that wait, each list in total order. Empty but for outages. */
  readonly #lists = new Map<string, number[]>();
  /** Whether the last duplicate's content differs from that of the event that stood. */
  conflict = false;

  constructor(rows: EventRows, horizon_ms: number, most: number = limits.dedup_ids) {
    this.#rows = rows;
    this.#horizon_ms = horizon_ms;
    this.#table = new HorizonTable(most);
  }

  /** Ids of accepted events before this time mean nothing any more. */
  oldestFor(watermark_ms: number): number {
    return watermark_ms - 2 * this.#horizon_ms;
  }

  /** Lets go of what oldestFor() says. Only after everything before the watermark has been released. */
  forgetFor(watermark_ms: number): void {
    this.#table.forgetBefore(this.oldestFor(watermark_ms));
  }

  /** Ids that the limit dropped within their horizon. */
  get dropped(): number {
    return this.#table.dropped;
  }

  /** An event of this hash of its id may arrive soon: begins to fetch its place. */
  touch(low: number, high: number): void {
    this.#table.touch(low, high);
  }

  /** Whether a late row is a duplicate of an event that stands. The row is not remembered. */
  judgeLate(slot: number, watermark_ms: number): boolean {
    const rows = this.#rows;
    const table = this.#table;
    const oldest_ms = this.oldestFor(watermark_ms);
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      const time_ms = table.timeOf(handle);
      if (table.payloadOf(handle) === LISTED) {
        const twins = this.#standing(slot).filter((other) => this.#near(rows.time[other], rows.time[slot]));
        const twin = twins.find((other) => rows.time[other] >= oldest_ms);
        if (twin !== undefined) return this.#found(slot, rows.content[twin]);
      } else if (time_ms >= oldest_ms && this.#near(time_ms, rows.time[slot])) {
        return this.#found(slot, table.markOf(handle));
      }
    }
    return false;
  }

  /** Judges a row that is not late, on arrival. A duplicate is not remembered and can be freed. */
  arrive(slot: number, watermark_ms: number): Arrival {
    const table = this.#table;
    const time_ms = this.#rows.time[slot];
    let waiting = -1;
    const first = this.#find(slot);
    if (first === -1) {
      const { hashLow, hashHigh, content } = this.#rows;
      table.insertFirst(hashLow[slot], hashHigh[slot], time_ms, slot, content[slot]);
      return 'stands';
    }
    for (let handle = first; handle !== -1; handle = table.next(handle)) {
      const payload = table.payloadOf(handle);
      const other_ms = table.timeOf(handle);
      if (payload === LISTED || (payload >= 0 && other_ms >= watermark_ms)) waiting = handle;
      else if (this.#near(other_ms, time_ms)) {
        this.#found(slot, table.markOf(handle));
        return 'duplicate';
      }
    }
    if (waiting !== -1) return this.#arriveBeside(slot, waiting, watermark_ms);
    table.insert(this.#rows.hashLow[slot], this.#rows.hashHigh[slot], time_ms, slot, this.#rows.content[slot]);
    return 'stands';
  }

  /** One or more of its id wait already. */
  #arriveBeside(slot: number, handle: number, watermark_ms: number): Arrival {
    const rows = this.#rows;
    const other = this.#table.payloadOf(handle);
    if (other === LISTED) return this.#arriveListed(slot, watermark_ms);
    const otherIsFirst = rows.compare(other, slot) < 0;
    if (otherIsFirst && this.#hasLost(slot, other, watermark_ms)) {
      this.#found(slot, rows.content[other]);
      return 'duplicate';
    }
    if (!otherIsFirst && this.#hasLost(other, slot, watermark_ms)) {
      this.#overthrow(other, slot);
      this.#table.set(handle, rows.time[slot], slot, rows.content[slot]);
      return 'stands';
    }
    this.#table.set(handle, Number.POSITIVE_INFINITY, LISTED, 0);
    this.#lists.set(this.#name(slot), [other]);
    rows.flags[other] |= CONTESTED;
    return this.#arriveListed(slot, watermark_ms);
  }

  /**
   * Whether the later of two is a duplicate whatever still comes, unless the earlier is beaten by one that W has passed: only a
   * row of a list can be. At one time, what beats the earlier beats both.
   */
  #hasLost(later: number, earlier: number, watermark_ms: number): boolean {
    const { time } = this.#rows;
    if (!this.#near(time[later], time[earlier])) return false;
    return time[later] === time[earlier] || time[later] - watermark_ms <= this.#horizon_ms;
  }

  /** Whether the earlier of two in a list has lost to one that W has passed, which the later may be too far from to lose. */
  #frees(earlier: number, later: number, watermark_ms: number): boolean {
    const { time } = this.#rows;
    return time[earlier] !== time[later] && this.#isBeaten(earlier, watermark_ms);
  }

  /** Whether a row of a list has lost to one that W has passed, released or not. */
  #isBeaten(slot: number, watermark_ms: number): boolean {
    const { time } = this.#rows;
    const table = this.#table;
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      if (table.payloadOf(handle) !== LISTED && this.#near(table.timeOf(handle), time[slot])) return true;
    }
    return this.#standing(slot).some((other) => time[other] < watermark_ms && this.#near(time[other], time[slot]));
  }

  #overthrow(slot: number, by: number): void {
    const { flags, content } = this.#rows;
    flags[slot] = (flags[slot] & ~CONTESTED) | OVERTHROWN;
    if (content[slot] !== content[by]) flags[slot] |= CONFLICT;
  }

  #arriveListed(slot: number, watermark_ms: number): Arrival {
    const rows = this.#rows;
    const list = this.#listOf(slot);
    let place = list.length;
    while (place > 0 && rows.compare(list[place - 1], slot) > 0) place--;
    const before = place > 0 ? list[place - 1] : -1;
    if (before !== -1 && this.#hasLost(slot, before, watermark_ms) && !this.#frees(before, slot, watermark_ms)) {
      this.#found(slot, rows.content[before]);
      return 'duplicate';
    }
    list.splice(place, 0, slot);
    rows.flags[slot] |= CONTESTED;
    // One row per millisecond at most, so that a flood of one id cannot make its list long.
    if (place + 1 < list.length && rows.time[list[place + 1]] === rows.time[slot]) {
      this.#overthrow(list[place + 1], slot);
      list.splice(place + 1, 1);
    }
    return this.#standing(slot).includes(slot) ? 'stands' : 'gives-way';
  }

  /** Rows of the slot's list that would stand if all were released now: each beyond the horizon of the one before. */
  #standing(slot: number): number[] {
    const { time } = this.#rows;
    const table = this.#table;
    let last_ms = NEVER;
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      if (table.payloadOf(handle) !== LISTED) last_ms = Math.max(last_ms, table.timeOf(handle));
    }
    return this.#listOf(slot).filter((other) => {
      const stands = time[other] - last_ms > this.#horizon_ms;
      if (stands) last_ms = time[other];
      return stands;
    });
  }

  /** Judges a row at its release, in total order; true when it is accepted. */
  release(slot: number): boolean {
    const flags = this.#rows.flags[slot];
    if ((flags & OVERTHROWN) !== 0) {
      this.conflict = (flags & CONFLICT) !== 0;
      return false;
    }
    if ((flags & CONTESTED) === 0) return true;
    const list = this.#listOf(slot);
    list.shift();
    if (list.length === 0) this.#closeList(slot);
    return this.settle(slot);
  }

  #closeList(slot: number): void {
    const table = this.#table;
    this.#lists.delete(this.#name(slot));
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      if (table.payloadOf(handle) === LISTED) table.set(handle, NEVER, SETTLED, 0);
    }
  }

  /** Judges a row against what is accepted, and remembers it if it stands. Rows come in total order. */
  settle(slot: number): boolean {
    const table = this.#table;
    const time_ms = this.#rows.time[slot];
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      if (table.payloadOf(handle) === LISTED || !this.#near(table.timeOf(handle), time_ms)) continue;
      this.#found(slot, table.markOf(handle));
      return false;
    }
    table.insert(this.#rows.hashLow[slot], this.#rows.hashHigh[slot], time_ms, SETTLED, this.#rows.content[slot]);
    return true;
  }

  #find(slot: number): number {
    return this.#table.find(this.#rows.hashLow[slot], this.#rows.hashHigh[slot]);
  }

  #near(a_ms: number, b_ms: number): boolean {
    return Math.abs(a_ms - b_ms) <= this.#horizon_ms;
  }

  #found(slot: number, content: number): true {
    this.conflict = this.#rows.content[slot] !== content;
    return true;
  }

  #name(slot: number): string {
    return `${this.#rows.hashLow[slot]}.${this.#rows.hashHigh[slot]}`;
  }

  #listOf(slot: number): number[] {
    return this.#lists.get(this.#name(slot)) as number[];
  }

  get allocated_bytes(): number {
    return this.#table.allocated_bytes;
  }

  snapshot(): Snapshot {
    return this.#table.snapshot();
  }

  /** After the rows are back, in other slots: entries and lists find theirs again by id and time. */
  restore(snapshot: Snapshot, isShared = true): void {
    const rows = this.#rows;
    this.#table.restore(snapshot, isShared);
    const slots = [...rows.usedSlots()];
    for (let at = 0; at < slots.length; at += AHEAD) this.#adoptAll(slots.slice(at, at + AHEAD));
    for (const list of this.#lists.values()) list.sort((a, b) => rows.compare(a, b));
  }

  #adoptAll(slots: readonly number[]): void {
    const rows = this.#rows;
    // Each of them is somewhere else in memory: the waits overlap instead of adding up.
    for (const slot of slots) this.#table.touch(rows.hashLow[slot], rows.hashHigh[slot]);
    for (const slot of slots) {
      if ((rows.flags[slot] & CONTESTED) !== 0) {
        const list = this.#listOf(slot) ?? [];
        this.#lists.set(this.#name(slot), list);
        list.push(slot);
      } else if ((rows.flags[slot] & OVERTHROWN) === 0) this.#adopt(slot);
    }
  }

  #adopt(slot: number): void {
    const table = this.#table;
    for (let handle = this.#find(slot); handle !== -1; handle = table.next(handle)) {
      if (table.payloadOf(handle) < 0 || table.timeOf(handle) !== this.#rows.time[slot]) continue;
      table.set(handle, table.timeOf(handle), slot, table.markOf(handle));
    }
  }
}
