import { SeededRandom } from './random.ts';
import type { ScriptItem, ScriptRecord } from './script.ts';

/** One way to run a test. All of them must give the same detections, byte for byte in their core (law 1). */
export interface Variant {
  /** Named in the failure: 'batches of 7', 'shuffled (seed 2)', 'restarted at every event'. */
  readonly name: string;
  readonly items: readonly ScriptItem[];
  readonly batch_rows: number;
  /** Stop and restore after every this many records; 0: only where the test says so. */
  readonly restart_every: number;
  /** In another order of arrival. */
  readonly shuffled: boolean;
}

const seeds = [1, 2, 3];
/** A restart costs a snapshot and a new engine: longer tests restart at every second, third, ... event. */
const restarts_max = 400;

/** The run that a test is judged by, and the others, which must agree with it. */
export function variantsOf(items: readonly ScriptItem[], lateness_ms: number): readonly [Variant, ...Variant[]] {
  const records = items.filter((item) => item.kind === 'record').length;
  const restart_every = Math.max(1, Math.ceil(records / restarts_max));
  return [
    { name: 'as listed', items, batch_rows: 256, restart_every: 0, shuffled: false },
    { name: 'in batches of 1', items, batch_rows: 1, restart_every: 0, shuffled: false },
    { name: 'in batches of 7', items, batch_rows: 7, restart_every: 0, shuffled: false },
    ...seeds.map((seed) => ({
      name: `with arrival shuffled (seed ${seed})`,
      items: shuffleArrival(items, lateness_ms, new SeededRandom(seed)),
      batch_rows: seed === 1 ? 1 : 256,
      restart_every: 0,
      shuffled: true,
    })),
    {
      name: restart_every === 1 ? 'restarted at every event' : `restarted at every ${restart_every} events`,
      items,
      batch_rows: 256,
      restart_every,
      shuffled: false,
    },
  ];
}

/**
 * Another order of arrival that changes no verdict: each record arrives up to LATENESS after its event time, so that
 * whatever came before it is at most LATENESS ahead and the watermark is not past it. Restarts, silences and records
 * that are late on purpose keep their place, and what stands before them in the list stays before them.
 */
export function shuffleArrival(
  items: readonly ScriptItem[],
  lateness_ms: number,
  random: SeededRandom,
): readonly ScriptItem[] {
  const shuffled: ScriptItem[] = [];
  let segment: { record: ScriptRecord; arrival_ms: number }[] = [];
  const flush = () => {
    segment.sort((a, b) => a.arrival_ms - b.arrival_ms);
    shuffled.push(...segment.map(({ record }) => record));
    segment = [];
  };
  for (const item of items) {
    if (item.kind === 'record' && !item.stays) {
      segment.push({ record: item, arrival_ms: item.time_ms + random.below(lateness_ms + 1) });
    } else {
      flush();
      shuffled.push(item);
    }
  }
  flush();
  return shuffled;
}
