import { passesResidual } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { Snapshot } from '../snapshot.ts';

/**
 * HOT. Which rows of a batch go to which lane (row stores of one key expression), and how many rows passed each
 * operator's WHERE: counted per class, and one by one only for operators with residual tests.
 */
export class RowLists {
  /** Rows of the last batch for each lane, in order. */
  readonly lanes: { list: Int32Array; count: number }[];
  readonly #router: Router;
  /** By row class: lanes that read it, and operators with residual tests. */
  readonly #lanesOf: Int32Array[] = [];
  readonly #testedOf: Int32Array[] = [];
  /** Rows by class, and by operator with residual tests. */
  #ofClass = new Float64Array(64);
  readonly #ofOperator: Float64Array;

  /** `lanes`: positions of their operators. */
  constructor(lanes: readonly (readonly number[])[], router: Router) {
    this.#router = router;
    this.#ofOperator = new Float64Array(router.tests.length);
    this.lanes = lanes.map(() => ({ list: new Int32Array(64), count: 0 }));
    const laneOf = new Map(lanes.flatMap((positions, lane) => positions.map((position) => [position, lane] as const)));
    router.classes.onClass((members) => {
      const read = new Set([...members].map((position) => laneOf.get(position) ?? -1).filter((lane) => lane >= 0));
      this.#lanesOf.push(Int32Array.from(read));
      this.#testedOf.push(members.filter((position) => router.tests[position] !== null));
    });
  }

  /** Distributes the rows that were routed last. */
  fill(count: number): void {
    const { rowClass, classes } = this.#router;
    for (const lane of this.lanes) {
      lane.count = 0;
      if (lane.list.length < count) lane.list = new Int32Array(count * 2);
    }
    if (this.#ofClass.length < classes.members.length) {
      const grown = new Float64Array(classes.members.length * 2);
      grown.set(this.#ofClass);
      this.#ofClass = grown;
    }
    for (let i = 0; i < count; i++) {
      const row_class = rowClass[i];
      if (row_class === 0) continue;
      this.#ofClass[row_class]++;
      const lanes = this.#lanesOf[row_class];
      for (let k = 0; k < lanes.length; k++) {
        const lane = this.lanes[lanes[k]];
        lane.list[lane.count++] = i;
      }
      const tested = this.#testedOf[row_class];
      if (tested.length > 0) this.#countTested(tested, i);
    }
  }

  #countTested(tested: Int32Array, i: number): void {
    const { tests, residual } = this.#router;
    for (let k = 0; k < tested.length; k++) {
      const asked = tests[tested[k]];
      if (asked !== null && passesResidual(residual, asked, i)) this.#ofOperator[tested[k]]++;
    }
  }

  /** Rows that passed the WHERE of the operator at this position so far. */
  passed(position: number): number {
    if (this.#router.tests[position] !== null) return this.#ofOperator[position];
    return this.#router.classes.members.reduce(
      (sum, members, row_class) => sum + (members.includes(position) ? this.#ofClass[row_class] : 0),
      0,
    );
  }

  snapshot(): Snapshot {
    return { ofClass: this.#ofClass.slice(), ofOperator: this.#ofOperator.slice() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { ofClass: Float64Array; ofOperator: Float64Array };
    this.#ofClass = from.ofClass.slice();
    this.#ofOperator.set(from.ofOperator);
  }
}
