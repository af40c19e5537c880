/** Callers that are remembered; beyond it the one that was silent longest is forgotten, and begins with a full bucket. */
const most_callers = 10_000;

interface Bucket {
  tokens: number;
  at_ms: number;
}

/** A token bucket for each caller: `per_second` in the long run, and `burst` at once. */
export class RateLimit {
  readonly #per_second: number;
  readonly #burst: number;
  readonly #now_ms: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now_ms a clock that does not step back */
  constructor(per_second: number, burst: number, now_ms: () => number) {
    this.#per_second = per_second;
    this.#burst = burst;
    this.#now_ms = now_ms;
  }

  /** Takes one; 0 when there was one, else the seconds until there will be (a whole number, at least 1). */
  take(caller: string): number {
    const bucket = this.#bucket(caller);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#per_second);
    bucket.tokens--;
    return 0;
  }

  /** As take(), without taking. */
  wait(caller: string): number {
    const bucket = this.#bucket(caller);
    return bucket.tokens < 1 ? Math.ceil((1 - bucket.tokens) / this.#per_second) : 0;
  }

  get callers(): number {
    return this.#buckets.size;
  }

  #bucket(caller: string): Bucket {
    const now_ms = this.#now_ms();
    const known = this.#buckets.get(caller);
    const bucket = known ?? { tokens: this.#burst, at_ms: now_ms };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now_ms - bucket.at_ms) / 1000) * this.#per_second);
    bucket.at_ms = now_ms;
    // Put last: the first one is the one that was silent longest.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > most_callers) {
      const [oldest] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
