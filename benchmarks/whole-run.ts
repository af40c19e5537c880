import { Engine, type Program } from '../engine/index.ts';
import { watchedNetworks } from './construct-rules.ts';
import { cpuTime_ms } from './cpu-time.ts';
import type { WorkloadEvent } from './workload.ts';

/** Records between two calls of advance(), as the live driver takes them from its log. */
const RECORDS_AT_ONCE = 1_024;

/** Events as the bytes of JSON that a source sends, one after the other in one piece of memory. */
export class Records {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #ends: Float64Array;

  constructor(events: Iterable<WorkloadEvent>, count: number) {
    this.count = count;
    this.#ends = new Float64Array(count + 1);
    const texts: Buffer[] = [];
    let n = 0;
    for (const event of events) {
      const text = Buffer.from(JSON.stringify(event));
      texts.push(text);
      this.#ends[n + 1] = (this.#ends[n] as number) + text.length;
      n++;
    }
    this.#bytes = Buffer.concat(texts);
  }

  bytesOf(n: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[n], this.#ends[n + 1]);
  }
}

/**
 * A fresh engine over all records, as the live driver drives it: decoder, door, order, fold. Returns how long the second
 * half took, in milliseconds.
 */
export function runWhole(
  program: Program,
  records: Records,
): { took_ms: number; detections: number; matches: number; engine: Engine } {
  const engine = new Engine(program);
  engine.apply(0, { kind: 'lookup', from_ms: Number.NEGATIVE_INFINITY, ...watchedNetworks() });
  let started = 0;
  let detections = 0;
  for (let n = 0; n < records.count; n++) {
    if (n === records.count >> 1) started = cpuTime_ms();
    // Received long after every event's time, so that none is too far in the future.
    const record = { partition: 'bench', position: n, received_at: 4e12, bytes: records.bytesOf(n) };
    engine.apply(n + 1, { kind: 'record', record });
    if (n % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) detections += engine.advance().detections.length;
  }
  engine.apply(records.count + 1, { kind: 'end' });
  detections += engine.advance().detections.length;
  const took_ms = cpuTime_ms() - started;
  const passed = engine.stats().operators.reduce((sum, { events }) => sum + events, 0);
  if (engine.counters.accepted !== records.count) throw new Error('the door did not accept every event');
  return { engine, took_ms, detections, matches: passed / records.count };
}
