import type { Snapshot } from '../snapshot.ts';
import type { Side } from './join-parts.ts';
import type { SleepingRows } from './sleeping-rows.ts';

/** What sleeps of both sides of a join; null: rows of that side do not sleep. */
export class SleepingSides {
  readonly left: SleepingRows | null;
  readonly right: SleepingRows | null;
  readonly #all: readonly SleepingRows[];

  constructor(of: (side: Side) => SleepingRows | null) {
    this.left = of('left');
    this.right = of('right');
    this.#all = [this.left, this.right].filter((side) => side !== null);
  }

  /** Whether it is known that no lookup changes up to this time which rows are asked about. false says nothing. */
  areQuiet(time: number): boolean {
    for (let k = 0; k < this.#all.length; k++) if (!this.#all[k].isQuiet(time)) return false;
    return true;
  }

  /** Removes what no row at `time` or later can match. */
  expire(time: number): void {
    for (let k = 0; k < this.#all.length; k++) this.#all[k].expire(time);
  }

  forget(): void {
    for (const side of this.#all) side.forget();
  }

  markUsed(used: Uint8Array): void {
    for (const side of this.#all) side.markUsed(used);
  }

  get live(): number {
    return this.#all.reduce((sum, { live }) => sum + live, 0);
  }

  /** Rows that went because of rows_per_group. */
  get dropped(): number {
    return this.#all.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  get allocated_bytes(): number {
    return this.#all.reduce((sum, { allocated_bytes }) => sum + allocated_bytes, 0);
  }

  snapshot(): Snapshot {
    return { left: this.left?.snapshot() ?? null, right: this.right?.snapshot() ?? null };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { readonly left: Snapshot; readonly right: Snapshot };
    this.left?.restore(from.left);
    this.right?.restore(from.right);
  }
}
