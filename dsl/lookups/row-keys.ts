import type { Value } from '../../engine/index.ts';
import type { LookupPlan } from '../plan/plan.ts';

interface Taken {
  readonly from: number;
  readonly to: number;
  readonly line: number;
}

/** Whether rows may stand beside one another: equal keys must be valid at different times. */
export class RowKeys {
  readonly #key: readonly number[];
  readonly #from: number;
  readonly #to: number;
  readonly #taken = new Map<string, Taken[]>();

  constructor({ columns, key, valid_from, valid_to }: LookupPlan) {
    const placeOf = (name: string | null) => columns.findIndex((column) => column.name === name);
    this.#key = key.map(placeOf);
    this.#from = placeOf(valid_from);
    this.#to = placeOf(valid_to);
  }

  /** null when the row may stand; else what is wrong with it. */
  add(row: readonly Value[], line: number): { readonly message: string; readonly label: string } | null {
    const from = (row[this.#from] as number | null | undefined) ?? Number.NEGATIVE_INFINITY;
    const to = (row[this.#to] as number | null | undefined) ?? Number.POSITIVE_INFINITY;
    if (from >= to) return { message: 'this row is never valid', label: 'valid_from must be before valid_to' };
    const parts = this.#key.map((column) => row[column]);
    const name = JSON.stringify(parts);
    const taken = this.#taken.get(name) ?? [];
    const other = taken.find((one) => from < one.to && one.from < to);
    if (other !== undefined) {
      const isBounded = this.#from >= 0 || this.#to >= 0;
      return {
        message: `the key ${parts.join(', ')} stands in line ${other.line} already`,
        label: isBounded ? 'and both are valid at the same time' : 'a key has one row',
      };
    }
    taken.push({ from, to, line });
    this.#taken.set(name, taken);
    return null;
  }
}
