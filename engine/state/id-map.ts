import type { Snapshot } from '../snapshot.ts';

/** Segments, by the upper bits of an id's hash: each grows by itself, so that nothing large is ever copied at once. */
const SEGMENT_BITS = 6;
const SEGMENTS = 1 << SEGMENT_BITS;
/** Places of the smallest segment that has any. */
const SMALLEST = 4;
/** How full a segment may be, and how many more than it has then a rebuilt one has room for. */
const FULL = 0.8;
const ROOM = 1.5;
/** So few of its places are taken in a segment that is made smaller. */
const SPARSE = 0.25;

const NO_PLACES = new Int32Array(0);

/**
 * HOT. A number for each dictionary id, 0 where none was set: open addressing, an id and its number side by side, some 12
 * bytes for each id that has one. Pages of all ids, of which those without a number were left out, took 4 to 250: where one
 * id in forty has a number, hardly a page of 64 is without one. Ids are given by the dictionary in the order of arrival and
 * mixed well, so that nobody chooses who stands beside whom.
 */
export class IdMap {
  /** By segment: id (0: empty) and number in turns. */
  readonly #segments: Int32Array[] = new Array(SEGMENTS).fill(NO_PLACES);
  /** By segment: ids in it. */
  readonly #used = new Int32Array(SEGMENTS);
  /** By segment: a snapshot has it, and it is copied before it is written to. */
  readonly #isShared = new Uint8Array(SEGMENTS);

  get(id: number): number {
    const hash = mixed(id);
    const places = this.#segments[hash >>> (32 - SEGMENT_BITS)];
    if (places.length === 0) return 0;
    for (let at = startOf(hash, places); places[at] !== 0; at = behind(at, places)) {
      if (places[at] === id) return places[at + 1];
    }
    return 0;
  }

  /** `number` is above 0, or 0 for an id that has one. */
  set(id: number, number: number): void {
    const hash = mixed(id);
    const segment = hash >>> (32 - SEGMENT_BITS);
    if (this.#isShared[segment] === 1) this.#replace(segment, this.#segments[segment].slice());
    if (number === 0) this.#delete(segment, id, hash);
    else this.#put(segment, id, hash, number);
  }

  #put(segment: number, id: number, hash: number, number: number): void {
    if (2 * (this.#used[segment] + 1) > FULL * this.#segments[segment].length) this.#rebuild(segment);
    const places = this.#segments[segment];
    let at = startOf(hash, places);
    while (places[at] !== 0 && places[at] !== id) at = behind(at, places);
    if (places[at] === 0) this.#used[segment]++;
    places[at] = id;
    places[at + 1] = number;
  }

  /** Removes an id and moves back those behind it that may now stand nearer to their place. */
  #delete(segment: number, id: number, hash: number): void {
    const places = this.#segments[segment];
    let hole = startOf(hash, places);
    while (places[hole] !== id) hole = behind(hole, places);
    for (let at = behind(hole, places); places[at] !== 0; at = behind(at, places)) {
      const home = startOf(mixed(places[at]), places);
      if (distance(home, at, places) < distance(hole, at, places)) continue;
      places[hole] = places[at];
      places[hole + 1] = places[at + 1];
      hole = at;
    }
    places[hole] = 0;
    if (2 * --this.#used[segment] < SPARSE * places.length && places.length > 2 * SMALLEST) this.#rebuild(segment);
  }

  #rebuild(segment: number): void {
    const old = this.#segments[segment];
    // Segments fill alike: by this they do not all grow within moments.
    const phase = 1 + (ROOM - 1) * (segment / SEGMENTS);
    const room = old.length === 0 ? SMALLEST * phase : ROOM * (this.#used[segment] + 1);
    const places = new Int32Array(2 * Math.max(SMALLEST, Math.ceil(room / FULL)));
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let at = startOf(mixed(old[from]), places);
      while (places[at] !== 0) at = behind(at, places);
      places[at] = old[from];
      places[at + 1] = old[from + 1];
    }
    this.#replace(segment, places);
  }

  #replace(segment: number, places: Int32Array): void {
    this.#segments[segment] = places;
    this.#isShared[segment] = 0;
  }

  get allocated_bytes(): number {
    return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Copies nothing now: a segment is copied when it is written to. */
  snapshot(): Snapshot {
    this.#isShared.fill(1);
    return { segments: [...this.#segments], used: this.#used.slice() };
  }

  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared = true): void {
    const from = snapshot as { segments: readonly Int32Array[]; used: Int32Array };
    from.segments.forEach((places, segment) => {
      this.#segments[segment] = places;
    });
    this.#used.set(from.used);
    this.#isShared.fill(isShared ? 1 : 0);
  }
}

/** MurmurHash3's last step: every bit of an id decides about every bit. */
function mixed(id: number): number {
  let hash = Math.imul(id ^ (id >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Where the search for a hash begins: as far into the segment as its lower bits are into all numbers of so many. */
function startOf(hash: number, places: Int32Array): number {
  return 2 * Math.floor((hash & LOWER) * (places.length * SHARE));
}

const LOWER = (1 << (32 - SEGMENT_BITS)) - 1;
const SHARE = 0.5 / (LOWER + 1);

function behind(at: number, places: Int32Array): number {
  return at + 2 === places.length ? 0 : at + 2;
}

/** From one place on to another, around the end. */
function distance(from: number, to: number, places: Int32Array): number {
  return to >= from ? to - from : to - from + places.length;
}
