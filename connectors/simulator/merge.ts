import type { Draft } from './draft.ts';

/** Merges sources that are each in time order; of equal times the earlier source goes first. Holds one draft of each. */
export function* merged(sources: readonly Iterable<Draft>[]): Generator<Draft> {
  const iterators = sources.map((source) => source[Symbol.iterator]());
  const heads = iterators.map((iterator) => iterator.next());
  for (;;) {
    let least = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head.done !== true && (least === -1 || head.value.time_ms < (heads[least].value as Draft).time_ms)) least = i;
    }
    if (least === -1) return;
    yield heads[least].value as Draft;
    heads[least] = iterators[least].next();
  }
}

/** Drafts of a small part in time order; equal times keep their order. */
export function inTimeOrder(drafts: readonly Draft[]): Draft[] {
  return [...drafts].sort((a, b) => a.time_ms - b.time_ms);
}

/**
 * Flattens parts whose beginnings are in time order: each part is sorted in itself, and none holds anything from before
 * its own beginning. Keeps a heap of what lies ahead, not more.
 */
export function* flattened(
  parts: Iterable<{ readonly from_ms: number; readonly drafts: readonly Draft[] }>,
): Generator<Draft> {
  const ahead = new DraftHeap();
  for (const { from_ms, drafts } of parts) {
    while (ahead.size > 0 && ahead.least_ms < from_ms) yield ahead.take();
    for (const draft of drafts) ahead.add(draft);
  }
  while (ahead.size > 0) yield ahead.take();
}

/** A binary heap by time, then by arrival. */
class DraftHeap {
  readonly #drafts: Draft[] = [];
  readonly #orders: number[] = [];
  #arrivals = 0;

  get size(): number {
    return this.#drafts.length;
  }

  get least_ms(): number {
    return this.#drafts[0].time_ms;
  }

  add(draft: Draft): void {
    this.#drafts.push(draft);
    this.#orders.push(this.#arrivals++);
    let at = this.#drafts.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  take(): Draft {
    const first = this.#drafts[0];
    this.#swap(0, this.#drafts.length - 1);
    this.#drafts.pop();
    this.#orders.pop();
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#drafts.length && this.#isBefore(child, least)) least = child;
      }
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const apart = this.#drafts[a].time_ms - this.#drafts[b].time_ms;
    return apart < 0 || (apart === 0 && this.#orders[a] < this.#orders[b]);
  }

  #swap(a: number, b: number): void {
    [this.#drafts[a], this.#drafts[b]] = [this.#drafts[b], this.#drafts[a]];
    [this.#orders[a], this.#orders[b]] = [this.#orders[b], this.#orders[a]];
  }
}
