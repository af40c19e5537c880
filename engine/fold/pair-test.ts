import type { JoinSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Value } from '../value.ts';
import { isOneSource, type JoinPlace, type Side } from './join-parts.ts';
import type { JoinSide } from './join-side.ts';
import type { PairGuard } from './pair-guard.ts';

/** HOT. What is asked of a pair of row i of a side's batch, `came`, and a kept row of the other side with the same key. */
export class PairTest {
  readonly #spec: JoinSpec;
  readonly #sides: Readonly<Record<Side, JoinSide>>;
  readonly #place: JoinPlace;
  /** null: every pair is read. */
  readonly #guard: PairGuard | null;
  readonly #values: Value[];

  constructor(spec: JoinSpec, sides: Readonly<Record<Side, JoinSide>>, place: JoinPlace, guard: PairGuard | null) {
    this.#spec = spec;
    this.#sides = sides;
    this.#place = place;
    this.#guard = guard;
    this.#values = spec.residual?.sources.map(() => null) ?? [];
  }

  /** Whether they are two events, and what ON asks beside the key. */
  passes(rows: StreamRows, i: number, came: Side, kept: number): boolean {
    if (this.#place.isSelf && this.#isSame(rows, i, came, kept)) return false;
    const { residual, sources } = this.#spec;
    if (residual === null) return true;
    for (let k = 0; k < residual.sources.length; k++) {
      const source = residual.sources[k];
      const { side } = sources[source];
      const own = this.#sides[side];
      this.#values[k] = side === came ? own.valueIn(i, source) : own.valueOf(kept, source);
    }
    return residual.test(this.#values) === true;
  }

  /** Whether they are one event, or elements of one. */
  #isSame(rows: StreamRows, i: number, came: Side, kept: number): boolean {
    const ids = this.#sides[came === 'left' ? 'right' : 'left'].idsAtOneTime(kept, rows, i);
    if (ids === null) return false;
    const [kept_id, own_id] = ids;
    return came === 'left' ? isOneSource(own_id, kept_id, this.#place) : isOneSource(kept_id, own_id, this.#place);
  }

  /** Whether a rule can read the pair. */
  isRead(rows: StreamRows, i: number, came: Side, kept: number): boolean {
    const guard = this.#guard;
    if (guard === null) return true;
    const { reads } = guard;
    for (let k = 0; k < reads.length; k++) {
      const { side, source } = reads[k];
      const own = this.#sides[side];
      guard.give(k, side === came ? own.rawIn(i, source) : own.rawOf(kept, source));
    }
    return guard.isRead(rows, i, rows.stamp[i]);
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#guard?.forget();
  }
}
