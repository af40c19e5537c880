import type { DetectionRecord, DetectionSource } from '../api/service.ts';

/** The latest detections in memory, and whoever listens to further ones: the screen and the API's live streams. */
export class DetectionFeed implements DetectionSource {
  readonly #capacity: number;
  #records: DetectionRecord[] = [];
  readonly #listeners = new Set<(record: DetectionRecord) => void>();

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  /** Records of an earlier run: remembered, told to nobody. */
  fill(records: readonly DetectionRecord[]): void {
    this.#records = records.slice(-this.#capacity);
  }

  publish(record: DetectionRecord): void {
    this.#records.push(record);
    // Cut in steps: cutting one record per publication would move the whole list each time.
    if (this.#records.length >= this.#capacity * 2) this.#records = this.#records.slice(-this.#capacity);
    for (const listener of this.#listeners) listener(record);
  }

  recent(limit: number, since: string | null): readonly DetectionRecord[] | null {
    const latest = this.#records.slice(-this.#capacity);
    if (since === null) return latest.slice(-limit);
    const at = latest.findIndex((record) => record.id === since);
    return at === -1 ? null : latest.slice(at + 1, at + 1 + limit);
  }

  subscribe(listener: (record: DetectionRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
