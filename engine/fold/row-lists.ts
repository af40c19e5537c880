import type { Router } from '../route/router.ts';
import type { Snapshot } from '../snapshot.ts';
import { TestedCounts } from './tested-counts.ts';

/**
 * HOT. Which rows of a batch go to which lane (row stores of one key expression), and how many rows passed each
 * operator's WHERE: counted per class (tested-counts.ts for operators that ask more than their class).
 */
export class RowLists {
  /** Rows of the last batch for each lane, in order. */
  readonly lanes: { list: Int32Array; count: number }[];
  readonly #router: Router;
  /** By row class: lanes that read it, and whether some of its operators have residual tests. */
  readonly #lanesOf: Int32Array[] = [];
  readonly #isTested: boolean[] = [];
  /** Rows by class. */
  #ofClass = new Float64Array(64);
  readonly #tested: TestedCounts;

  /** `lanes`: positions of their operators. */
  constructor(lanes: readonly (readonly number[])[], router: Router) {
    this.#router = router;
    this.#tested = new TestedCounts(router);
    this.lanes = lanes.map(() => ({ list: new Int32Array(64), count: 0 }));
    const laneOf = new Map(lanes.flatMap((positions, lane) => positions.map((position) => [position, lane] as const)));
    router.classes.onClass((members) => {
      const read = new Set([...members].map((position) => laneOf.get(position) ?? -1).filter((lane) => lane >= 0));
      this.#lanesOf.push(Int32Array.from(read));
      this.#isTested.push(members.some((position) => router.tests[position] !== null));
    });
  }

  /** Distributes the rows that were routed last. */
  fill(count: number): void {
    const { rowClass, classes } = this.#router;
    for (const lane of this.lanes) {
      lane.count = 0;
      if (lane.list.length < count) lane.list = new Int32Array(count * 2);
    }
    if (count === 0) return;
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
      if (this.#isTested[row_class]) this.#tested.count(row_class, i);
    }
  }

  /** Rows that passed the WHERE of the operator at this position so far. */
  passed(position: number): number {
    if (this.#router.tests[position] !== null) return this.#tested.passed(position);
    return this.#router.classes.members.reduce(
      (sum, members, row_class) => sum + (members.includes(position) ? this.#ofClass[row_class] : 0),
      0,
    );
  }

  snapshot(): Snapshot {
    return { ofClass: this.#ofClass.slice(), tested: this.#tested.snapshot() };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { ofClass: Float64Array; tested: Snapshot };
    this.#ofClass = from.ofClass.slice();
    this.#tested.restore(from.tested);
  }
}
