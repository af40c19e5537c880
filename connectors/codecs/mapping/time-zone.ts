/** Local times of an IANA time zone as epoch milliseconds, by the zone data of the running Node (Intl). */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Log lines stand close together: the answer for one quarter of an hour is kept. Zones change at whole quarters. */
  #quarter = Number.NaN;
  #shift = 0;

  /** @throws Error for a name that is no time zone. */
  constructor(name: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        calendar: 'gregory',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw new Error(`'${name}' is no time zone. Give an IANA name, such as Europe/Berlin or UTC.`);
    }
    this.name = name;
  }

  /** What is to be added to UTC at this instant, in milliseconds. */
  #offset(epoch_ms: number): number {
    const parts = new Map(this.#format.formatToParts(epoch_ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number;
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return local - Math.floor(epoch_ms / 1000) * 1000;
  }

  /**
   * The instant at which clocks of the zone show a local time, which is given as if it were UTC (Date.UTC of its parts).
   * When clocks are put back an hour is shown twice: the first one is meant. When they are put forward an hour is not
   * shown: a time in it is read with the offset before the change, so it falls into the hour behind it.
   */
  toEpoch(local_ms: number): number {
    const quarter = Math.floor(local_ms / 900_000);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#shift = this.#shiftAt(quarter * 900_000);
    }
    return local_ms - this.#shift;
  }

  #shiftAt(local_ms: number): number {
    const day = 86_400_000;
    const before = this.#offset(local_ms - day);
    const after = this.#offset(local_ms + day);
    // The greater offset makes the earlier instant, so it is tried first.
    for (const offset of before > after ? [before, after] : [after, before]) {
      if (this.#offset(local_ms - offset) === offset) return offset;
    }
    return before;
  }
}
