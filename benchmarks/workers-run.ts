import { setImmediate } from 'node:timers/promises';
import { MemoryLog } from '../connectors/index.ts';
import { compile } from '../dsl/index.ts';
import { type Detection, Engine, type LogEntry, limits, type Program } from '../engine/index.ts';
import { divideWorkers } from '../ui-api/live/worker-parts.ts';
import { watchedNetworks } from './construct-rules.ts';
import type { Records } from './records.ts';

/** Records between two looks at what other threads have decided: a turn of the live driver. */
const TURN_RECORDS = 8192;
/** Records of the log that the rules are divided by. */
const SAMPLED_RECORDS = 10_000;

/**
 * A fresh engine over all records, with so many threads, as the live driver drives it under load. Returns how long those from
 * record `from` on took by the clock, in milliseconds, and the time of all threads of the process.
 */
export async function runWithWorkers(
  program: Program,
  rules: readonly string[],
  workers: number,
  records: Records,
  from: number,
  take: (found: readonly Detection[]) => void,
): Promise<{ took_ms: number; process_ms: number; matches: number }> {
  const { plan } = compile([{ path: 'benchmark.rule.sql', text: rules.join('\n') }]);
  const lookup: LogEntry = { kind: 'lookup', from_ms: Number.NEGATIVE_INFINITY, ...watchedNetworks() };
  const entryOf = (n: number): LogEntry => {
    const record = { partition: 'bench', position: n, received_at: 4e12, bytes: records.bytesOf(n) };
    return { kind: 'record', record };
  };
  const log = new MemoryLog();
  const sampled = Math.min(SAMPLED_RECORDS, records.count);
  await log.append([lookup, ...Array.from({ length: sampled }, (_, n) => entryOf(n))]);
  const engine = new Engine(program, { workers: await divideWorkers({ workers, program, plan, log, saved: null }) });
  const settle = async (most_behind: number): Promise<void> => {
    take(engine.advance().detections);
    if (engine.threads === 1) return;
    // Answers of other threads come between two turns.
    await setImmediate();
    await engine.settle(() => take(engine.advance().detections), most_behind);
  };
  engine.apply(0, lookup);
  let started = 0;
  let process_us = 0;
  for (let n = 0; n < records.count; n++) {
    if (n === from) {
      await settle(0);
      started = performance.now();
      process_us = cpu_us();
    }
    engine.apply(n + 1, entryOf(n));
    if (n % TURN_RECORDS === TURN_RECORDS - 1) await settle(limits.batches_behind);
  }
  engine.apply(records.count + 1, { kind: 'end' });
  await settle(0);
  const took_ms = performance.now() - started;
  const process_ms = (cpu_us() - process_us) / 1000;
  if (engine.counters.accepted !== records.count) throw new Error('the door did not accept every event');
  await engine.refreshed();
  const passed = engine.stats().operators.reduce((sum, { events }) => sum + events, 0);
  await engine.close();
  return { took_ms, process_ms, matches: passed / records.count };
}

function cpu_us(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
