export interface YearOptions {
  /** Year of the file's first line. Later years follow in the order of the lines. */
  readonly year?: number;
  /**
   * Used without `year`: a time that no line is later than (the file's last change). Every line then takes the latest
   * year that fits, so a file that goes over more than one year needs `year`.
   */
  readonly reference_ms?: number;
}

const DAY_MS = 86_400_000;
/** The line's zone may be another one than we were told, and its clock may be fast. */
const REFERENCE_SLACK_MS = DAY_MS;
/** A line may stand this much before an earlier line and is still of the same year; beyond that a year has begun. */
const DISORDER_MS = 90 * DAY_MS;
/** Between two 29ths of February. */
const MOST_YEARS = 9;

/** Gives classic syslog times, which have none, their year. It remembers the latest line: one instance for one file. */
export class ClassicYear {
  readonly #year: number | null;
  readonly #reference: number | null;
  #latest = -Infinity;

  constructor(options: YearOptions) {
    this.#year = options.year ?? null;
    this.#reference = options.reference_ms ?? null;
  }

  /** @param timeIn the time of the line in a year, or null where that year has no such day. Null when none fits. */
  place(timeIn: (year: number) => number | null): number | null {
    return this.#year === null ? this.#placeBefore(timeIn) : this.#placeInOrder(timeIn, this.#year);
  }

  get isKnown(): boolean {
    return this.#year !== null || this.#reference !== null;
  }

  #placeBefore(timeIn: (year: number) => number | null): number | null {
    if (this.#reference === null) return null;
    const latest = this.#reference + REFERENCE_SLACK_MS;
    const year = new Date(latest).getUTCFullYear();
    // A zone east of Greenwich is in the next year already.
    for (let candidate = year + 1; candidate > year - MOST_YEARS; candidate--) {
      const time = timeIn(candidate);
      if (time !== null && time <= latest) return time;
    }
    return null;
  }

  #placeInOrder(timeIn: (year: number) => number | null, firstYear: number): number | null {
    const latestYear = this.#latest === -Infinity ? firstYear : new Date(this.#latest).getUTCFullYear();
    for (let candidate = Math.max(firstYear, latestYear - 1); candidate <= latestYear + 1; candidate++) {
      const time = timeIn(candidate);
      if (time !== null && time >= this.#latest - DISORDER_MS) {
        if (time > this.#latest) this.#latest = time;
        return time;
      }
    }
    return null;
  }
}
