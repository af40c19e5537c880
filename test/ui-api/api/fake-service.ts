import type { LineResult, LiveService, LiveStatus } from '../../../ui-api/api/service.ts';

/** A service that remembers what it was handed and answers as a test tells it. */
export class FakeService implements LiveService {
  readonly received: { partition: string; line: string }[] = [];
  full = false;
  /** Set: submit waits for it, as for a disk. */
  gate: Promise<void> | null = null;
  failure: Error | null = null;
  state = 'running';
  judge: (line: string) => LineResult = () => ({ status: 'accepted' });

  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null {
    if (this.full) return null;
    const texts = lines.map((line) => Buffer.from(line).toString('latin1'));
    this.received.push(...texts.map((line) => ({ partition, line })));
    return this.#answer(texts);
  }

  async #answer(texts: readonly string[]): Promise<readonly LineResult[]> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
    return texts.map((line) => this.judge(line));
  }

  status(): LiveStatus {
    return {
      state: this.state,
      counters: { read: 5, accepted: 3, duplicate: 0, late: 1, rejected: 1 },
      pending: 2,
      detections: { published: 1 },
      drops: { keys_per_group: 7 },
      failed_casts: { 'details.n': 3 },
      failed_values: { spray: { 'account_id::int': 4, 'n * 9': 1 } },
      state_bytes: 4096,
      workers: 2,
      state_parts: { rows: 4000, keys: 96 },
      texts: 12,
      watermark: '2026-03-01T10:00:00.000Z',
      behind_ms: 1500,
      queued_events: 0,
      log_position: 12,
      checkpoint_at: null,
      partitions: { active: 1, aside: 2 },
    };
  }
}
