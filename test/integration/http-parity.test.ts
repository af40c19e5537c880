import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { coreOf, toRecord } from '../../engine/index.ts';
import { type ParityCase, parityCase } from '../simulation/arbitrary.ts';
import type { SimulationRule } from '../simulation/case.ts';
import { eventsOf, programOf, recordOf, runSorted, shuffled, start_ms } from '../simulation/parity.ts';
import { seeded } from '../simulation/random.ts';
import { TestWeir } from './test-weir.ts';

/** Cases that run side by side: each waits for the disk and the loop's timer most of the time. */
const lanes = 8;

/**
 * WITH EMPTY is left out: a file is known up to its last event, and the live clock knows of the silence behind it. Those
 * are two observation intervals (S1), with other results.
 */
function withoutEmpty(rule: SimulationRule): SimulationRule {
  if (rule.kind !== 'window' || !('empty' in rule.window)) return rule;
  return { ...rule, window: { ...rule.window, empty: 0 } };
}

async function checkCase(generated: ParityCase): Promise<void> {
  const parity = { ...generated, rules: generated.rules.map(withoutEmpty) };
  const program = programOf(parity.rules, parity.lateness);
  const events = eventsOf(parity);
  const records = events.map((event, i) => recordOf(event, i + 1));
  const times = events.map((event) => event.timestamp);
  const publication = { mode: 'backtest' } as const;
  const expected = runSorted(program, records).map((detection) => coreOf(toRecord(program, detection, publication)));
  const random = seeded(parity.seed);
  const arrival = shuffled(records, times, parity.lateness, random);
  const folder = mkdtempSync(join(tmpdir(), 'weir-http-'));
  const test = new TestWeir(program, folder, start_ms + 3_600_000);
  try {
    await test.start();
    for (let at = 0; at < arrival.length; ) {
      const batch = arrival.slice(at, at + 1 + Math.floor(random() * 40));
      at += batch.length;
      const lines = batch.map((record) => new TextDecoder().decode(record.bytes));
      await test.post(lines, `p${Math.floor(random() * 3)}`);
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
  const numRuns = Number(process.env.WEIRTEST_HTTP_PARITY_RUNS ?? 200);
  const seed = Number(process.env.WEIRTEST_PARITY_SEED ?? Date.now() % 1_000_000_007);
  const cases = fc.sample(parityCase, { numRuns, seed });
  const lane = async (): Promise<void> => {
    for (let parity = cases.pop(); parity !== undefined; parity = cases.pop()) {
      try {
        await checkCase(parity);
      } catch (error) {
        throw new Error(`WEIRTEST_PARITY_SEED=${seed}, case ${JSON.stringify(parity)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
});
