import type { Column } from '../batch.ts';
import { columnOf } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { IdMap } from './id-map.ts';
import { type JoinedTables, joinTables, splitTables } from './joined-tables.ts';
import { contentHash, groupOf, hashNumber, mix, mixHalves, mixSalted } from './key-hash.ts';
import { Records, SEGMENT_BITS, SEGMENT_MASK } from './records.ts';

/** What find() says when it gives no key. */
export const MISSING = -1;
export const NULL_KEY = -2;
export const OTHER_SHARD = -3;

/** Ints of a key, counted from the first int behind its parts. */
export const KEY_NEWEST = 0;
export const KEY_COUNT = 1;
/** Rows that have left from the old end: the ordinal of the oldest row still there. */
export const KEY_REMOVED = 2;
/** The key's block once it is not cold; 0: none (hot-blocks.ts). */
export const KEY_BLOCK = 3;
const KEY_TENANT = 4;
/** Its upper eight bits are those of the content's hash and name the key group, the others say the place in its table. */
const KEY_HASH = 5;
/** From here on one bit per calendar of window ends (fold/window-ends.ts). */
export const KEY_MARKS = 6;

const GROUP_BITS = 0xff000000;

/** Of a group without keys in its table. */
const NO_TABLE = new Int32Array(0);

/** A table at most half full has chains far shorter than this, unless somebody chose its keys. */
const MOST_STEPS = 256;

/**
 * HOT. Keys of one key expression: dense numbers for (tenant, parts). A key with a single id part is found directly by
 * that id for the tenant that was seen first, any other by open addressing in one small table per key group, so that
 * no large table is ever rehashed. The group is a hash of the key's content, the same in every run (S14). The place in a
 * table is a hash of numbers that the dictionary gave in the order of arrival: whoever chooses texts whose contents have
 * one hash gets one group, and not one place in it. Numbers that are parts of a key are chosen by who sends them: a group
 * in which a chain grows long turns to another salt and places its keys anew.
 */
export class KeyTable {
  /** Who writes into them beside set() owns their segment first: snapshots share them. */
  readonly records: Records;
  /** Int offset of KEY_NEWEST in a record. */
  readonly ints: number;
  readonly #columns: readonly number[];
  readonly #isId: readonly boolean[];
  readonly #isDirect: boolean;
  readonly #symbols: Symbols;
  readonly #shard: number;
  readonly #shards: number;
  /** Groups are a power of two, at most 256. */
  readonly #groups: number;
  #sources: Column[] = [];
  /** The only source of a single id part: a field of one type, because every row reads it. */
  #ids: Int32Array = new Int32Array(0);
  /** Single id part of the first tenant: by id, key + 1. */
  readonly #direct = new IdMap();
  #directTenant = 0;
  /** Per group: key + 1, or 0. */
  readonly #tables: Int32Array[];
  readonly #inTable: Int32Array;
  /** Per group: 0, or how often its keys were placed anew. Only where numbers are parts of a key. */
  readonly #salts: Int32Array;
  readonly #hasNumbers: boolean;
  readonly count: Int32Array;
  created = 0;
  /** Of the last warm(). */
  warmed = new Int32Array(0);
  /** Keeps the compiler from leaving out the reads of warm(). */
  touched = 0;
  /** What the last find() that returned MISSING was looking for. */
  readonly #parts: Float64Array;
  #tenant = 0;
  #tenants: Int32Array = new Int32Array(0);
  #hash = 0;
  group = 0;

  constructor(
    columns: readonly number[],
    isId: readonly boolean[],
    marks: number,
    place: { shard: number; shards: number; groups: number },
    symbols: Symbols,
  ) {
    this.#columns = columns;
    this.#isDirect = columns.length === 1 && isId[0];
    this.#isId = isId;
    this.#symbols = symbols;
    this.#shard = place.shard;
    this.#shards = place.shards;
    this.#groups = place.groups;
    this.ints = columns.length * 2;
    this.records = new Records(columns.length + ((KEY_MARKS + marks + 1) >> 1));
    this.#parts = new Float64Array(columns.length);
    this.#tables = Array.from({ length: place.groups }, () => NO_TABLE);
    this.#inTable = new Int32Array(place.groups);
    this.#salts = new Int32Array(place.groups);
    this.#hasNumbers = isId.includes(false);
    this.count = new Int32Array(place.groups);
  }

