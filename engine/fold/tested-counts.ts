import { passesResidual, type ResidualTests } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { Snapshot } from '../snapshot.ts';

/** Of one row class: what is counted at each of its rows. */
interface Counted {
  /** Residual columns that some operator asks alone, and how many rows had each of their classes. */
  readonly columns: Int32Array;
  readonly rows: Float64Array[];
  /** Operators that ask several columns at once: they are tested one by one. */
  readonly several: Int32Array;
}

/**
 * HOT. How many rows passed the WHERE of operators with residual tests. Most of them ask one column, so the rows are
 * counted by that column's classes, once for all of them, and read off the classes' outcomes when somebody asks.
 */
export class TestedCounts {
  readonly #router: Router;
  /** By row class. */
  readonly #counted: Counted[] = [];
  /** By operator that asks several columns. */
  readonly #passed: Float64Array;

  constructor(router: Router) {
    this.#router = router;
    this.#passed = new Float64Array(router.tests.length);
    router.classes.onClass((members) => this.#counted.push(this.#countedOf(members)));
  }

  #countedOf(members: Int32Array): Counted {
    const columns = new Set<number>();
    const several: number[] = [];
    for (const position of members) {
      const tests = this.#router.tests[position];
      if (tests === null) continue;
      const column = onlyColumn(tests);
      if (column === null) several.push(position);
      else columns.add(column);
    }
    return {
      columns: Int32Array.from(columns),
      rows: [...columns].map(() => new Float64Array(0)),
      several: Int32Array.from(several),
    };
  }

  /** Row i of the last batch has this class. */
  count(row_class: number, i: number): void {
    const { columns, rows, several } = this.#counted[row_class];
    const { residual, tests } = this.#router;
    for (let k = 0; k < columns.length; k++) {
      const value_class = residual[columns[k]].classes[i];
      if (value_class >= rows[k].length) rows[k] = grown(rows[k], value_class);
      rows[k][value_class]++;
    }
    for (let k = 0; k < several.length; k++) {
      if (passesResidual(residual, tests[several[k]] as ResidualTests, i)) this.#passed[several[k]]++;
    }
  }

  /** Rows that passed the operator at this position, which has residual tests. */
  passed(position: number): number {
    const tests = this.#router.tests[position] as ResidualTests;
    const column = onlyColumn(tests);
    if (column === null) return this.#passed[position];
    const { outcomes, width } = this.#router.residual[column].table;
    let sum = 0;
    this.#router.classes.members.forEach((members, row_class) => {
      if (!members.includes(position)) return;
      const { columns, rows } = this.#counted[row_class];
      const counts = rows[columns.indexOf(column)];
      for (let value_class = 0; value_class < counts.length; value_class++) {
        let passes = counts[value_class] > 0;
        for (let k = 1; k < tests.length && passes; k += 2) passes = outcomes[value_class * width + tests[k]] === 1;
        if (passes) sum += counts[value_class];
      }
    });
    return sum;
  }

  snapshot(): Snapshot {
    return {
      rows: this.#counted.map(({ rows }) => rows.map((counts) => counts.slice())),
      passed: this.#passed.slice(),
    };
  }

  /** After the router, whose classes have the numbers they had. */
  restore(snapshot: Snapshot): void {
    const from = snapshot as { rows: Float64Array[][]; passed: Float64Array };
    from.rows.forEach((rows, row_class) => {
      rows.forEach((counts, k) => {
        this.#counted[row_class].rows[k] = counts.slice();
      });
    });
    this.#passed.set(from.passed);
  }
}

/** The one residual column that these tests ask; null where they ask several. */
function onlyColumn(tests: ResidualTests): number | null {
  for (let k = 2; k < tests.length; k += 2) if (tests[k] !== tests[0]) return null;
  return tests[0];
}

function grown(counts: Float64Array, value_class: number): Float64Array {
  const larger = new Float64Array(Math.max(16, (value_class + 1) * 2));
  larger.set(counts);
  return larger;
}
