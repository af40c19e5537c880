/** Each power of two is divided into 2^6 equal bins: the middle of a bin is within 1/128 of every value in it. */
const BIN_BITS = 6;
/** Bins of one sign. Beyond them those of the least magnitude are taken together. */
const MOST_BINS = 2048;

/** A double's bytes, the most significant first. */
const bytes = new DataView(new ArrayBuffer(8));
/** Of the first 32 bits of a double: sign, exponent and so many bits of the mantissa. */
const MANTISSA_HIGH_BITS = 20;
const REST_BITS = MANTISSA_HIGH_BITS - BIN_BITS;

/** The number of a positive value's bin: its exponent and the first bits of its mantissa. Rises with the value. */
function binOf(value: number): number {
  bytes.setFloat64(0, value);
  return bytes.getUint32(0) >>> REST_BITS;
}

/** The middle of a bin; what lies beyond the greatest number is infinite. */
function middleOf(bin: number): number {
  bytes.setUint32(0, (bin << REST_BITS) | (1 << (REST_BITS - 1)));
  bytes.setUint32(4, 0);
  const middle = bytes.getFloat64(0);
  return Number.isNaN(middle) ? Number.POSITIVE_INFINITY : middle;
}

/**
 * Quantiles of numbers in bounded memory: DDSketch (Masson, Rim, Lee 2019, "A fast and fully-mergeable quantile sketch
 * with relative-error guarantees") with the linearly interpolated mapping of its section on speed, which needs no
 * logarithm and so gives the same bits on every machine. It depends only on the multiset of values: order, and how
 * sketches were merged, cannot show.
 *
 * A quantile is the value of rank ceil(q * n) (the least one for q = 0), with a relative error of at most 1/128
 * (0.8 %); the least and the greatest value are exact. This holds as long as values of one sign spread over no more
 * than 32 powers of two; beyond that the values of the least magnitude are taken together, those of the greatest stay.
 */
export class QuantileSketch {
  readonly #positive = new Bins();
  readonly #negative = new Bins();
  #zeros = 0;
  #count = 0;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;

  /** @param value not NaN */
  add(value: number): void {
    this.#count++;
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
    if (value === 0) this.#zeros++;
    else if (value > 0) this.#positive.add(binOf(value), 1);
    else this.#negative.add(binOf(-value), 1);
  }

  /** Takes in what the other has seen; the other stays as it is. */
  merge(other: QuantileSketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    this.#least = Math.min(this.#least, other.#least);
    this.#greatest = Math.max(this.#greatest, other.#greatest);
    this.#positive.merge(other.#positive);
    this.#negative.merge(other.#negative);
  }

  /** @param q from 0 to 1. null over no values. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    if (rank === 1) return this.#least;
    if (rank === this.#count) return this.#greatest;
    return Math.min(this.#greatest, Math.max(this.#least, this.#valueAt(rank)));
  }

  /** Negative values lie before zero, those of great magnitude first. */
  #valueAt(rank: number): number {
    let left = rank;
    for (const [bin, count] of this.#negative.sorted().reverse()) {
      left -= count;
      if (left <= 0) return -middleOf(bin);
    }
    left -= this.#zeros;
    if (left <= 0) return 0;
    for (const [bin, count] of this.#positive.sorted()) {
      left -= count;
      if (left <= 0) return middleOf(bin);
    }
    return this.#greatest;
  }
}

/**
 * Counts by bin. The MOST_BINS greatest are exact; what lies below them is counted in the least of them. They are taken
 * together only when there are twice as many, or when they are read: which of them was counted when cannot show.
 */
class Bins {
  readonly #counts = new Map<number, number>();

  add(bin: number, count: number): void {
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + count);
    if (this.#counts.size > 2 * MOST_BINS) this.#bound();
  }

  merge(other: Bins): void {
    for (const [bin, count] of other.#counts) this.add(bin, count);
  }

  /** From the least bin to the greatest. */
  sorted(): [bin: number, count: number][] {
    this.#bound();
    return [...this.#counts].sort(([a], [b]) => a - b);
  }

  #bound(): void {
    if (this.#counts.size <= MOST_BINS) return;
    const sorted = [...this.#counts].sort(([a], [b]) => b - a);
    const [least] = sorted[MOST_BINS - 1];
    let below = 0;
    for (const [bin, count] of sorted.slice(MOST_BINS)) {
      below += count;
      this.#counts.delete(bin);
    }
    this.#counts.set(least, (this.#counts.get(least) as number) + below);
  }
}
