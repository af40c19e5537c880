import type { JoinSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { MISSING } from '../state/key-table.ts';
import { FEW_BITS_VALUES, fewBitsOf, type JoinBounds } from './join-bounds.ts';
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
 * HOT. Rows of a push that a join need not take one by one, for they change nothing but a count:
 * - those that sleep (sleeping-rows.ts), all of a side at once, where no lookup changes before the push ends;
 * - those that leave in this push and have the key of no row of the other side, as far as a few bits of it tell. Of `a JOIN b
 *   WITHIN (AFTER 1 MINUTE)` they are nearly all rows of b. A row of a key stays where an earlier one of its side does, so that
 *   the order in which keys fell silent is that of the rows that stay. Where a bound is so near that it could count rows that
 *   come and go, all stay.
 */
export class JoinAhead {
  readonly #join: AheadParts;
  /** By a few bits of a key: whether rows of the side that have them stay. All 0 between two pushes. */
  readonly #stay: BothSides<Uint8Array> = {
    left: new Uint8Array(FEW_BITS_VALUES),
    right: new Uint8Array(FEW_BITS_VALUES),
  };
  readonly #mayLeave: BothSides<boolean>;

  constructor(join: AheadParts) {
    this.#join = join;
    // Rows that an EXISTS held back do not leave in the order of their times; a row without a match may be shown.
    const { kind, place } = join;
    this.#mayLeave = { left: kind === 'inner' && !place.isChained, right: !place.isChained };
  }

  /** Takes them out of what passed; the inputs and sides are bound to these rows. No later row has a time before `until`. */
  take(left: StreamRows, right: StreamRows, until: number): void {
    const { passed, sleeping } = this.#join;
    if (!sleeping.areQuiet(until)) return;
    sleeping.left?.takeAll(left, passed.left, this.#join.inputs.left);
    sleeping.right?.takeAll(right, passed.right, this.#join.inputs.right);
    const leavesLeft = this.#leaves('left', left, until);
    const leavesRight = this.#leaves('right', right, until);
    if (!leavesLeft && !leavesRight) return;
    if (!this.#join.bounds.isFar(passed.left.count + passed.right.count)) return;
    if (leavesLeft) this.#markStaying('left', left, 'right');
    if (leavesRight) this.#markStaying('right', right, 'left');
    if (leavesLeft) this.#leaveOut('left', left, until);
    if (leavesRight) this.#leaveOut('right', right, until);
    this.#stay.left.fill(0);
    this.#stay.right.fill(0);
  }

  /** Whether any row of a side leaves before the push ends, and nothing hears of it. */
  #leaves(side: Side, { time }: StreamRows, until: number): boolean {
    const { list, count } = this.#join.passed[side];
    return this.#mayLeave[side] && count > 0 && time[list[0]] + this.#join.place.keep_ms[side] < until;
  }

  /** Rows of a side stay that have long texts, which count for bounds in bytes, or a key that comes on the other side, too. */
  #markStaying(side: Side, rows: StreamRows, other: Side): void {
    const { passed, inputs, sides } = this.#join;
    const stay = this.#stay[side];
    const { list, count } = passed[side];
    const own = inputs[side];
    for (let n = 0; n < count; n++) {
      if (!sides[side].isShort(rows, list[n]) && own.keyOf(list[n]) === MISSING) stay[fewBitsOf(own.parts[0])] = 1;
    }
    const others = passed[other];
    const input = inputs[other];
    for (let n = 0; n < others.count; n++) {
      if (input.keyOf(others.list[n]) === MISSING) stay[fewBitsOf(input.parts[0])] = 1;
    }
  }

  #leaveOut(side: Side, { time }: StreamRows, until: number): void {
    const { passed, inputs, bounds, place } = this.#join;
    const stay = this.#stay[side];
    const input = inputs[side];
    const { list, count } = passed[side];
    const before = until - place.keep_ms[side];
    let kept = 0;
    for (let n = 0; n < count; n++) {
      const i = list[n];
      const isAlone =
        input.keyOf(i) === MISSING && bounds.hasNone(input.parts) && stay[fewBitsOf(input.parts[0])] === 0;
      if (isAlone && time[i] < before) continue;
      list[kept++] = i;
    }
    passed[side].count = kept;
  }
}
