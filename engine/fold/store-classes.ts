import { passesResidual, type ResidualTests } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import type { PlacedOperator, StoreOperator } from './store-operator.ts';

/** No operator of the store looks at rows of this class as they come. */
const NOT_LOOKED_AT = 0x7fffffff;

/** What the stream's row classes mean to one store; grows with them. */
export class StoreClasses {
  /** By row class: operators that look at its rows as they come. */
  readonly members: Int32Array[] = [];
  /** By row class: a bit for every operator of the store that the class belongs to. */
  readonly bits: Uint32Array[] = [];
  /** By row class: with fewer rows of a key than this, none of `members` can be true. */
  least = new Int32Array(64);
  /** By operator: with fewer rows of a key than this, it cannot be true. */
  readonly needs: Int32Array;
  /** By operator: what its rows must still pass; null where the class decides. */
  readonly tests: readonly (ResidualTests | null)[];
  /** By operator: rows with a NULL in the key. */
  readonly nullRows: Float64Array;
  readonly #operators: readonly StoreOperator[];
  readonly #allLook: boolean;

  /** `allLook`: operators that are decided at a window's end look at their rows too. */
  constructor(
    operators: readonly StoreOperator[],
    placed: readonly PlacedOperator[],
    router: Router,
    allLook: boolean = false,
  ) {
    this.#operators = operators;
    this.#allLook = allLook;
    this.nullRows = new Float64Array(operators.length);
    this.needs = Int32Array.from(operators, ({ bounds }) => bounds.least_rows);
    this.tests = operators.map(({ tests }) => tests);
    const locals = new Map(placed.map((operator, local) => [operator.position, local]));
    router.classes.onClass((positions) => {
      const own = [...positions].map((position) => locals.get(position) ?? -1).filter((local) => local >= 0);
      this.#add(own);
    });
  }

  #add(own: readonly number[]): void {
    const row_class = this.members.length;
    const { needs } = this;
    // Window ends are judged from the rows alone, so a row need not look at their operators.
    const looking = own.filter((operator) => this.#allLook || this.#operators[operator].decided !== 'end');
    const bits = new Uint32Array((this.#operators.length + 31) >> 5);
    for (const operator of own) bits[operator >> 5] |= 1 << (operator & 31);
    if (row_class >= this.least.length) {
      const grown = new Int32Array(row_class * 2);
      grown.set(this.least);
      this.least = grown;
    }
    this.members.push(Int32Array.from(looking));
    this.bits.push(bits);
    this.least[row_class] = looking.reduce((least, operator) => Math.min(least, needs[operator]), NOT_LOOKED_AT);
  }

  /** Row i of the last batch has a NULL in the key: counted for every operator whose WHERE it passes. */
  countNull(router: Router, i: number): void {
    const bits = this.bits[router.rowClass[i]];
    for (let local = 0; local < this.#operators.length; local++) {
      if (((bits[local >> 5] >>> (local & 31)) & 1) === 0) continue;
      const { tests } = this.#operators[local];
      if (tests === null || passesResidual(router.residual, tests, i)) this.nullRows[local]++;
    }
  }
}
