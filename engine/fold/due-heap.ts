import { compareLists, compareText } from '../value.ts';
import type { OpenDetection } from './open-detection.ts';

/** An act that falls due: at the same millisecond deadlines come before window ends (S2). */
export interface Due {
  readonly open: OpenDetection;
  readonly time: number;
  readonly at_end: 1 | 2;
  /** The place of its rule in the order of depth and name; operators of one name (a rule that is tuned) have one. */
  readonly rule: number;
}

/** What falls due, the first on top. A plain binary heap. */
export class DueHeap {
  #heap: Due[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): Due | null {
    return this.#heap.length === 0 ? null : this.#heap[0];
  }

  clear(): void {
    this.#heap = [];
  }

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (compareDue(heap[above], due) <= 0) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = due;
  }

  /** Takes the first away; there must be one. */
  pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && compareDue(heap[below + 1], heap[below]) < 0) below++;
      if (compareDue(last, heap[below]) <= 0) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = last;
  }
}

/** The order of what falls due (S2): time, deadlines before window ends, rule, tenant, key; then as they were opened. */
function compareDue(a: Due, b: Due): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.at_end !== b.at_end) return a.at_end - b.at_end;
  if (a.rule !== b.rule) return a.rule - b.rule;
  const one = a.open.detection;
  const other = b.open.detection;
  return compareText(one.tenant, other.tenant) || compareLists(one.key, other.key) || a.open.number - b.open.number;
}
