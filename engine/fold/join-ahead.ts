import type { JoinSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { MISSING } from '../state/key-table.ts';
import { FEW_BITS, type JoinBounds } from './join-bounds.ts';
import type { JoinInput } from './join-input.ts';
import type { JoinPlace, Side } from './join-parts.ts';
import type { PassedRows } from './join-routes.ts';
import type { JoinSide } from './join-side.ts';
import type { SleepingSides } from './sleeping-sides.ts';

type BothSides<T> = Readonly<Record<Side, T>>;

interface AheadParts {
  readonly kind: JoinSpec['kind'];
  readonly place: JoinPlace;
  readonly passed: BothSides<PassedRows>;
  readonly inputs: BothSides<JoinInput>;
  readonly sides: BothSides<JoinSide>;
  readonly bounds: JoinBounds;
  readonly sleeping: SleepingSides;
}

/**
 * HOT. Rows of a push that a join need not take one by one, for they change nothing but a count: those that sleep while no
 * lookup changes, all of a side at once; and those that leave in this push and have the key of no row of the other side, as
 * far as a few bits of it tell. Of `a JOIN b WITHIN (AFTER 1 MINUTE)` the latter are nearly all rows of b. Where a bound is so
 * near that rows which come and go could be counted for it, all rows are taken one by one.
 */
export class JoinAhead {
  readonly #parts: AheadParts;
  /** By a few bits of a key's first part: whether a row of the side in this push has them. All 0 between two pushes. */
  readonly #comes: BothSides<Uint8Array> = {
    left: new Uint8Array(FEW_BITS + 1),
    right: new Uint8Array(FEW_BITS + 1),
  };
  readonly #mayLeave: BothSides<boolean>;

  constructor(parts: AheadParts) {
    this.#parts = parts;
    // Rows that an EXISTS held back do not leave in the order of their times, and a row without a match may be shown.
    const { kind, place } = parts;
    this.#mayLeave = { left: kind === 'inner' && !place.isChained, right: !place.isChained };
  }

  /** Takes them out of what passed; the inputs and sides are bound to these rows. No later row has a time before `until`. */
  take(left: StreamRows, right: StreamRows, until: number): void {
    const { passed, sleeping } = this.#parts;
    if (!sleeping.areQuiet(until)) return;
    sleeping.left?.takeAll(left, passed.left, this.#parts.inputs.left);
    sleeping.right?.takeAll(right, passed.right, this.#parts.inputs.right);
    const leavesLeft = this.#leaves('left', left, until);
    const leavesRight = this.#leaves('right', right, until);
    if (!leavesLeft && !leavesRight) return;
    if (!this.#parts.bounds.isFar(passed.left.count + passed.right.count)) return;
    const areShort = this.#note('left', left) && this.#note('right', right);
    if (areShort && leavesLeft) this.#leaveOut('left', left, until);
    if (areShort && leavesRight) this.#leaveOut('right', right, until);
    this.#comes.left.fill(0);
    this.#comes.right.fill(0);
  }

  /** Whether any row of a side leaves before the push ends, and nothing hears of it. */
  #leaves(side: Side, { time }: StreamRows, until: number): boolean {
    const { list, count } = this.#parts.passed[side];
    return this.#mayLeave[side] && count > 0 && time[list[0]] + this.#parts.place.keep_ms[side] < until;
  }

  /** Notes which keys come; whether all of them are of rows without long texts, which count for no bound in bytes. */
  #note(side: Side, rows: StreamRows): boolean {
    const { passed, inputs, sides } = this.#parts;
    const { list, count } = passed[side];
    const comes = this.#comes[side];
    const input = inputs[side];
    for (let n = 0; n < count; n++) {
      if (!sides[side].isShort(rows, list[n])) return false;
      if (input.keyOf(list[n]) === MISSING) comes[input.parts[0] & FEW_BITS] = 1;
    }
    return true;
  }

  #leaveOut(side: Side, { time }: StreamRows, until: number): void {
    const { passed, inputs, bounds, place } = this.#parts;
    const own = passed[side];
    const comes = this.#comes[side === 'left' ? 'right' : 'left'];
    const input = inputs[side];
    const { list, count } = own;
    const before = until - place.keep_ms[side];
    let kept = 0;
    for (let n = 0; n < count; n++) {
      const i = list[n];
      const isAlone =
        input.keyOf(i) === MISSING && bounds.hasNone(input.parts) && comes[input.parts[0] & FEW_BITS] === 0;
      if (isAlone && time[i] < before) continue;
      list[kept++] = i;
    }
    own.count = kept;
  }
}
