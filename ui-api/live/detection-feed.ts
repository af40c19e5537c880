import type { DetectionRecord } from '../api/service.ts';

/** Tells whoever listens of each detection that is published: the screen, and the API's streams. */
export class DetectionFeed {
  readonly #listeners = new Set<(record: DetectionRecord) => void>();

  /** The record is on disk. */
  publish(record: DetectionRecord): void {
    for (const listener of this.#listeners) listener(record);
  }

  /** Calls `listener` with each further record; returns how to stop. */
  subscribe(listener: (record: DetectionRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
