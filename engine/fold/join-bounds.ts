import type { DropCounters } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { type KeyTable, MISSING } from '../state/key-table.ts';
import { LongTexts } from '../state/long-texts.ts';
import type { JoinSide } from './join-side.ts';
import { SilentKeys } from './silent-keys.ts';
import type { StoreLimits } from './store-limits.ts';

/** How many values the few bits have by which keys are told apart without a search. */
export const FEW_BITS_VALUES = 256;

/** A few bits of a key by its first part, an id or the whole part of a number; a table's one group has no parts. */
export function fewBitsOf(first: number | undefined): number {
  return first === undefined ? 0 : first & (FEW_BITS_VALUES - 1);
}

/**
 * HOT. The keys of a join with the rows of its sides, or of the one side that it keeps, as far as bounds allow: keys and
 * rows per group, rows per key, bytes of long texts. What they drop is counted by the bound's name. Only rows that can
 * still be matched may be there when a row is added, so when the others are taken away cannot show.
 */
export class JoinBounds {
  readonly #keys: KeyTable;
  /** Where rows of both stand at one time, the first one's goes first. */
  readonly #sides: readonly JoinSide[];
  readonly #limits: StoreLimits;
  readonly #silent: SilentKeys;
  readonly #long: LongTexts;
  readonly #dropped: Record<string, number> = {};
  /** By a few bits of a key's first part: how many keys have them. */
  readonly #present = new Int32Array(FEW_BITS_VALUES);

  constructor(keys: KeyTable, sides: readonly JoinSide[], limits: StoreLimits) {
    this.#keys = keys;
    this.#sides = sides;
    this.#limits = limits;
    this.#silent = new SilentKeys(keys, limits.key_groups);
    this.#long = new LongTexts(limits.key_groups);
  }

