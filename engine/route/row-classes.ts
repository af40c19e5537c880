import type { Snapshot } from '../snapshot.ts';

/** Class 0: no operator reads the row. */
export const NO_OPERATOR = 0;

/**
 * A row class is a set of operators of one stream: those whose WHERE a row passes. A stored row keeps the number of
 * its class, so that whether it belongs to an operator needs no condition to be evaluated again.
 */
export class RowClasses {
  /** Per class: its operators' positions among the stream's operators, rising. */
  readonly members: Int32Array[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #created: ((members: Int32Array) => void)[] = [];

  constructor() {
    this.intern([]);
  }

  /** Calls back for every class that is there or comes to be, in the order of their numbers. */
  onClass(created: (members: Int32Array) => void): void {
    this.#created.push(created);
    for (const members of this.members) created(members);
  }

  /** The number of the class of exactly these operators. */
  intern(operators: readonly number[]): number {
    const name = operators.join(',');
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const members = Int32Array.from(operators);
    this.#numbers.set(name, this.members.length);
    this.members.push(members);
    for (const created of this.#created) created(members);
    return this.members.length - 1;
  }

  snapshot(): Snapshot {
    return this.members.map((members) => members.slice());
  }

  /** Into a router that has seen no row yet: classes get the numbers they had. */
  restore(snapshot: Snapshot): void {
    for (const members of snapshot as Int32Array[]) this.intern([...members]);
  }
}
