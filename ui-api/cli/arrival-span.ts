import { Dictionary, type DoorVerdict, PlainDecoder, type Program, type Verdict } from '../../engine/index.ts';

/**
 * The time of the last event that the live door accepted. A record's acceptance is told when it is released, and records
 * are released in the order of their times (S2): the one that was told last is the last event, and only its time is
 * read. What came with the greatest time need not be it: another record of its id, with an earlier time, takes its place.
 */
export class ArrivalSpan {
  readonly #program: Program;
  /** Copies of the records that may still be accepted, by position: as many as wait in the door. */
  readonly #waiting = new Map<number, Uint8Array>();
  #last: Uint8Array | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  /** @param answer the door's on the record, before its release: a duplicate may yet take the place of the one it repeats */
  came(position: number, bytes: Uint8Array, answer: Verdict | null): void {
    if (answer === 'accepted' || answer === 'duplicate') this.#waiting.set(position, bytes.slice());
  }

  /** Verdicts in the order in which the door gave them. */
  settle(verdicts: readonly DoorVerdict[]): void {
    for (const { position, verdict } of verdicts) {
      if (verdict === 'accepted') this.#last = this.#waiting.get(position) ?? this.#last;
      this.#waiting.delete(position);
    }
  }

  /** In stream time; null where nothing was accepted. */
  get last_event_ms(): number | null {
    if (this.#last === null) return null;
    const decoder = new PlainDecoder(this.#program.schema, [], new Dictionary());
    return decoder.decode(this.#last) === null ? decoder.event.timestamp : null;
  }
}
