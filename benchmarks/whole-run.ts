import { type Detection, Engine, limits, type Program } from '../engine/index.ts';
import { watchedNetworks } from './construct-rules.ts';
import { cpuTime_ms } from './cpu-time.ts';
import type { Records } from './records.ts';

/** Records between two calls of advance(): as many as a backtest takes, and the live driver where so many wait. */
const RECORDS_AT_ONCE = limits.batch_rows;

/**
 * A fresh engine over all records, as the live driver drives it: decoder, door, order, fold. Returns how long those from
 * record `from` on took, in milliseconds; `take` gets what was found.
 */
export function runWhole(
  program: Program,
  records: Records,
  from: number,
  take: (found: readonly Detection[]) => void,
): { took_ms: number; matches: number; engine: Engine } {
  const engine = new Engine(program);
  engine.apply(0, { kind: 'lookup', from_ms: Number.NEGATIVE_INFINITY, ...watchedNetworks() });
  let started = 0;
  for (let n = 0; n < records.count; n++) {
    if (n === from) started = cpuTime_ms();
    // Received long after every event's time, so that none is too far in the future.
    const record = { partition: 'bench', position: n, received_at: 4e12, bytes: records.bytesOf(n) };
    engine.apply(n + 1, { kind: 'record', record });
    if (n % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) take(engine.advance().detections);
  }
  engine.apply(records.count + 1, { kind: 'end' });
  take(engine.advance().detections);
  const took_ms = cpuTime_ms() - started;
  const passed = engine.stats().operators.reduce((sum, { events }) => sum + events, 0);
  if (engine.counters.accepted !== records.count) throw new Error('the door did not accept every event');
  return { engine, took_ms, matches: passed / records.count };
}
