import { sha256Hex } from '../decode/sha256.ts';
import { contentHash } from '../decode/text-hash.ts';
import type { Detection } from '../detection.ts';
import { severityRank } from '../detections/severity.ts';
import type { OperatorSpec, Program, SuppressSpec } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { type StoreLimits, storeLimits } from './store-limits.ts';

const utf8 = new TextEncoder();

/** From a detection that was not suppressed: until when it suppresses those of the same SUPPRESS key, and its id. */
interface Interval {
  readonly until: number;
  readonly id: string;
  /** Of the greatest severity that was shown in it. */
  rank: number;
}

/** By SUPPRESS key, in the order of their ends (for_ms is one per operator). */
type Group = Map<string, Interval>;

const muted_by = 'exception:';

/** Whether an exception mutes the detection: nobody shall see it, whatever becomes of it. */
export function isMuted({ suppressed_by }: Detection): boolean {
  return suppressed_by?.startsWith(muted_by) === true;
}

/** A longer SUPPRESS key is remembered by its hash, so that an interval's size does not depend on what users write. */
const MOST_KEY_CHARACTERS = 64;

/** At most, of an interval with its key, its id and its place in the table (V8; about 200 with a short key). */
export const INTERVAL_BYTES = 320;

/**
 * SUPPRESS BY k FOR t (S13): [t0, t0 + t) from the first detection that was not suppressed. It sees detections one by
 * one in total order. Suppressed ones are kept and name the one that suppressed them. The key includes the tenant.
 * Intervals are bounded per key group of the SUPPRESS key: beyond the bound the one that ends first goes, counted, and
 * a detection that it would have covered is not suppressed.
 */
export class Policy {
  readonly #specs: readonly OperatorSpec[];
  readonly #limits: StoreLimits;
  /** By operator, then by key group; a group without intervals is not there. */
  readonly #groups: readonly Map<number, Group>[];
  /** By operator: intervals held, those that have ended but were not swept yet too. */
  readonly #held: Float64Array;
  /** Key group that the next sweep looks at. */
  #hand = 0;
  #dropped = 0;
  readonly suppressed: Float64Array;

  constructor(program: Program, limits: StoreLimits = storeLimits) {
    this.#specs = program.operators;
    this.#limits = limits;
    this.#groups = program.operators.map(() => new Map());
    this.#held = new Float64Array(program.operators.length);
    this.suppressed = new Float64Array(program.operators.length);
  }

  /**
   * The detection, with suppressed_by set where an exception mutes it or an interval covers it. `escalated`: the rank of
   * the severity that an ESCALATE gave it, -1 for none: it breaks through an interval in which nothing was as severe.
   */
  apply(detection: Detection, escalated: number): Detection {
    const { operator, decided_at } = detection;
    const { suppress, mutes } = this.#specs[operator];
    const mute = mutes?.find(
      (one) => one.from_ms <= decided_at && decided_at < one.to_ms && one.test(detection) === true,
    );
    if (mute !== undefined) {
      // As if nobody had seen it: it opens no interval, and one that is open does not need it.
      this.suppressed[operator]++;
      return { ...detection, suppressed_by: `${muted_by}${mute.name}`, status: 'suppressed' };
    }
    if (suppress === null) return detection;
    const key = this.#keyOf(detection, suppress);
    const number = this.#groupOf(key);
    this.#sweep(operator, this.#hand, decided_at);
    this.#hand = (this.#hand + 1) % this.#limits.key_groups;
    this.#sweep(operator, number, decided_at);
    const interval = this.#groups[operator].get(number)?.get(key);
    if (interval === undefined) {
      const rank = severityRank(detection.severity);
      this.#hold(operator, number, key, { until: decided_at + suppress.for_ms, id: detection.id, rank });
      return detection;
    }
    if (raise(interval, escalated)) return detection;
    this.suppressed[operator]++;
    return { ...detection, suppressed_by: interval.id, status: 'suppressed' };
  }

  /** A later event of the detection's run raised its severity to this rank: whether that is more than its interval has shown. */
  escalate(detection: Detection, rank: number): boolean {
    const { operator, decided_at } = detection;
    const { suppress } = this.#specs[operator];
    if (suppress === null) return true;
    const key = this.#keyOf(detection, suppress);
    const interval = this.#groups[operator].get(this.#groupOf(key))?.get(key);
    return interval === undefined || interval.until <= decided_at || raise(interval, rank);
  }

  #keyOf(detection: Detection, suppress: SuppressSpec): string {
    const parts = suppress.by.map(({ from, index }) => (from === 'key' ? detection.key : detection.values)[index]);
    const text = JSON.stringify([detection.tenant, ...parts]);
    return text.length > MOST_KEY_CHARACTERS ? sha256Hex(utf8.encode(text)) : text;
  }

  #groupOf(key: string): number {
    return (contentHash(key) >>> 0) % this.#limits.key_groups;
  }

  /** Drops what has ended. */
  #sweep(operator: number, number: number, now: number): void {
    const group = this.#groups[operator].get(number);
    if (group === undefined) return;
    for (const [key, { until }] of group) {
      if (until > now) break;
      group.delete(key);
      this.#held[operator]--;
    }
    if (group.size === 0) this.#groups[operator].delete(number);
  }

  #hold(operator: number, number: number, key: string, interval: Interval): void {
    const groups = this.#groups[operator];
    const group: Group = groups.get(number) ?? new Map();
    groups.set(number, group);
    if (group.size >= this.#limits.suppress_keys_per_group) {
      const [first] = group.keys();
      group.delete(first);
      this.#held[operator]--;
      this.#dropped++;
    }
    group.set(key, interval);
    this.#held[operator]++;
  }

  /** Intervals that went because of suppress_keys_per_group. */
  get dropped(): number {
    return this.#dropped;
  }

  bytesOf(operator: number): number {
    return this.#held[operator] * INTERVAL_BYTES;
  }

  snapshot(): Snapshot {
    const held = this.#groups.map((groups) => [...groups.values()].flatMap((group) => [...group]));
    return {
      keys: held.map((intervals) => intervals.map(([key]) => key)),
      ids: held.map((intervals) => intervals.map(([, { id }]) => id)),
      until: held.map((intervals) => Float64Array.from(intervals, ([, { until }]) => until)),
      ranks: held.map((intervals) => Int32Array.from(intervals, ([, { rank }]) => rank)),
      suppressed: this.suppressed.slice(),
      counts: Float64Array.of(this.#hand, this.#dropped),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as {
      keys: string[][];
      ids: string[][];
      until: Float64Array[];
      ranks: Int32Array[];
      suppressed: Float64Array;
      counts: Float64Array;
    };
    this.suppressed.set(from.suppressed);
    this.#held.fill(0);
    this.#groups.forEach((groups, operator) => {
      groups.clear();
      // Within a group the order of the ends is kept; which group stands first does not matter.
      from.keys[operator].forEach((key, i) => {
        const interval = { until: from.until[operator][i], id: from.ids[operator][i], rank: from.ranks[operator][i] };
        this.#hold(operator, this.#groupOf(key), key, interval);
      });
    });
    [this.#hand, this.#dropped] = from.counts;
  }
}

/** Whether the rank is more than the interval has shown; then it has shown it. */
function raise(interval: Interval, rank: number): boolean {
  if (rank <= interval.rank) return false;
  interval.rank = rank;
  return true;
}
