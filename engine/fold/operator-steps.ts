import { passesResidual } from '../route/residual.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { ASLEEP, BLOCK_BITS, BLOCK_MASK } from '../state/hot-blocks.ts';
import { KEY_BLOCK, KEY_COUNT, KEY_NEWEST } from '../state/key-table.ts';
import type { Emission } from './emission.ts';
import { SlidingStep } from './sliding-step.ts';
import { type StepParts, StepWork } from './step-work.ts';
import { TumblingStep } from './tumbling-step.ts';
import type { WindowEnds } from './window-ends.ts';

/**
 * HOT. What the operators of a row store do with a row of a key that is not cold. For most of them the row is one of
 * those that cannot change anything: they count it, or sleep through it. The others take it (sliding-step.ts,
 * tumbling-step.ts).
 */
export class OperatorSteps {
  readonly #parts: StepParts;
  readonly #work: StepWork;
  readonly #sliding: SlidingStep;
  readonly #tumbling: TumblingStep;

  constructor(parts: StepParts) {
    this.#parts = parts;
    this.#work = new StepWork(parts);
    this.#sliding = new SlidingStep(this.#work);
    this.#tumbling = new TumblingStep(this.#work);
  }

  /** Makes the block of a key that was cold until its newest row came. */
  heat(key: number, newest: number): number {
    const { blocks, classes, walk, keys, window } = this.#parts;
    const count = keys.get(key, KEY_COUNT);
    const block = blocks.create(classes.needs, count + 1);
    walk.start(newest, 0);
    const ints = blocks.records.ints[block >> BLOCK_BITS];
    const left = (block & BLOCK_MASK) * blocks.records.stride * 2 + blocks.left;
    for (let k = 0; k < count; k++) {
      walk.load();
      // The newest row is counted when it is taken.
      if (k === 0) continue;
      const members = classes.members[walk.classes[k]];
      for (let m = 0; m < members.length; m++) {
        const at = left + members[m];
        if (ints[at] > 1 && window.passes(walk.rows[k], members[m])) ints[at]--;
      }
    }
    for (let k = count - 1; k >= 0; k--) {
      blocks.addRecent(block, walk.rows[k], walk.times[k], walk.classes[k], count);
    }
    return block;
  }

  /** Row i of the stream was stored as `row`, the newest of its key, from which the walk has begun. */
  run(rows: StreamRows, i: number, key: number, row: number, block: number, out: Emission[]): void {
    const { classes, router, blocks, operators } = this.#parts;
    const at = (block & BLOCK_MASK) * blocks.records.stride;
    if (blocks.records.doubles[block >> BLOCK_BITS][at] < rows.time[i]) blocks.wake(block, rows.time[i]);
    const ints = blocks.records.ints[block >> BLOCK_BITS];
    const left = 2 * at + blocks.left;
    const members = classes.members[router.rowClass[i]];
    for (let k = 0; k < members.length; k++) {
      const local = members[k];
      const rest = ints[left + local];
      if (rest === ASLEEP) continue;
      const tests = classes.tests[local];
      if (tests !== null && !passesResidual(router.residual, tests, i)) continue;
      if (rest > 1) ints[left + local] = rest - 1;
      else if (operators[local].decided === 'event') this.#sliding.take(local, block, rows, i, key, row, out);
      else this.#tumbling.take(local, block, rows, i, key, row, out);
    }
  }

  /** Judges the operators of a TUMBLING window at its end, by the rows that the key has in it. */
  judgeEnd(ends: WindowEnds, end: number, key: number, out: Emission[]): void {
    const { keys, walk, operators, window, judgement } = this.#parts;
    const start = end - ends.size_ms;
    judgement.continues = false;
    const count = keys.get(key, KEY_COUNT);
    walk.start(keys.get(key, KEY_NEWEST), keys.get(key, KEY_BLOCK));
    for (const local of ends.operators) {
      const operator = operators[local];
      if (count < operator.bounds.least_rows) continue;
      this.#work.collect(local, key, 0, start, Number.POSITIVE_INFINITY);
      if (window.count === 0) continue;
      const decider = { time: end - 1, stamp: end - 1, at_end: 2, root: 0, row: 0 };
      const emission = judgement.emission(operator, key, start, end, decider, null);
      if (emission !== null) out.push(emission);
    }
  }
}
