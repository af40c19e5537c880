import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wideEvents } from '../../benchmarks/wide-events.ts';
import { workload } from '../../benchmarks/workload.ts';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('the plain engine, the engine and a whole Weir find the same in the same bytes', () => {
  const written = runTiny('live', '--keys', '2000', '--events', '8000');
  const answer = assertMet(written, /all three find the same detections/);
  assert.ok(Number(answer.figure) > 20, answer.figure);
  for (const name of ['plain engine', 'log to detections', 'live']) assert.ok(figureOf(written, name) > 0);
});

test('each account has one of the first events, and an event has 373 bytes on average', () => {
  const options = { accounts: 100_000, addresses: 1000, seed: 42, rate: 1500, each_once: true };
  const seen = new Set<string>();
  for (const { account_id } of workload({ ...options, events: options.accounts })) seen.add(account_id);
  assert.equal(seen.size, options.accounts);
  let bytes = 0;
  for (const event of wideEvents(workload({ ...options, accounts: 1_000_000, events: 20_000 }))) {
    bytes += JSON.stringify(event).length;
  }
  const mean = bytes / 20_000;
  assert.ok(Math.abs(mean - 373) < 3, `${mean} bytes`);
});
