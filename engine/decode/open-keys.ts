import { limits } from '../limits.ts';

/** Keys of all open objects at one time, and of one object, beyond which add() gives up. */
const OPEN_KEYS = 4_096;
const KEYS = 256;

/** HOT. The keys of the objects that are open, by their hashes: whether one stands twice in its object. */
export class OpenKeys {
  /** Hashes of the keys of all open objects, and by depth where those of an object begin. */
  readonly #hashes = new Int32Array(OPEN_KEYS);
  readonly #first = new Int32Array(limits.json_depth + 2);
  #count = 0;
  /** By depth: a bit for each hash seen, by its lowest five bits. */
  readonly #seen = new Int32Array(limits.json_depth + 2);

  /** Nothing is open. */
  begin(): void {
    this.#count = 0;
  }

  open(depth: number): void {
    this.#first[depth] = this.#count;
    this.#seen[depth] = 0;
  }

  close(depth: number): void {
    this.#count = this.#first[depth];
  }

  /** Whether the object at this depth, the innermost one, has no key so far. */
  isEmpty(depth: number): boolean {
    return this.#count === this.#first[depth];
  }

  /** Adds a key to the innermost object; false where it may stand there already, or there are too many to say. */
  add(hash: number, depth: number): boolean {
    const first = this.#first[depth];
    const bit = 1 << (hash & 31);
    if ((this.#seen[depth] & bit) !== 0) {
      for (let k = first; k < this.#count; k++) if (this.#hashes[k] === hash) return false;
    }
    if (this.#count === OPEN_KEYS || this.#count - first === KEYS) return false;
    this.#seen[depth] |= bit;
    this.#hashes[this.#count++] = hash;
    return true;
  }
}
