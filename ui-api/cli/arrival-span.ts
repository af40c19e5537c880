import { Dictionary, type DoorVerdict, PlainDecoder, type Program, type Verdict } from '../../engine/index.ts';

/**
 * The time of the last event that the live door accepted, and how many it accepted at or after --until. A record's
 * acceptance is told when it is released, and records are released in the order of their times (S2): the one that was told
 * last is the last event, and of many only a few times have to be read. What came with the greatest time need not be it:
 * another record of its id, with an earlier time, takes its place.
 */
export class ArrivalSpan {
  readonly #decoder: PlainDecoder;
  readonly #until_ms: number;
  /** Copies of the records that may still be accepted, by position: as many as wait in the door. */
  readonly #waiting = new Map<number, Uint8Array>();
  #last: Uint8Array | null = null;
  /** Accepted events at or after --until. */
  after_until = 0;
  /** Those that the door has released so far. */
  accepted = 0;

  /** @param until_ms stream time; null: no event is after it */
  constructor(program: Program, until_ms: number | null) {
    this.#decoder = new PlainDecoder(program.schema, [], new Dictionary());
    this.#until_ms = until_ms ?? Number.POSITIVE_INFINITY;
  }

  /** @param answer the door's on the record, before its release: a duplicate may yet take the place of the one it repeats */
  came(position: number, bytes: Uint8Array, answer: Verdict | null): void {
    if (answer === 'accepted' || answer === 'duplicate') this.#waiting.set(position, bytes.slice());
  }

  /** Verdicts in the order in which the door gave them. */
  settle(verdicts: readonly DoorVerdict[]): void {
    const accepted: Uint8Array[] = [];
    for (const { position, verdict } of verdicts) {
      const bytes = this.#waiting.get(position);
      if (verdict === 'accepted' && bytes !== undefined) accepted.push(bytes);
      this.#waiting.delete(position);
    }
    if (accepted.length === 0) return;
    this.accepted += accepted.length;
    this.#last = accepted[accepted.length - 1];
    if (this.#until_ms !== Number.POSITIVE_INFINITY) this.after_until += accepted.length - this.#before(accepted);
  }

  /** In stream time; null where nothing was accepted. */
  get last_event_ms(): number | null {
    return this.#last === null ? null : this.#timeOf(this.#last);
  }

  /** How many of these, which are in the order of their times, are before --until. */
  #before(accepted: readonly Uint8Array[]): number {
    let [low, high] = [0, accepted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timeOf(accepted[middle]) ?? Number.NEGATIVE_INFINITY) < this.#until_ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #timeOf(bytes: Uint8Array): number | null {
    return this.#decoder.decode(bytes) === null ? this.#decoder.event.timestamp : null;
  }
}
