import type { StoreLimits } from '../../../engine/fold/store-limits.ts';
import { everyConstruct } from './every-construct.ts';
import { type Peak, Peaks } from './peaks.ts';
import { freshAddresses, hostileEvents, longTexts } from './records.ts';
import { type Held, runHostile, type Sent } from './run.ts';

/** Bounds that an attack of some thousands of records reaches: 4,096 keys of an expression, as STATE MAX says in r16. */
const small: Partial<StoreLimits> = {
  keys_per_group: 16,
  rows_per_group: 64,
  rows_per_key: 64,
  suppress_keys_per_group: 8,
  risk_entities_per_group: 4,
  open_detections_per_group: 4,
};

/** What early detections may take in every attack: a few dozen, so that it is reached. */
export const early_bytes = 64 * 1024;

interface Attack {
  /** 'long': windows of hours, so that nothing goes but by a bound. */
  readonly windows: 'short' | 'long';
  readonly limits: Partial<StoreLimits>;
  readonly records: (count: number, seed: number) => Iterable<Sent>;
  /** The most records of one key, of `count`. */
  readonly of_key: (count: number) => number;
  /** Bounds that must have dropped something at the end. */
  readonly reached: readonly string[];
}

/** A minute with so many addresses that were never seen before, and a quiet one behind it. */
const minute = (count: number) => freshAddresses([count, Math.ceil(count / 100)]);

const kept = ['suppress_keys_per_group', 'risk_entities_per_group', 'open_detections_per_group'];
const held = ['STATE MAX of r16'];

export const attacks: Readonly<Record<string, Attack>> = {
  events: { windows: 'short', limits: {}, records: hostileEvents, of_key: (count) => count, reached: held },
  addresses: { windows: 'short', limits: {}, records: minute, of_key: () => 1, reached: held },
  'bounds-keys': {
    ...{ windows: 'long', limits: small, records: minute, of_key: () => 1 },
    reached: ['keys_per_group', ...held, ...kept],
  },
  'bounds-rows': {
    ...{ windows: 'long', limits: { ...small, rows_per_group: 12 }, records: minute, of_key: () => 1 },
    reached: ['rows_per_group', ...kept],
  },
  'bounds-texts': {
    ...{ windows: 'long', limits: { ...small, text_bytes_per_group: 32 * 1024 }, of_key: (count) => count },
    ...{ records: longTexts, reached: ['text_bytes_per_group', 'early_bytes'] },
  },
  'bounds-events': {
    ...{ windows: 'long', limits: small, records: hostileEvents, of_key: (count) => count },
    reached: ['keys_per_group', 'rows_per_group', 'rows_per_key', ...held, ...kept],
  },
};

/** What came of an attack. */
export interface Outcome {
  readonly peaks: readonly Peak[];
  /** Bounds that dropped nothing, and should have. */
  readonly unreached: readonly string[];
  readonly drops: Readonly<Record<string, number>>;
}

/**
 * So many records of an attack through the thirty rules (or the one with the number `only`), with what the engine holds
 * after every tenth of them; then the most that each part held beside the most that it may hold.
 */
export function* attack(
  name: string,
  count: number,
  seed: number,
  only: number | null = null,
): Generator<Held, Outcome> {
  const { windows, limits, records, of_key, reached } = attacks[name];
  const { program } = everyConstruct(only, windows);
  const peaks = new Peaks();
  yield* runHostile(program, records(count, seed), Math.ceil(count / 10), { limits, early_bytes, peaks });
  const unreached = only === null ? reached.filter((bound) => !((peaks.drops[bound] ?? 0) > 0)) : [];
  return { peaks: peaks.held(program, of_key(count), limits, early_bytes), unreached, drops: peaks.drops };
}
