import type { Conjunct, StreamSpec } from '../program.ts';
import { columnOf, columnShape, readValue } from './column-values.ts';
import { OutcomeTable } from './outcome-table.ts';
import type { StreamRows } from './stream-rows.ts';
import type { Symbols } from './symbols.ts';

/**
 * Conditions of operators that are not part of a row's signature: on columns that few operators look at, and on
 * several columns at once. Each such column gives every row a class number; a stored row keeps it, so whether the row
 * belongs to an operator is read off the class's outcomes, then and later.
 */
export interface ResidualColumn {
  readonly table: OutcomeTable;
  /** Class of each row of the last batch. */
  classes: Int32Array;
}

/** What an operator asks of the residual columns: pairs (residual column, condition of it) that must all hold. */
export type ResidualTests = Int32Array;

/** Whether row i of the last batch passes. */
export function passesResidual(columns: readonly ResidualColumn[], tests: ResidualTests, i: number): boolean {
  for (let k = 0; k < tests.length; k += 2) {
    const { table, classes } = columns[tests[k]];
    if (table.outcomes[classes[i] * table.width + tests[k + 1]] !== 1) return false;
  }
  return true;
}

/**
 * A group of conditions over several columns, few enough for their outcomes to be bits: evaluated row by row, but only
 * where an operator that asks is still possible.
 */
export class JointConditions implements ResidualColumn {
  readonly table: OutcomeTable;
  classes = new Int32Array(64);
  readonly #conjuncts: readonly Conjunct[];
  readonly #stream: StreamSpec;
  readonly #symbols: Symbols;
  readonly #outcomes: Uint8Array;
  /** Class of the rows for which no condition was true, and of others by their outcomes as bits. */
  readonly #none: number;
  readonly #byBits = new Map<number, number>();

  constructor(conjuncts: readonly Conjunct[], stream: StreamSpec, symbols: Symbols) {
    this.#conjuncts = conjuncts;
    this.#stream = stream;
    this.#symbols = symbols;
    this.table = new OutcomeTable(conjuncts.length);
    this.#outcomes = new Uint8Array(conjuncts.length);
    this.#none = this.table.intern(this.#outcomes);
  }

  /** Gives row i its class; `asked` are the conditions that matter to it. */
  classify(rows: StreamRows, i: number, asked: Int32Array): void {
    this.classes[i] = this.#none;
    if (asked.length === 0) return;
    let bits = 0;
    this.#outcomes.fill(0);
    for (let k = 0; k < asked.length; k++) {
      const conjunct = this.#conjuncts[asked[k]];
      const values = conjunct.columns.map((column) =>
        readValue(columnShape(this.#stream, column), columnOf(rows, column)[i], this.#symbols),
      );
      if (conjunct.test(values) !== true) continue;
      this.#outcomes[asked[k]] = 1;
      bits |= 1 << asked[k];
    }
    let known = this.#byBits.get(bits);
    if (known === undefined) {
      known = this.table.intern(this.#outcomes);
      this.#byBits.set(bits, known);
    }
    this.classes[i] = known;
  }
}
