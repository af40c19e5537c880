import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DetectionRecord, ManualClock, type Program } from '../../engine/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { readConfig } from '../../ui-api/config.ts';
import type { Weir } from '../../ui-api/live/weir.ts';

/** A Weir in this process with the real API, log, sinks and checkpoints, on a clock that the test moves. */
export class TestWeir {
  readonly #program: Program;
  readonly #folder: string;
  #generation = 0;
  readonly #clock: ManualClock;
  readonly #store: boolean;
  #weirs: Weir[] = [];

  /** @param store whether it has its embedded store, which takes a second and a quarter of a gigabyte */
  constructor(program: Program, folder: string, now_ms: number, store = false) {
    this.#store = store;
    this.#program = program;
    this.#folder = folder;
    this.#clock = new ManualClock(now_ms);
  }

  get data(): string {
    return join(this.#folder, `data-${this.#generation}`);
  }

  get weir(): Weir {
    return this.#weirs.at(-1) as Weir;
  }

  get now_ms(): number {
    return this.#clock.now_ms();
  }

  async start(): Promise<void> {
    const config = readConfig({ flags: { data: this.data, port: 0 }, environment: {}, folder: this.#folder });
    const { weir } = await compose({
      ...{ config, program: this.#program, version: '0.0.0', clock: this.#clock },
      ...(this.#store ? { with_store: true as const, store_drain_ms: 30_000 } : {}),
      report: () => undefined,
      replaying: () => undefined,
    });
    this.#weirs.push(weir);
  }

  /** What kill -9 leaves: the files as they are at this moment. A new Weir starts on a copy of them. */
  async crash(): Promise<void> {
    const from = this.data;
    this.#generation++;
    cpSync(from, this.data, { recursive: true });
    for (const file of readdirSync(join(this.data, 'log'))) {
      if (/lock/.test(file)) rmSync(join(this.data, 'log', file));
    }
    await this.start();
  }

  async post(lines: readonly string[], partition: string): Promise<void> {
    const token = readFileSync(join(this.data, 'token'), 'utf8').trim();
    const response = await fetch(`${this.weir.url}/v1/events?partition=${partition}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    assert.equal(response.status, 200, await response.text());
  }

  pass(ms: number): void {
    this.#clock.advance(ms);
  }

  /** Time passes, all partitions step aside, and the watermark follows the clock past every window's end. */
  async quiet(): Promise<void> {
    const last_event_ms = this.#clock.now_ms();
    this.#clock.advance(86_400_000);
    for (let turns = 0; turns < 12_000; turns++) {
      const { watermark } = this.weir.status();
      if (watermark !== null && Date.parse(watermark) > last_event_ms) return;
      this.#clock.advance(10_000);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('the watermark did not follow the clock');
  }

  async stop(): Promise<void> {
    for (const weir of this.#weirs) await weir.stop();
  }

  published(): DetectionRecord[] {
    const lines = readFileSync(join(this.data, 'detections.ndjson'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as DetectionRecord);
  }
}