  /** The key of a row that is to be kept, made where it is new; it stands behind all others of its group. */
  keyFor(tenant: number, parts: readonly number[]): number {
    return this.keyAt(this.#keys.findParts(tenant, parts));
  }

  /** The same where the keys have just been asked for it: `found` is what they gave. */
  keyAt(found: number): number {
    const keys = this.#keys;
    let key = found;
    if (key !== MISSING) this.#silent.remove(key, keys.groupOf(key));
    else {
      key = keys.create();
      this.#present[this.#bitsOf(key)]++;
      const own = keys.longBytesOf(key);
      if (own > 0) this.#long.add(key, keys.group, own);
    }
    this.#silent.add(key, keys.groupOf(key));
    return key;
  }

  /** Whether it is seen without a search that there is no such key: few are there in most joins. false says nothing. */
  hasNone(parts: readonly number[]): boolean {
    return this.#present[fewBitsOf(parts[0])] === 0;
  }

  #bitsOf(key: number): number {
    return fewBitsOf(this.#keys.ints === 0 ? undefined : this.#keys.part(key, 0));
  }

  /**
   * Whether a row without long texts, which leaves before any row of the other side comes, can be left out: no bound would
   * drop anything for it, and its key was not silent either way. `over`: so many others that have not left were left out.
   */
  passOver(found: number, over: number): boolean {
    const { rows_per_key, keys_per_group, rows_per_group } = this.#limits;
    const keys = this.#keys;
    const group = found === MISSING ? keys.group : keys.groupOf(found);
    if (this.#silent.rows[group] + over >= rows_per_group || keys.count[group] + over >= keys_per_group) return false;
    if (found === MISSING) return over < rows_per_key;
    if (this.#silent.rowsOf(found) + over >= rows_per_key) return false;
    this.#silent.remove(found, group);
    this.#silent.add(found, group);
    return true;
  }

  /** Whether passOver() would say so of a row whose key has no row, whatever its group is. */
  isFar(over: number): boolean {
    const { rows_per_key, keys_per_group, rows_per_group } = this.#limits;
    let rows = over;
    for (let k = 0; k < this.#sides.length; k++) rows += this.#sides[k].live;
    return over < rows_per_key && this.#keys.records.live + over < keys_per_group && rows < rows_per_group;
  }

  /** A side has got a row of the key that keyFor() gave last. */
  added(side: JoinSide, row: number, key: number): void {
    const { rows_per_key, keys_per_group, rows_per_group } = this.#limits;
    const { count } = this.#keys;
    const group = this.#keys.groupOf(key);
    this.#silent.rows[group]++;
    // Before any row goes: the first to go may be the one that came, and what goes takes its bytes with it.
    const bytes = side.longBytesOf(row);
    const isLong = bytes + this.#keys.longBytesOf(key) > 0;
    if (isLong) this.#long.add(key, group, bytes);
    if (this.#silent.rowsOf(key) > rows_per_key) this.#dropOldest(key, 'rows_per_key');
    while (count[group] > keys_per_group) this.#evict(this.#silent.longest(group), group, 'keys_per_group');
    while (this.#silent.rows[group] > rows_per_group && count[group] > 1) {
      this.#evict(this.#silent.longest(group), group, 'rows_per_group');
    }
    if (isLong) this.#boundLong(key, group);
  }

  /** A key that has all the long texts of its group loses its oldest rows. */
  #boundLong(key: number, group: number): void {
    while (this.#long.bytesOf(group) > this.#limits.text_bytes_per_group) {
      const oldest = this.#long.oldest(group);
      if (oldest !== key) this.#evict(oldest, group, 'text_bytes_per_group');
      else if (this.#silent.rowsOf(key) > 1) this.#dropOldest(key, 'text_bytes_per_group');
      else return;
    }
  }

  /** The oldest one of the key's first rows of all sides goes. */
  #dropOldest(key: number, bound: keyof DropCounters): void {
    const timeOf = (side: JoinSide) => {
      const row = side.oldestOf(key);
      return row < 0 ? Number.POSITIVE_INFINITY : side.timeOf(row);
    };
    const side = this.#sides.reduce((first, other) => (timeOf(other) < timeOf(first) ? other : first));
    this.remove(side, side.oldestOf(key));
    this.#drop(bound, 1);
  }

  /** Takes a row out; its key stays, also without any. */
  remove(side: JoinSide, row: number): void {
    const key = side.keyOf(row);
    const group = this.#keys.groupOf(key);
    if (this.#long.bytes > 0) this.#long.take(key, group, side.longBytesOf(row));
    side.remove(row);
    this.#silent.rows[group]--;
  }

  /** Takes a row out that can be matched no more; its key goes with its last row. */
  expire(side: JoinSide, row: number): void {
    const key = side.keyOf(row);
    this.remove(side, row);
    if (this.#silent.rowsOf(key) === 0) this.#free(key, this.#keys.groupOf(key));
  }

  #free(key: number, group: number): void {
    this.#silent.remove(key, group);
    if (this.#long.bytes > 0) this.#long.forget(key, group);
    this.#present[this.#bitsOf(key)]--;
    this.#keys.free(key);
  }

  /** A key goes, with its rows. */
  #evict(key: number, group: number, bound: keyof DropCounters): void {
    let count = 0;
    for (const side of this.#sides) {
      for (let row = side.oldestOf(key); row >= 0; row = side.oldestOf(key)) {
        this.remove(side, row);
        count++;
      }
    }
    this.#free(key, group);
    this.#drop(bound, bound === 'keys_per_group' ? 1 : count);
  }

  #drop(bound: keyof DropCounters, count: number): void {
    this.#dropped[bound] = (this.#dropped[bound] ?? 0) + count;
  }

  get drops(): DropCounters {
    return this.#dropped;
  }

  get allocated_bytes(): number {
    return this.#long.allocated_bytes;
  }

  snapshot(): Snapshot {
    return {
      silent: this.#silent.snapshot(),
      long: this.#long.snapshot(),
      drops: { ...this.#dropped },
    };
  }

  /** The keys must have been restored. */
  restore(snapshot: Snapshot): void {
    const isLive = this.#keys.records.liveRecords();
    for (let key = 0; key < isLive.length; key++) {
      if (isLive[key] === 1) this.#present[this.#bitsOf(key)]++;
    }
    const from = snapshot as { silent: Snapshot; long: Snapshot; drops: DropCounters };
    this.#silent.restore(from.silent);
    this.#long.restore(from.long);
    Object.assign(this.#dropped, from.drops);
  }
}
