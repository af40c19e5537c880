import { passesResidual } from '../route/residual.ts';
import type { Router } from '../route/router.ts';
import { BUCKETS } from '../state/tally-table.ts';
import type { PlacedOperator, StoreOperator } from './store-operator.ts';

/** No operator of the store looks at rows of this class as they come. */
const NOT_LOOKED_AT = 0x7fffffff;

/** What the stream's row classes mean to one store; grows with them. */
export class StoreClasses {
  /** By row class: operators that look at each row, those that need the fewest rows first. */
  readonly members: Int32Array[] = [];
  /** By row class: a bit for every operator of the store that the class belongs to. */
  readonly bits: Uint32Array[] = [];
  /** By row class: with fewer rows of a key than this, none of `members` can be true. */
  least = new Int32Array(64);
  /** By row class: its bucket in a key's tally (tally-table.ts); those the store does not read have none. */
  buckets = new Int32Array(64);
  /** By operator: the buckets its rows may stand in. */
  readonly bucketsOf: Int32Array[];
  #read = 0;
  /** By operator: rows with a NULL in the key. */
  readonly nullRows: Float64Array;
  readonly #operators: readonly StoreOperator[];

  constructor(operators: readonly StoreOperator[], placed: readonly PlacedOperator[], router: Router) {
    this.#operators = operators;
    this.nullRows = new Float64Array(operators.length);
    this.bucketsOf = operators.map(() => new Int32Array(0));
    const locals = new Map(placed.map((operator, local) => [operator.position, local]));
    router.classes.onClass((positions) => {
      const own = [...positions].map((position) => locals.get(position) ?? -1).filter((local) => local >= 0);
      this.#add(own);
    });
  }

  #add(own: readonly number[]): void {
    const row_class = this.members.length;
    const needs = (operator: number) => this.#operators[operator].bounds.least_rows;
    // Window ends are judged from the rows alone, so a row need not look at their operators.
    const looking = own.filter((operator) => this.#operators[operator].decided !== 'end');
    looking.sort((a, b) => needs(a) - needs(b) || a - b);
    const bits = new Uint32Array((this.#operators.length + 31) >> 5);
    for (const operator of own) bits[operator >> 5] |= 1 << (operator & 31);
    if (row_class >= this.least.length) {
      const grown = new Int32Array(row_class * 2);
      grown.set(this.least);
      this.least = grown;
      const buckets = new Int32Array(row_class * 2);
      buckets.set(this.buckets);
      this.buckets = buckets;
    }
    if (own.length > 0) this.#assignBucket(row_class, own);
    this.members.push(Int32Array.from(looking));
    this.bits.push(bits);
    this.least[row_class] = looking.length === 0 ? NOT_LOOKED_AT : needs(looking[0]);
  }

  #assignBucket(row_class: number, own: readonly number[]): void {
    const bucket = this.#read++ % BUCKETS;
    this.buckets[row_class] = bucket;
    for (const operator of own) {
      this.bucketsOf[operator] = Int32Array.from(new Set([...this.bucketsOf[operator], bucket]));
    }
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
