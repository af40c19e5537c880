import type { ResidualColumn, ResidualTests } from '../route/residual.ts';
import type { KeyWalk } from './key-walk.ts';
import type { RowTable } from './row-table.ts';

/** How a stored row is known to belong to an operator: by a bit of its class, and by residual tests. */
export interface Membership {
  /** Per row class of the stream: a bit for every operator of the store. */
  readonly bits: readonly Uint32Array[];
  /** The residual columns whose classes the rows keep. */
  readonly residual: readonly ResidualColumn[];
  /** By operator of the store: pairs (place among `residual`, condition); null where the class decides. */
  readonly tests: readonly (ResidualTests | null)[];
}

/**
 * HOT. The rows of one operator and key in a window, newest first. One object is reused for every judgement: `rows`
 * beyond `count` is left from earlier ones.
 */
export class WindowRows {
  rows = new Int32Array(256);
  times = new Float64Array(256);
  count = 0;
  /** Rows of the key that the last collect() went through, other operators' too. */
  walked = 0;
  readonly #table: RowTable;
  readonly #membership: Membership;

  constructor(table: RowTable, membership: Membership) {
    this.#table = table;
    this.#membership = membership;
  }

  /** Collects the operator's rows from the walk's start back: of at most `steps` rows at most `most`, none before `from`. */
  collect(walk: KeyWalk, operator: number, steps: number, from: number, most: number): void {
    const { bits, tests } = this.#membership;
    const word = operator >> 5;
    const mask = 1 << (operator & 31);
    const residual = tests[operator];
    this.count = 0;
    let k = 0;
    for (; k < steps; k++) {
      if (k === walk.loaded) walk.load();
      if (walk.times[k] < from) break;
      if ((bits[walk.classes[k]][word] & mask) === 0) continue;
      if (residual !== null && !this.passes(walk.rows[k], operator)) continue;
      this.add(walk.rows[k], walk.times[k]);
      if (this.count >= most) break;
    }
    this.walked = k;
  }

  /** Whether a stored row of one of the operator's classes passes what the operator asks beside the class. */
  passes(row: number, operator: number): boolean {
    const { residual } = this.#membership;
    const tests = this.#membership.tests[operator];
    if (tests === null) return true;
    for (let k = 0; k < tests.length; k += 2) {
      const { outcomes, width } = residual[tests[k]].table;
      if (outcomes[this.#table.residualOf(row, tests[k]) * width + tests[k + 1]] !== 1) return false;
    }
    return true;
  }

  /** One more, older than those that are there. */
  add(row: number, time: number): void {
    if (this.count === this.rows.length) {
      const rows = new Int32Array(this.count * 2);
      rows.set(this.rows);
      this.rows = rows;
      const times = new Float64Array(this.count * 2);
      times.set(this.times);
      this.times = times;
    }
    this.rows[this.count] = row;
    this.times[this.count++] = time;
  }
}
