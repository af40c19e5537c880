import type { Snapshot } from '../snapshot.ts';

interface RecordsSnapshot {
  readonly stride: number;
  readonly used: number;
  readonly capacity: number;
  readonly freed: Int32Array;
  readonly live: number;
  readonly segments: Int32Array[];
}

/** HOT. Records per segment where nothing else is said: 8192, so that growth never copies more than one small segment. */
export const SEGMENT_BITS = 13;
export const SEGMENT_MASK = (1 << SEGMENT_BITS) - 1;

/**
 * Fixed-size records of doubles and ints in segments, addressed by number. Record n stands in segment
 * n >> bits at (n & mask) * stride; three views show the same memory as doubles, ints and bytes.
 * The first segment doubles until it is full, every further one is allocated whole: no large copy ever stops the fold.
 * A snapshot shares the segments with the table; whoever writes into one owns it first (`own`), which then copies it.
 * Freed records stand on a stack and are given again, the last one first; freeing one does not touch its memory.
 */
export class Records {
  /** Doubles per record; ints per record are twice, bytes eight times as many. */
  readonly stride: number;
  /** Binary logarithm of the records in a segment, and the mask of a record's place in its segment. */
  readonly bits: number;
  readonly mask: number;
  readonly ints: Int32Array[] = [];
  readonly doubles: Float64Array[] = [];
  readonly bytes: Uint8Array[] = [];
  /** 1: a snapshot shares the segment. */
  #shared = new Uint8Array(16);
  #capacity = 0;
  #used = 0;
  #freed = new Int32Array(16);
  #free = 0;
  /** Records in use. */
  live = 0;

  constructor(stride_doubles: number, bits: number = SEGMENT_BITS) {
    this.stride = stride_doubles;
    this.bits = bits;
    this.mask = (1 << bits) - 1;
  }

  /** The number of a record with undefined content. */
  allocate(): number {
    this.live++;
    if (this.#free > 0) return this.#freed[--this.#free];
    if (this.#used === this.#capacity) this.#grow();
    return this.#used++;
  }

  free(record: number): void {
    this.live--;
    if (this.#free === this.#freed.length) {
      const grown = new Int32Array(this.#free * 2);
      grown.set(this.#freed);
      this.#freed = grown;
    }
    this.#freed[this.#free++] = record;
  }

  /** Must be called before anything is written into the segment; its views may be others afterwards. */
  own(segment: number): void {
    if (this.#shared[segment] === 1) this.#unshare(segment);
  }

  #unshare(segment: number): void {
    this.#shared[segment] = 0;
    this.#setSegment(segment, this.ints[segment].slice().buffer);
  }

  get allocated_bytes(): number {
    return this.#capacity * this.stride * 8;
  }

  /** By record, up to the last one that was given: 1 where it is in use. For passes over all of them in the order of memory. */
  liveRecords(): Uint8Array {
    const isLive = new Uint8Array(this.#used).fill(1);
    for (let k = 0; k < this.#free; k++) isLive[this.#freed[k]] = 0;
    return isLive;
  }

  #grow(): void {
    const whole = 1 << this.bits;
    this.#shared[0] = this.#capacity < whole ? 0 : this.#shared[0];
    if (this.#capacity >= whole) {
      this.#setSegment(this.ints.length, new ArrayBuffer(whole * this.stride * 8));
      this.#capacity += whole;
      return;
    }
    // Large records (a ring of thousands of times) begin with few, small ones with enough for a small store.
    const capacity = Math.max(1, Math.min(16, 8192 >> Math.ceil(Math.log2(this.stride))), this.#capacity * 2);
    const buffer = new ArrayBuffer(capacity * this.stride * 8);
    if (this.#capacity > 0) new Uint8Array(buffer).set(this.bytes[0]);
    this.#setSegment(0, buffer);
    this.#capacity = capacity;
  }

  #setSegment(segment: number, buffer: ArrayBuffer): void {
    if (segment >= this.#shared.length) this.#widen();
    this.ints[segment] = new Int32Array(buffer);
    this.doubles[segment] = new Float64Array(buffer);
    this.bytes[segment] = new Uint8Array(buffer);
  }

  #widen(): void {
    const wider = new Uint8Array(this.#shared.length * 2);
    wider.set(this.#shared);
    this.#shared = wider;
  }

  /** Copies every segment: for records that are written to all over the place. */
  snapshot(): Snapshot {
    return this.#snapshotOf(this.ints.map((ints) => ints.slice()));
  }

  /** Copies nothing now; a segment is copied when it is next written into. For records that are seldom changed. */
  shareSnapshot(): Snapshot {
    this.#shared.fill(1, 0, this.ints.length);
    return this.#snapshotOf([...this.ints]);
  }

  #snapshotOf(segments: Int32Array[]): Snapshot {
    return {
      stride: this.stride,
      used: this.#used,
      capacity: this.#capacity,
      freed: this.#freed.slice(0, this.#free),
      live: this.live,
      segments,
    };
  }

  /**
   * Copies the segments, unless nobody else has the snapshot's memory. Throws where records of another size were saved:
   * nothing in them stands where it is looked for.
   */
  restore(snapshot: Snapshot, isShared = true): void {
    this.#restoreCounts(snapshot as unknown as RecordsSnapshot).forEach((ints, segment) => {
      this.#setSegment(segment, isShared ? new Int32Array(ints).buffer : wholeBuffer(ints));
    });
  }

  /** Copies nothing now, as shareSnapshot(): for records that are owned before they are written to. */
  shareRestore(snapshot: Snapshot, isShared = true): void {
    this.#restoreCounts(snapshot as unknown as RecordsSnapshot).forEach((ints, segment) => {
      this.#setSegment(segment, wholeBuffer(ints));
      this.#shared[segment] = isShared ? 1 : 0;
    });
  }

  #restoreCounts(from: RecordsSnapshot): readonly Int32Array[] {
    if (from.stride !== this.stride) {
      throw new Error(`its records have ${from.stride} doubles, and those of this version of Weir have ${this.stride}`);
    }
    this.#used = from.used;
    this.#capacity = from.capacity;
    this.#free = from.freed.length;
    this.#freed = new Int32Array(Math.max(16, this.#free));
    this.#freed.set(from.freed);
    this.live = from.live;
    for (const views of [this.ints, this.doubles, this.bytes]) views.length = 0;
    this.#shared.fill(0);
    return from.segments;
  }
}

/** The buffer of an array that is all of it; else a copy. */
export function wholeBuffer(ints: Int32Array): ArrayBuffer {
  const { buffer, byteLength } = ints;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : new Int32Array(ints).buffer;
}
