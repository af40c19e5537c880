import { type StoreLimits, storeLimits } from '../../../engine/fold/store-limits.ts';
import type { Engine, Program } from '../../../engine/index.ts';
import { boundsOf, frontBounds, type Traffic } from './bounds.ts';

/**
 * What is accepted in a span of event time was received in it or this much later: hostile records come up to 1.5 s behind
 * their time, and LATENESS is a second.
 */
const BEHIND_MS = 2_500;

/** The most that each part of the state held at any time of a run, and what came, by which it is bounded. */
export class Peaks {
  readonly parts = new Map<string, number>();
  drops: Readonly<Record<string, number>> = {};
  #texts = 0;
  readonly #received: number[] = [];
  #longest = 0;

  sent(received_at: number, bytes: number): void {
    this.#received.push(received_at);
    this.#longest = Math.max(this.#longest, bytes);
  }

  see(engine: Engine): void {
    const { parts, drops, dictionary_size } = engine.stats();
    for (const [part, bytes] of Object.entries(parts)) {
      this.parts.set(part, Math.max(this.parts.get(part) ?? 0, bytes));
    }
    this.#texts = Math.max(this.#texts, dictionary_size);
    this.drops = { ...drops };
  }

  /** Each part with the most that it held and may hold. `of_key`: the most records of one key. */
  held(program: Program, of_key: number, changed: Partial<StoreLimits>, early_bytes: number): readonly Peak[] {
    const limits = { ...storeLimits, ...changed };
    const traffic: Traffic = {
      most: (span_ms) => this.#most(span_ms + BEHIND_MS),
      of_key,
      texts: this.#texts,
      longest: this.#longest,
    };
    const bounds = new Map([
      ...boundsOf(program, limits, traffic),
      ...frontBounds(program, limits, traffic, early_bytes),
    ]);
    return [...this.parts].map(([part, bytes]) => ({ part, bytes, bound: bounds.get(part) ?? 0 }));
  }

  /** The most records that were received in so many milliseconds. */
  #most(span_ms: number): number {
    let most = 0;
    let first = 0;
    for (let last = 0; last < this.#received.length; last++) {
      while (this.#received[first] < this.#received[last] - span_ms) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}

export interface Peak {
  readonly part: string;
  readonly bytes: number;
  readonly bound: number;
}
