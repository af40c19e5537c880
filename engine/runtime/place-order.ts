import type { DetectionPlace } from '../detection.ts';
import { compareText } from '../value.ts';

/** A detection, or what is left of it, in its place. */
export interface PlacedItem {
  readonly decided_at: number;
  readonly place: DetectionPlace;
  /** Of its rule: the place of its first operator in the whole program, which is the order of depth and name. */
  readonly rule_number: number;
}

/**
 * The total order (S2) of what different rules decided: after the event that decided it, deadlines and then window ends last
 * in their millisecond; then by the rule. What one rule decided is in order already, and is equal here.
 */
export function comparePlaced(a: PlacedItem, b: PlacedItem): number {
  const [one, other] = [a.place, b.place];
  return (
    a.decided_at - b.decided_at ||
    one.at_end - other.at_end ||
    one.seq - other.seq ||
    compareText(one.event_id, other.event_id) ||
    compareText(one.event_tenant, other.event_tenant) ||
    a.rule_number - b.rule_number
  );
}

/**
 * Detections of several parts of a program as one sequence. Each part gives its own in order, and says how far it is: from
 * then on it decides nothing before that time. What lies before the time that all have reached is given.
 */
export class PlacedMerge<Item extends PlacedItem> {
  readonly #waiting: Item[][];
  /** By part, how many of the waiting ones are given. */
  readonly #given: number[];
  readonly #reached_ms: number[];

  constructor(parts: number) {
    this.#waiting = Array.from({ length: parts }, () => []);
    this.#given = this.#waiting.map(() => 0);
    this.#reached_ms = this.#waiting.map(() => Number.NEGATIVE_INFINITY);
  }

  add(part: number, placed: readonly Item[]): void {
    for (const one of placed) this.#waiting[part].push(one);
  }

  /** Of a part, how many wait. */
  waiting(part: number): number {
    return this.#waiting[part].length;
  }

  /** Of a part, what waits. */
  *waitingOf(part: number): Generator<Item> {
    for (let i = this.#given[part]; i < this.#waiting[part].length; i++) yield this.#waiting[part][i];
  }

  get isEmpty(): boolean {
    return this.#waiting.every((waiting, part) => waiting.length === this.#given[part]);
  }

  /** +Infinity: it has ended. */
  reach(part: number, time_ms: number): void {
    this.#reached_ms[part] = time_ms;
  }

  /** How far a part is. */
  reachedBy(part: number): number {
    return this.#reached_ms[part];
  }

  /** As far as all parts are. */
  get reached_ms(): number {
    return Math.min(...this.#reached_ms);
  }

  /** What can be given now, in order; nothing twice. */
  take(): Item[] {
    const bound_ms = this.reached_ms;
    const taken: Item[] = [];
    for (let part = this.#first(bound_ms); part !== -1; part = this.#first(bound_ms)) {
      taken.push(this.#waiting[part][this.#given[part]++]);
    }
    this.#waiting.forEach((waiting, part) => {
      if (this.#given[part] > 0) waiting.splice(0, this.#given[part]);
      this.#given[part] = 0;
    });
    return taken;
  }

  /** The part whose next one is first; -1: none has one before the time. */
  #first(bound_ms: number): number {
    let first = -1;
    for (let part = 0; part < this.#waiting.length; part++) {
      const next = this.#next(part);
      if (next === undefined || next.decided_at >= bound_ms) continue;
      if (first === -1 || comparePlaced(next, this.#next(first) as Item) < 0) first = part;
    }
    return first;
  }

  #next(part: number): Item | undefined {
    return this.#waiting[part][this.#given[part]];
  }
}
