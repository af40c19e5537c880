import type { Snapshot } from '../snapshot.ts';

/** A key with a long text, and how many bytes its long texts take: its own, and those of its rows. */
type Held = Map<number, number>;

/** Of an entry of a Map: key, bytes, the next one, and half a bucket. */
const ENTRY_BYTES = 28;

/**
 * What the long texts take that the keys of one table and their rows hold (limits.text_bytes_per_group), by key group. Each
 * row counts what it holds, also where another one holds the same text: so it follows from the rows of the group alone, and
 * cannot show which texts the dictionary shares. Keys without a long text are not there, and cost nothing.
 */
export class LongTexts {
  /** By key group; keys in the order in which their last long text came. null: none in the group. */
  readonly #keys: (Held | null)[];
  readonly #bytes: Float64Array;
  /** Of all groups together. */
  bytes = 0;

  constructor(groups: number) {
    this.#keys = Array.from({ length: groups }, () => null);
    this.#bytes = new Float64Array(groups);
  }

  /** Of a key group. */
  bytesOf(group: number): number {
    return this.#bytes[group];
  }

  /**
   * A row of the key came, and the row or the key has long texts: the key stands behind all others of its group.
   * `bytes`: those that were not counted yet.
   */
  add(key: number, group: number, bytes: number): void {
    this.#keys[group] ??= new Map();
    const held = this.#keys[group];
    const before = held.get(key) ?? 0;
    held.delete(key);
    held.set(key, before + bytes);
    this.#bytes[group] += bytes;
    this.bytes += bytes;
  }

  /** A row of the key with so many bytes of long texts has left. */
  take(key: number, group: number, bytes: number): void {
    const before = this.#keys[group]?.get(key);
    if (bytes === 0 || before === undefined) return;
    if (before > bytes) this.#keys[group]?.set(key, before - bytes);
    else this.#keys[group]?.delete(key);
    this.#bytes[group] -= bytes;
    this.bytes -= bytes;
  }

  /** The key goes, with its rows. */
  forget(key: number, group: number): void {
    const held = this.#keys[group];
    if (held === null) return;
    this.take(key, group, held.get(key) ?? 0);
    if (held.size === 0) this.#keys[group] = null;
  }

  /** The key whose last long text came longest ago; there must be one. */
  oldest(group: number): number {
    const [key] = (this.#keys[group] as Held).keys();
    return key;
  }

  get allocated_bytes(): number {
    return this.#keys.reduce((sum, held) => sum + (held === null ? 0 : ENTRY_BYTES * 2 * held.size), 0);
  }

  /** Group, key and bytes of each key, in the order of their groups and then of the keys in theirs. */
  snapshot(): Snapshot {
    const count = this.#keys.reduce((sum, held) => sum + (held?.size ?? 0), 0);
    const groups = new Int32Array(count);
    const keys = new Int32Array(count);
    const bytes = new Float64Array(count);
    let n = 0;
    this.#keys.forEach((held, group) => {
      for (const [key, taken] of held ?? []) {
        groups[n] = group;
        keys[n] = key;
        bytes[n++] = taken;
      }
    });
    return { groups, keys, bytes };
  }

  restore(snapshot: Snapshot): void {
    const { groups, keys, bytes } = snapshot as { groups: Int32Array; keys: Int32Array; bytes: Float64Array };
    this.#keys.fill(null);
    this.#bytes.fill(0);
    this.bytes = 0;
    for (let n = 0; n < keys.length; n++) this.add(keys[n], groups[n], bytes[n]);
  }
}
