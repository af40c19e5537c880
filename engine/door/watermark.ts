import type { StreamSettings } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';

const NOT_YET = 0;
const ACTIVE = 1;
const ASIDE = 2;

/**
 * The watermark (semantics.md S3). Each source partition has its own: the greatest accepted timestamp less LATENESS,
 * moved per record. W is the least over the active partitions and never falls. All times are whole milliseconds.
 *
 * Who steps aside, and when, is decided outside (the driver knows lag and silence) and comes in as log entries.
 */
export class Watermark {
  readonly #lateness_ms: number;
  readonly #idle_ms: number;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Per partition: its watermark, the bound it came in with, and whether it counts. */
  readonly #own_ms: number[] = [];
  readonly #floor_ms: number[] = [];
  readonly #state: number[] = [];
  /** How far its records have come that were late or duplicates, since the last accepted one; not in a snapshot. */
  readonly #shown_ms: number[] = [];
  /** The active partition with the least bound: as long as it stands still, W does. -1: none is active. */
  #holder = -1;
  #value_ms = Number.NEGATIVE_INFINITY;
  /** While stored history is read: what its verdicts say was released (hold()); null otherwise. */
  #stored_ms: number | null = null;

  constructor(settings: Pick<StreamSettings, 'lateness_ms' | 'idle_ms'>) {
    this.#lateness_ms = settings.lateness_ms;
    this.#idle_ms = settings.idle_ms;
  }

  /** W: everything before it has been released, nothing before it will be accepted. */
  get value_ms(): number {
    return this.#value_ms;
  }

  /** Up to where events may be released: W, but while stored history is read only what was released then. */
  get release_ms(): number {
    return this.#stored_ms ?? this.#value_ms;
  }

  /**
   * From here on stored verdicts are read. They may have been given with another LATENESS, so what is released does not
   * follow W but passed(): every record that was accepted later is at or after that, whatever the settings are now.
   */
  hold(): void {
    this.#stored_ms ??= this.#value_ms;
  }

  /** The stored history says that W was beyond this time. */
  passed(time_ms: number): void {
    if (this.#stored_ms !== null && time_ms >= this.#stored_ms) this.#stored_ms = time_ms + 1;
  }

  /** All records with stored verdicts were read: W is the watermark again, and not below what was released. */
  letGo(): void {
    if (this.#stored_ms !== null) this.#raise(this.#stored_ms);
    this.#stored_ms = null;
  }

  /** W is known to have been at least this time here. */
  reach(time_ms: number): void {
    this.#raise(time_ms);
  }

  get partitions(): number {
    return this.#names.length;
  }

  /** The partition's number, or -1 when it has none yet. */
  find(name: string): number {
    return this.#numbers.get(name) ?? -1;
  }

  /** The active partition that holds W back; null when none is active. */
  get holder(): string | null {
    return this.#holder === -1 ? null : this.#names[this.#holder];
  }

  /** Gives a partition its number. It does not count before appear(). */
  add(name: string): number {
    const number = this.#names.length;
    this.#names.push(name);
    this.#numbers.set(name, number);
    this.#own_ms.push(Number.NEGATIVE_INFINITY);
    this.#floor_ms.push(Number.NEGATIVE_INFINITY);
    this.#state.push(NOT_YET);
    this.#shown_ms.push(Number.NEGATIVE_INFINITY);
    return number;
  }

  /**
   * A record that is not rejected was read from the partition: it appears with its first one, and a partition that had
   * stepped aside is back. Either way its floor is W, so W never falls.
   */
  appear(partition: number): void {
    if (this.#state[partition] === ACTIVE) return;
    this.#state[partition] = ACTIVE;
    this.#floor_ms[partition] = this.#value_ms;
    this.#advance();
  }

  /** What a record of the partition must reach: an earlier timestamp is late. */
  bound_ms(partition: number): number {
    return Math.max(this.#own_ms[partition], this.#floor_ms[partition]);
  }

  /** Moves the partition's watermark by a record that is neither rejected, duplicate nor late. */
  accept(partition: number, timestamp_ms: number): void {
    this.#shown_ms[partition] = Number.NEGATIVE_INFINITY;
    const own_ms = timestamp_ms - this.#lateness_ms;
    if (own_ms <= this.#own_ms[partition]) return;
    this.#own_ms[partition] = own_ms;
    if (partition === this.#holder) this.#advance();
  }

  /**
   * A record of it was late or a duplicate. Whether W should go on waiting for the partition: it comes nearer to where it
   * would move its watermark, as one does that catches up. What is beyond that, or was there before, brings it no nearer:
   * a second sender of the same events, or one that sends one event again and again, would hold back W for ever.
   */
  comesNearer(partition: number, timestamp_ms: number): boolean {
    const within_ms = Math.min(timestamp_ms, this.bound_ms(partition) + this.#lateness_ms);
    if (within_ms <= this.#shown_ms[partition]) return false;
    this.#shown_ms[partition] = within_ms;
    return true;
  }

  /** The partition has nothing left to read and was silent for IDLE: it no longer holds W back. */
  stepAside(name: string): void {
    const partition = this.find(name);
    if (partition === -1 || this.#state[partition] !== ACTIVE) return;
    this.#state[partition] = ASIDE;
    this.#advance();
  }

  /** The partition has something to read again. */
  comeBack(name: string): void {
    const partition = this.find(name);
    if (partition !== -1 && this.#state[partition] === ASIDE) this.appear(partition);
  }

  /**
   * The clock. It moves W only while every partition is aside; before the first record there is nothing to wait for
   * and nothing to close, and history may still come, so W stays where it is.
   */
  tick(now_ms: number): void {
    if (this.#holder !== -1 || !this.#state.includes(ASIDE)) return;
    this.#raise(now_ms - this.#idle_ms - this.#lateness_ms);
  }

  /** A bounded source ended: W is beyond every time, and whatever still comes is late. */
  end(): void {
    this.#value_ms = Number.POSITIVE_INFINITY;
    this.#floor_ms.fill(Number.POSITIVE_INFINITY);
  }

  #advance(): void {
    let holder = -1;
    let least_ms = Number.POSITIVE_INFINITY;
    for (let partition = 0; partition < this.#state.length; partition++) {
      if (this.#state[partition] !== ACTIVE) continue;
      const bound_ms = this.bound_ms(partition);
      if (holder !== -1 && bound_ms >= least_ms) continue;
      holder = partition;
      least_ms = bound_ms;
    }
    this.#holder = holder;
    if (holder !== -1) this.#raise(least_ms);
  }

  #raise(to_ms: number): void {
    if (to_ms > this.#value_ms) this.#value_ms = to_ms;
  }

  snapshot(): Snapshot {
    return {
      names: this.#names.slice(),
      own_ms: Float64Array.from(this.#own_ms),
      floor_ms: Float64Array.from(this.#floor_ms),
      state: Int32Array.from(this.#state),
      value_ms: this.#value_ms,
      stored_ms: this.#stored_ms,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as {
      names: readonly string[];
      own_ms: Float64Array;
      floor_ms: Float64Array;
      state: Int32Array;
      value_ms: number;
      stored_ms?: number | null;
    };
    from.names.forEach((name, i) => {
      const partition = this.add(name);
      this.#own_ms[partition] = from.own_ms[i];
      this.#floor_ms[partition] = from.floor_ms[i];
      this.#state[partition] = from.state[i];
    });
    this.#value_ms = from.value_ms;
    this.#stored_ms = from.stored_ms ?? null;
    this.#advance();
  }
}
