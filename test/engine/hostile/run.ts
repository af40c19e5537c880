import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { StoreLimits } from '../../../engine/fold/store-limits.ts';
import { Engine, limits as engineLimits, type Program } from '../../../engine/index.ts';
import { lookups } from './every-construct.ts';
import type { Peaks } from './peaks.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What an engine holds after so many records. */
export interface Held {
  readonly records: number;
  /** Typed arrays and what is counted like them. */
  readonly state_bytes: number;
  /** Everything else that lives in this process, after the garbage was collected. */
  readonly heap_bytes: number;
  readonly texts: number;
  readonly detections: number;
  /** state_bytes by what holds it. */
  readonly parts: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
}

export interface Sent {
  readonly partition: string;
  readonly received_at: number;
  readonly bytes: Uint8Array;
}

/**
 * Runs the records through a live engine in batches of 500, and gives what it holds after every `every` of them. The four
 * counters and what waits must add up to what was read, all the time. `peaks` is told of every batch.
 */
export function* runHostile(
  program: Program,
  records: Iterable<Sent>,
  every: number,
  {
    limits = {},
    early_bytes = engineLimits.early_bytes,
    peaks,
  }: { readonly limits?: Partial<StoreLimits>; readonly early_bytes?: number; readonly peaks?: Peaks } = {},
): Generator<Held> {
  const engine = new Engine(program, { limits, early_bytes });
  let position = 0;
  for (const entry of lookups) engine.apply(position++, entry);
  let read = 0;
  let detections = 0;
  const advance = () => {
    detections += engine.advance().detections.length;
    const { accepted, duplicate, late, rejected } = engine.counters;
    assert.equal(engine.counters.read, read, 'every record was read');
    assert.equal(accepted + duplicate + late + rejected + engine.pending, read, 'the counters add up');
    peaks?.see(engine);
  };
  for (const record of records) {
    peaks?.sent(record.received_at, record.bytes.length);
    engine.apply(position, { kind: 'record', record: { ...record, position } });
    position++;
    read++;
    if (read % 500 === 0) advance();
    if (read % every === 0) {
      collect();
      const { state_bytes, dictionary_size, drops, parts } = engine.stats();
      const { heapUsed } = process.memoryUsage();
      yield {
        records: read,
        state_bytes,
        heap_bytes: heapUsed,
        texts: dictionary_size,
        detections,
        parts,
        drops: { ...drops },
      };
    }
  }
  engine.apply(position, { kind: 'end' });
  advance();
  assert.equal(engine.pending, 0, 'at the end every record has its verdict');
}
