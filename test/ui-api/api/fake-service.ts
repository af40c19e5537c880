import type { DetectionRecord, LineResult, LiveService } from '../../../ui-api/api/service.ts';

/** A service that remembers what it was handed and answers as a test tells it. */
export class FakeService implements LiveService {
  readonly received: { partition: string; line: string }[] = [];
  readonly records: DetectionRecord[] = [];
  readonly #listeners = new Set<(record: DetectionRecord) => void>();
  full = false;
  /** Set: submit waits for it, as for a disk. */
  gate: Promise<void> | null = null;
  failure: Error | null = null;
  judge: (line: string) => LineResult = () => ({ status: 'accepted' });

  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null {
    if (this.full) return null;
    const texts = lines.map((line) => Buffer.from(line).toString('utf8'));
    this.received.push(...texts.map((line) => ({ partition, line })));
    return this.#answer(texts);
  }

  async #answer(texts: readonly string[]): Promise<readonly LineResult[]> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
    return texts.map((line) => this.judge(line));
  }

  status(): object {
    return { state: 'running' };
  }

  readonly feed = {
    recent: (limit: number, since: string | null): readonly DetectionRecord[] | null => {
      if (since === null) return this.records.slice(-limit);
      const at = this.records.findIndex((record) => record.id === since);
      return at === -1 ? null : this.records.slice(at + 1, at + 1 + limit);
    },
    subscribe: (listener: (record: DetectionRecord) => void): (() => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(record: DetectionRecord): void {
    this.records.push(record);
    for (const listener of this.#listeners) listener(record);
  }
}
