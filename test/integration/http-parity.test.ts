import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  coreOf,
  type DetectionRecord,
  ManualClock,
  type Program,
  type SourceRecord,
  toRecord,
} from '../../engine/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { readConfig } from '../../ui-api/config.ts';
import type { Weir } from '../../ui-api/live/weir.ts';
import { type ParityCase, parityCase } from '../simulation/arbitrary.ts';
import { eventsOf, programOf, recordOf, runSorted, shuffled, start_ms } from '../simulation/parity.ts';
import { seeded } from '../simulation/random.ts';

/** Cases that run side by side: each waits for the disk and the loop's timer most of the time. */
const lanes = 8;

/** A Weir in this process with the real API, log, sinks and checkpoints, on a clock that the test moves. */
class TestWeir {
  readonly #program: Program;
  readonly #folder: string;
  #generation = 0;
  #clock = new ManualClock(start_ms + 3_600_000);
  #weirs: Weir[] = [];

  constructor(program: Program, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  get data(): string {
    return join(this.#folder, `data-${this.#generation}`);
  }

  get weir(): Weir {
    return this.#weirs.at(-1) as Weir;
  }

  async start(): Promise<void> {
    const config = readConfig({ flags: { data: this.data, port: 0 }, environment: {}, folder: this.#folder });
    const { weir } = await compose({
      ...{ config, program: this.#program, version: '0.0.0', clock: this.#clock },
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

  async post(records: readonly SourceRecord[], partition: string): Promise<void> {
    const token = readFileSync(join(this.data, 'token'), 'utf8').trim();
    const response = await fetch(`${this.weir.url}/v1/events?partition=${partition}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: records.map((record) => new TextDecoder().decode(record.bytes)).join('\n'),
    });
    assert.equal(response.status, 200, await response.text());
  }

  /** Time passes, all partitions step aside, and the watermark follows the clock past every window's end. */
  async quiet(): Promise<void> {
    this.#clock.advance(86_400_000);
    for (let turns = 0; turns < 400; turns++) {
      const { watermark } = this.weir.status();
      if (watermark !== null && Date.parse(watermark) > start_ms + 3_600_000) return;
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

async function checkCase(parity: ParityCase): Promise<void> {
  const program = programOf(parity.rules, parity.lateness);
  const events = eventsOf(parity);
  const records = events.map((event, i) => recordOf(event, i + 1));
  const times = events.map((event) => event.timestamp);
  const publication = { mode: 'backtest' } as const;
  const expected = runSorted(program, records).map((detection) => coreOf(toRecord(program, detection, publication)));
  const random = seeded(parity.seed);
  const arrival = shuffled(records, times, parity.lateness, random);
  const folder = mkdtempSync(join(tmpdir(), 'weir-http-'));
  const test = new TestWeir(program, folder);
  try {
    await test.start();
    for (let at = 0; at < arrival.length; ) {
      const batch = arrival.slice(at, at + 1 + Math.floor(random() * 40));
      at += batch.length;
      await test.post(batch, `p${Math.floor(random() * 3)}`);
      if (random() < 0.3) await test.crash();
    }
    await test.quiet();
    await test.stop();
    assert.deepEqual(test.published().map(coreOf), expected);
  } finally {
    await test.stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

test('S1 law 4: 200 random rule sets, live through HTTP with crashes, against the backtest', async () => {
  const numRuns = Number(process.env.WEIR_HTTP_PARITY_RUNS ?? 200);
  const seed = Number(process.env.WEIR_PARITY_SEED ?? Date.now() % 1_000_000_007);
  const cases = fc.sample(parityCase, { numRuns, seed });
  const lane = async (): Promise<void> => {
    for (let parity = cases.pop(); parity !== undefined; parity = cases.pop()) {
      try {
        await checkCase(parity);
      } catch (error) {
        throw new Error(`WEIR_PARITY_SEED=${seed}, case ${JSON.stringify(parity)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
});