  /** Must be called before keys of a batch's rows are looked up. */
  bind(rows: StreamRows): void {
    this.#sources = this.#columns.map((column) => columnOf(rows, column));
    if (this.#isDirect) this.#ids = this.#sources[0] as Int32Array;
    this.#tenants = rows.owner ?? rows.tenant;
  }

  /** The key of row i, or MISSING (create() makes it), NULL_KEY (it joins no group) or OTHER_SHARD. */
  find(i: number): number {
    const tenant = this.#tenants[i];
    if (this.#isDirect) {
      const id = this.#ids[i];
      if (id === 0) return NULL_KEY;
      if (tenant === this.#directTenant) {
        const entry = this.#direct.get(id);
        if (entry > 0) return entry - 1;
      }
    }
    // contentHash() in one pass with the search for NULL.
    let hash = mix(0, this.#symbols.hashOf(tenant));
    for (let k = 0; k < this.#sources.length; k++) {
      // Adding 0 makes -0 and 0 one key.
      const raw = this.#sources[k][i] + 0;
      if (this.#isId[k] ? raw === 0 : Number.isNaN(raw)) return NULL_KEY;
      this.#parts[k] = raw;
      hash = mix(hash, this.#isId[k] ? this.#symbols.hashOf(raw) : hashNumber(raw));
    }
    this.group = groupOf(hash, this.#groups);
    if (this.#shards > 1 && this.group % this.#shards !== this.#shard) return OTHER_SHARD;
    this.#tenant = tenant;
    this.#hash = (hash & GROUP_BITS) | this.#placeOf(tenant);
    return this.#isDirect && tenant === this.#directTenant ? MISSING : this.#probe();
  }

  /** Where a key of #parts stands in its group's table. */
  #placeOf(tenant: number): number {
    let place = mix(0, tenant);
    const salt = this.#salts[this.group];
    for (let k = 0; k < this.#parts.length; k++) {
      const part = this.#parts[k];
      if (this.#isId[k]) place = mix(place, part);
      else place = salt === 0 ? mixHalves(place, part) : mixSalted(place, part, salt);
    }
    return place & ~GROUP_BITS;
  }

  /** The same for a key whose parts stand in no row, none of them NULL. `group` is its group where it is MISSING. */
  findParts(tenant: number, parts: readonly number[]): number {
    if (this.#isDirect && tenant === this.#directTenant && this.#shards === 1) {
      const known = this.#direct.get(parts[0]);
      if (known > 0) return known - 1;
    }
    for (let k = 0; k < parts.length; k++) this.#parts[k] = parts[k] + 0;
    const hash = contentHash(this.#symbols, tenant, this.#parts, this.#isId);
    this.group = groupOf(hash, this.#groups);
    if (this.#shards > 1 && this.group % this.#shards !== this.#shard) return OTHER_SHARD;
    this.#tenant = tenant;
    this.#hash = (hash & GROUP_BITS) | this.#placeOf(tenant);
    if (!this.#isDirect || tenant !== this.#directTenant) return this.#probe();
    const entry = this.#direct.get(parts[0]);
    return entry > 0 ? entry - 1 : MISSING;
  }

  /**
   * Touches what find() and the fold will read of these rows' keys, in loops without dependent reads: main memory is
   * far, and so the waits overlap instead of adding up. Changes nothing. Leaves the blocks of the rows' keys in
   * `warmed` (0 or less: none); returns how many entries there are.
   */
  warm(list: Int32Array, count: number): number {
    if (!this.#isDirect || this.#shards > 1) return 0;
    if (this.warmed.length < count) this.warmed = new Int32Array(count * 2);
    const source = this.#ids;
    const direct = this.#direct;
    const warmed = this.warmed;
    for (let n = 0; n < count; n++) warmed[n] = direct.get(source[list[n]]) - 1;
    let touched = 0;
    for (let n = 0; n < count; n++) {
      const key = warmed[n];
      if (key >= 0) {
        const at = (key & SEGMENT_MASK) * this.records.stride * 2 + this.ints;
        warmed[n] = this.records.ints[key >> SEGMENT_BITS][at + KEY_BLOCK];
      } else touched += this.#symbols.hashOf(source[list[n]]);
    }
    this.touched = touched;
    return count;
  }

  #probe(): number {
    const table = this.#tables[this.group];
    if (table.length === 0) return MISSING;
    const mask = table.length - 1;
    for (let slot = this.#hash & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#matches(table[slot] - 1)) return table[slot] - 1;
    }
    return MISSING;
  }

  #matches(key: number): boolean {
    const at = (key & SEGMENT_MASK) * this.records.stride;
    const ints = this.records.ints[key >> SEGMENT_BITS];
    if (ints[2 * at + this.ints + KEY_HASH] !== this.#hash) return false;
    if (ints[2 * at + this.ints + KEY_TENANT] !== this.#tenant) return false;
    const doubles = this.records.doubles[key >> SEGMENT_BITS];
    for (let k = 0; k < this.#parts.length; k++) if (doubles[at + k] !== this.#parts[k]) return false;
    return true;
  }

  /** Makes the key that find() missed; it has no rows yet. */
  create(): number {
    const key = this.records.allocate();
    this.records.own(key >> SEGMENT_BITS);
    const at = (key & SEGMENT_MASK) * this.records.stride;
    const doubles = this.records.doubles[key >> SEGMENT_BITS];
    for (let k = 0; k < this.#parts.length; k++) doubles[at + k] = this.#parts[k];
    const ints = this.records.ints[key >> SEGMENT_BITS];
    const base = 2 * at + this.ints;
    for (let word = base; word < 2 * (at + this.records.stride); word++) ints[word] = 0;
    ints[base + KEY_NEWEST] = -1;
    ints[base + KEY_TENANT] = this.#tenant;
    ints[base + KEY_HASH] = this.#hash;
    this.created++;
    this.count[this.group]++;
    if (this.#directTenant === 0) this.#directTenant = this.#tenant;
    if (this.#isDirect && this.#tenant === this.#directTenant) this.#direct.set(this.#parts[0], key + 1);
    else this.#insert(key);
    return key;
  }

  #insert(key: number): void {
    const group = this.groupOf(key);
    if (++this.#inTable[group] * 2 > this.#tables[group].length) {
      const old = this.#tables[group];
      this.#tables[group] = new Int32Array(Math.max(8, old.length * 2));
      for (const entry of old) if (entry !== 0) this.#put(this.#tables[group], entry - 1);
    }
    const steps = this.#put(this.#tables[group], key);
    if (steps > MOST_STEPS && this.#hasNumbers) this.#placeAnew(group);
  }

  /** Returns how far from its place it stands. */
  #put(table: Int32Array, key: number): number {
    const mask = table.length - 1;
    const home = this.get(key, KEY_HASH) & mask;
    let slot = home;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = key + 1;
    return (slot - home) & mask;
  }

  /** The group's keys with another salt. It follows from the keys that came, and cannot show in any result. */
  #placeAnew(group: number): void {
    this.#salts[group]++;
    const old = this.#tables[group];
    this.#tables[group] = new Int32Array(old.length);
    for (const entry of old) {
      if (entry === 0) continue;
      const key = entry - 1;
      for (let k = 0; k < this.#parts.length; k++) this.#parts[k] = this.part(key, k);
      this.set(key, KEY_HASH, (this.get(key, KEY_HASH) & GROUP_BITS) | this.#placeOf(this.tenantOf(key)));
      this.#put(this.#tables[group], key);
    }
  }

  /** Forgets a key without rows and states; its number may be given again. */
  free(key: number): void {
    const group = this.groupOf(key);
    this.count[group]--;
    if (this.#isDirect && this.get(key, KEY_TENANT) === this.#directTenant) this.#direct.set(this.part(key, 0), 0);
    else this.#take(this.#tables[group], key, group);
    for (let word = KEY_MARKS; word < this.records.stride * 2 - this.ints; word++) this.set(key, word, 0);
    this.records.free(key);
  }

  /** What the long texts of a key take (limits.text_bytes_per_group). */
  longBytesOf(key: number): number {
    if (!this.#symbols.hasLong) return 0;
    let bytes = this.#symbols.longBytesOf(this.tenantOf(key));
    for (let k = 0; k < this.#isId.length; k++) {
      if (this.#isId[k]) bytes += this.#symbols.longBytesOf(this.part(key, k));
    }
    return bytes;
  }

  /** Removes an entry and moves back those behind it that may now stand nearer to their place. */
  #take(table: Int32Array, key: number, group: number): void {
    const mask = table.length - 1;
    let hole = this.get(key, KEY_HASH) & mask;
    while (table[hole] !== key + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.get(table[slot] - 1, KEY_HASH) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      table[hole] = table[slot];
      hole = slot;
    }
    table[hole] = 0;
    this.#inTable[group]--;
  }

  get(key: number, field: number): number {
    return this.records.ints[key >> SEGMENT_BITS][(key & SEGMENT_MASK) * this.records.stride * 2 + this.ints + field];
  }

  set(key: number, field: number, value: number): void {
    this.records.own(key >> SEGMENT_BITS);
    this.records.ints[key >> SEGMENT_BITS][(key & SEGMENT_MASK) * this.records.stride * 2 + this.ints + field] = value;
  }

  groupOf(key: number): number {
    return groupOf(this.get(key, KEY_HASH), this.#groups);
  }

  tenantOf(key: number): number {
    return this.get(key, KEY_TENANT);
  }

  part(key: number, k: number): number {
    return this.records.doubles[key >> SEGMENT_BITS][(key & SEGMENT_MASK) * this.records.stride + k];
  }

  /** Records of live keys and the tables that find them. */
  get live_bytes(): number {
    return this.records.live * this.records.stride * 8 + this.allocated_bytes - this.records.allocated_bytes;
  }

  get allocated_bytes(): number {
    const tables = this.#tables.reduce((sum, table) => sum + table.byteLength, 0);
    return this.records.allocated_bytes + this.#direct.allocated_bytes + tables;
  }

  /** Marks the dictionary ids of all keys, and of the tenant that is found directly, also while it has no key. */
  markUsed(used: Uint8Array): void {
    used[this.#directTenant] = 1;
    const isLive = this.records.liveRecords();
    for (let key = 0; key < isLive.length; key++) {
      if (isLive[key] === 0) continue;
      used[this.tenantOf(key)] = 1;
      for (let k = 0; k < this.#isId.length; k++) if (this.#isId[k]) used[this.part(key, k)] = 1;
    }
  }

  snapshot(): Snapshot {
    return {
      records: this.records.shareSnapshot(),
      direct: this.#direct.snapshot(),
      directTenant: this.#directTenant,
      ...joinTables(this.#tables),
      inTable: this.#inTable.slice(),
      salts: this.#salts.slice(),
      count: this.count.slice(),
      created: this.created,
    };
  }

  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as {
      records: Snapshot;
      direct: Snapshot;
      directTenant: number;
      inTable: Int32Array;
      salts: Int32Array;
      count: Int32Array;
      created: number;
    } & JoinedTables;
    this.records.shareRestore(from.records, isShared);
    this.#direct.restore(from.direct, isShared);
    this.#directTenant = from.directTenant;
    splitTables(from).forEach((table, group) => {
      this.#tables[group] = table.length === 0 ? NO_TABLE : table;
    });
    this.#inTable.set(from.inTable);
    this.#salts.set(from.salts);
    this.count.set(from.count);
    this.created = from.created;
  }
}
