import type { Held, OpenDetection } from './open-detection.ts';

/** The open detections of a rule's key group in the order in which they were last active, and what their long texts take. */
export class OpenGroup {
  oldest: OpenDetection | null = null;
  #newest: OpenDetection | null = null;
  size = 0;
  long_bytes = 0;

  /** Puts it behind all others. */
  add(open: OpenDetection, held: Held): void {
    const before = this.#newest;
    held.older = before;
    held.newer = null;
    if (before?.held) before.held.newer = open;
    else this.oldest = open;
    this.#newest = open;
    this.size++;
  }

  /** Takes out one that is in it. */
  delete({ older, newer }: Held): void {
    if (older?.held) older.held.newer = newer;
    else this.oldest = newer;
    if (newer?.held) newer.held.older = older;
    else this.#newest = older;
    this.size--;
  }

  /** It was active: it stands behind all others. */
  touch(open: OpenDetection, held: Held): void {
    if (this.#newest === open) return;
    this.delete(held);
    this.add(open, held);
  }

  /** From the one that was silent longest; it may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<OpenDetection> {
    for (let open = this.oldest; open !== null; ) {
      const next: OpenDetection | null = open.held?.newer ?? null;
      yield open;
      open = next;
    }
  }
}
