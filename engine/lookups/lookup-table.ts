import type { LookupSpec } from '../program.ts';
import type { Value } from '../value.ts';
import { lookupRows } from './content.ts';
import { KnownMatches } from './known-matches.ts';
import { NetworkIndex } from './networks.ts';

/** Of a row of values, and of its key (V8). */
const ROW_BYTES = 160;
/** Of a value's place in a row, and of a number there. */
const PLACE_BYTES = 16;

/** No row has the key. */
export const NO_MATCH = -1;

/**
 * The rows of one version, found by key. A match is a number that stands for all rows of a key; which of them counts
 * is a question of the time (valid time is [valid_from, valid_to), a NULL is open). Keys of rows that are valid at the
 * same time are distinct: dsl/lookups refuses others.
 */
export class LookupTable {
  readonly rows: readonly (readonly Value[])[];
  /** Columns of the primary key. */
  readonly #key: readonly number[];
  readonly #keyOf: (row: readonly Value[]) => string;
  /** By match: rows of that key, from `#first[match]` to `#first[match + 1]` of `#members`. */
  readonly #first: Int32Array;
  readonly #members: Int32Array;
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  readonly #exact = new Map<string, number>();
  readonly #networks: NetworkIndex | null;
  /** Of the columns that ask, all of which have their keys by the same numbers. */
  readonly known = new KnownMatches();

  /** Rows, keys and their places, about (V8); networks take as much again. */
  readonly allocated_bytes: number;

  constructor(spec: LookupSpec, bytes: Uint8Array) {
    const isNetwork = spec.columns[spec.key[0]].type === 'cidr';
    this.#key = spec.key;
    this.#keyOf = (row) => keyText(spec.key.map((column) => row[column]));
    this.rows = lookupRows(spec, bytes).filter((row) => spec.key.every((column) => row[column] !== null));
    const byKey = Map.groupBy(this.rows.keys(), (row) => this.#keyOf(this.rows[row]));
    const members = [...byKey.values()];
    this.#members = Int32Array.from(members.flat());
    this.#first = new Int32Array(members.length + 1);
    members.forEach((rows, match) => {
      this.#first[match + 1] = this.#first[match] + rows.length;
    });
    const bound = (column: number | null, open: number) =>
      Float64Array.from(this.rows, (row) => (column === null ? open : ((row[column] as number | null) ?? open)));
    this.#from = bound(spec.valid_from, Number.NEGATIVE_INFINITY);
    this.#to = bound(spec.valid_to, Number.POSITIVE_INFINITY);
    for (const [match, key] of [...byKey.keys()].entries()) this.#exact.set(key, match);
    // The texts are not longer than the content that they were read from; a key's is made once more.
    this.allocated_bytes = 2 * bytes.length + this.rows.length * (ROW_BYTES + PLACE_BYTES * spec.columns.length);
    this.#networks = isNetwork ? new NetworkIndex(members.map(([row]) => String(this.rows[row][spec.key[0]]))) : null;
  }

  /** The keys that have a row which is valid at a time, each once; not for networks. */
  keysAt(time_ms: number): Value[][] {
    const keys: Value[][] = [];
    for (let match = 0; match + 1 < this.#first.length; match++) {
      if (this.rowAt(match, time_ms) === NO_MATCH) continue;
      const row = this.rows[this.#members[this.#first[match]]];
      keys.push(this.#key.map((column) => row[column]));
    }
    return keys;
  }

  /** Different keys, whether they are valid at a time or not. */
  get keys(): number {
    return this.#first.length - 1;
  }

  /** The match of a key, NULLs excluded: for networks the longest that holds the address. */
  match(key: readonly Value[]): number {
    if (this.#networks !== null) return this.#networks.find(String(key[0]));
    return this.#exact.get(keyText(key)) ?? NO_MATCH;
  }

  /** HOT. The row of a match that is valid at a time, NO_MATCH where none is; for networks the longest such one. */
  rowAt(match: number, time_ms: number): number {
    for (let at = match; at !== NO_MATCH; at = this.#networks === null ? NO_MATCH : this.#networks.around(at)) {
      for (let k = this.#first[at]; k < this.#first[at + 1]; k++) {
        const row = this.#members[k];
        if (this.#from[row] <= time_ms && time_ms < this.#to[row]) return row;
      }
    }
    return NO_MATCH;
  }
}

function keyText(values: readonly Value[]): string {
  return JSON.stringify(values);
}
