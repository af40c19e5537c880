import { compareText, type LogEntry, type StreamSettings, type Verdict } from '../../../engine/index.ts';
import type { Event } from './harness.ts';

/**
 * S3 and S4 said once more, so that they can be checked by reading: everything is kept for ever in lists, everything
 * that W has passed is released at once, and who stands is found by going through all that waits.
 */
interface Row {
  entry: number;
  time: number;
  seq: number;
  id: string;
  tenant: string;
}

const compareRows = (a: Row, b: Row): number =>
  a.time - b.time || a.seq - b.seq || compareText(a.id, b.id) || compareText(a.tenant, b.tenant) || a.entry - b.entry;

export class NaiveDoor {
  readonly #settings: StreamSettings;
  readonly #partitions = new Map<string, { own: number; floor: number; active: boolean }>();
  W = Number.NEGATIVE_INFINITY;
  #waiting: Row[] = [];
  readonly #accepted: Row[] = [];
  readonly verdicts: Verdict[] = [];
  #entries = 0;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
  }

  get released(): string[] {
    return this.#accepted.map((row) => row.id);
  }

  apply(entry: LogEntry): void {
    const number = this.#entries++;
    if (entry.kind === 'record') this.#record(number, entry.record);
    else if (entry.kind === 'tick') this.#tick(entry.now_ms);
    else if (entry.kind === 'end') this.W = Number.POSITIVE_INFINITY;
    else if (entry.kind === 'idle' || entry.kind === 'back') this.#step(entry.partition, entry.kind === 'back');
    this.#move();
    this.#release();
  }

  #record(
    entry: number,
    record: { partition: string; position: number; received_at: number; bytes: Uint8Array },
  ): void {
    const event = JSON.parse(new TextDecoder().decode(record.bytes)) as Event | null;
    if (event === null || event.timestamp > record.received_at + this.#settings.max_ahead_ms) {
      this.verdicts[entry] = 'rejected';
      return;
    }
    let partition = this.#partitions.get(record.partition);
    if (partition === undefined) {
      partition = { own: Number.NEGATIVE_INFINITY, floor: this.W, active: true };
      this.#partitions.set(record.partition, partition);
    }
    if (!partition.active) this.#step(record.partition, true);
    const row: Row = {
      ...{ entry, time: event.timestamp, seq: event.seq ?? record.position },
      ...{ id: event.event_id as string, tenant: event.tenant_id ?? 'default' },
    };
    const isLate = row.time < Math.max(partition.own, partition.floor);
    const oldest = this.W - 2 * this.#settings.dedup_horizon_ms;
    if (this.#accepted.some((other) => other.time >= oldest && this.#isTwin(other, row))) {
      this.verdicts[entry] = 'duplicate';
    } else if (isLate) {
      this.verdicts[entry] = this.#standing().some((other) => this.#isTwin(other, row)) ? 'duplicate' : 'late';
    } else {
      this.#waiting.push(row);
      if (this.#standing().includes(row))
        partition.own = Math.max(partition.own, row.time - this.#settings.lateness_ms);
    }
  }

  #isTwin(a: Row, b: Row): boolean {
    return a.id === b.id && a.tenant === b.tenant && Math.abs(a.time - b.time) <= this.#settings.dedup_horizon_ms;
  }

  /** Who would be accepted if all that waits were released now. */
  #standing(): Row[] {
    const standing: Row[] = [];
    for (const row of this.#waiting.sort(compareRows)) {
      if (![...this.#accepted, ...standing].some((other) => this.#isTwin(other, row))) standing.push(row);
    }
    return standing;
  }

  #release(): void {
    const standing = new Set(this.#standing());
    for (const row of this.#waiting) {
      if (row.time >= this.W) continue;
      this.verdicts[row.entry] = standing.has(row) ? 'accepted' : 'duplicate';
      if (standing.has(row)) this.#accepted.push(row);
    }
    this.#waiting = this.#waiting.filter((row) => row.time >= this.W);
  }

  #step(name: string, back: boolean): void {
    const partition = this.#partitions.get(name);
    if (partition === undefined || partition.active === back) return;
    partition.active = back;
    if (back) partition.floor = this.W;
  }

  #tick(now_ms: number): void {
    const all = [...this.#partitions.values()];
    if (all.length === 0 || all.some((partition) => partition.active)) return;
    this.W = Math.max(this.W, now_ms - this.#settings.idle_ms - this.#settings.lateness_ms);
  }

  #move(): void {
    const active = [...this.#partitions.values()].filter((partition) => partition.active);
    if (active.length === 0) return;
    this.W = Math.max(this.W, Math.min(...active.map(({ own, floor }) => Math.max(own, floor))));
  }
}
