import type { CalendarSpec } from '../program.ts';

/**
 * The windows [start, end) of TUMBLING and HOPPING: where they start and end (S8). Starts are the multiples of the
 * advance since the epoch, UTC, shifted by OFFSET; or, IN TIME ZONE, the instants at which the zone's clock shows such a
 * multiple, so that a day has 23, 24 or 25 hours.
 */
export interface Calendar {
  /** The last start at or before the time. */
  startOf(time: number): number;
  /** The start behind this one. */
  next(start: number): number;
  /** The start before this one. */
  previous(start: number): number;
  endOf(start: number): number;
  /** The first start whose window contains the time. */
  firstOpen(time: number): number;
}

/** In a zone a window's size must be a whole number of advances: it ends where a later one starts. */
export function makeCalendar(size_ms: number, advance_ms: number, spec: CalendarSpec | undefined): Calendar {
  if (spec === undefined || spec.startOf === null) return new EvenCalendar(size_ms, advance_ms, spec?.offset_ms ?? 0);
  const { startOf, offset_ms } = spec;
  return new ZonedCalendar(
    (time) => startOf(time, advance_ms, offset_ms),
    advance_ms,
    Math.round(size_ms / advance_ms),
  );
}

/** HOT. Starts at even distances: arithmetic. */
class EvenCalendar implements Calendar {
  readonly #size_ms: number;
  readonly #advance_ms: number;
  readonly #offset_ms: number;

  constructor(size_ms: number, advance_ms: number, offset_ms: number) {
    this.#size_ms = size_ms;
    this.#advance_ms = advance_ms;
    this.#offset_ms = offset_ms;
  }

  startOf(time: number): number {
    return Math.floor((time - this.#offset_ms) / this.#advance_ms) * this.#advance_ms + this.#offset_ms;
  }

  next(start: number): number {
    return start + this.#advance_ms;
  }

  previous(start: number): number {
    return start - this.#advance_ms;
  }

  endOf(start: number): number {
    return start + this.#size_ms;
  }

  firstOpen(time: number): number {
    return this.startOf(time - this.#size_ms) + this.#advance_ms;
  }
}

/** Starts that are remembered; with more the oldest are forgotten and computed again when somebody asks. */
const REMEMBERED = 4096;

/**
 * HOT. Starts by a zone's clock. They are asked for in the order of time, so a list of consecutive ones is kept, and the
 * zone's rules are read once a window and not once an event.
 */
class ZonedCalendar implements Calendar {
  readonly #startOf: (time: number) => number;
  readonly #advance_ms: number;
  /** A window ends where the one so many places behind it starts. */
  readonly #steps: number;
  /** Consecutive starts. */
  #starts: number[] = [];
  /** Place of the start that was found last. */
  #at = 0;

  constructor(startOf: (time: number) => number, advance_ms: number, steps: number) {
    this.#startOf = startOf;
    this.#advance_ms = advance_ms;
    this.#steps = steps;
  }

  startOf(time: number): number {
    const at = this.#find(time);
    return this.#starts[at];
  }

  next(start: number): number {
    return this.#startAt(this.#find(start) + 1);
  }

  previous(start: number): number {
    return this.#startAt(this.#find(start) - 1);
  }

  endOf(start: number): number {
    return this.#startAt(this.#find(start) + this.#steps);
  }

  firstOpen(time: number): number {
    return this.#startAt(this.#find(time) - this.#steps + 1);
  }

  /** Place of the last start at or before the time; the list reaches beyond it. */
  #find(time: number): number {
    const starts = this.#starts;
    const far = starts.length === 0 || time < starts[0] - 64 * this.#advance_ms;
    if (far || time > starts[starts.length - 1] + 64 * this.#advance_ms || starts.length > REMEMBERED) {
      this.#starts = [this.#startOf(time)];
      this.#at = 0;
    }
    while (time < this.#starts[0]) this.#extendBack();
    while (time >= this.#starts[this.#starts.length - 1]) this.#extend();
    if (this.#at >= this.#starts.length) this.#at = this.#starts.length - 1;
    while (this.#starts[this.#at] > time) this.#at--;
    while (this.#at + 1 < this.#starts.length && this.#starts[this.#at + 1] <= time) this.#at++;
    return this.#at;
  }

  /** The start at this place of the list, which is made long enough; places of other starts may change. */
  #startAt(place: number): number {
    let at = place;
    while (at >= this.#starts.length) this.#extend();
    for (; at < 0; at++) this.#extendBack();
    return this.#starts[at];
  }

  #extend(): void {
    const last = this.#starts[this.#starts.length - 1];
    let time = last + this.#advance_ms;
    // Where the clock was turned back the window is longer than an advance.
    while (this.#startOf(time) === last) time += this.#advance_ms;
    let next = this.#startOf(time);
    // Where the clock leapt there may be a start between the two.
    for (let before = this.#startOf(next - 1); before !== last; before = this.#startOf(next - 1)) next = before;
    this.#starts.push(next);
  }

  #extendBack(): void {
    this.#starts.unshift(this.#startOf(this.#starts[0] - 1));
    this.#at++;
  }
}
