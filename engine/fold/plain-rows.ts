import type { JoinSide, JoinSpec, Program } from '../program.ts';
import { columnOf, columnShape, readValue } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { contentHash, groupOf } from '../state/key-hash.ts';
import type { Value } from '../value.ts';
import { orderOf, type Side } from './join-parts.ts';
import { NULL_NUMBER } from './join-side.ts';
import type { WaitingRow } from './plain-join-state.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where a row stands that is being joined. */
export interface Arrival {
  readonly side: Side;
  readonly rows: StreamRows;
  readonly i: number;
}

/** Rows of both sides of a join as values, for its plain forms. */
export class PlainRows {
  readonly #program: Program;
  readonly #spec: JoinSpec;
  readonly #symbols: Symbols;

  constructor(program: Program, spec: JoinSpec, symbols: Symbols) {
    this.#program = program;
    this.#spec = spec;
    this.#symbols = symbols;
  }

  /** The row with its key and its values; null where it does not pass the WHERE of its side. */
  rowOf({ side, rows, i }: Arrival, before: number): WaitingRow | null {
    const { stream, where, key }: JoinSide = this.#spec[side];
    const read = (column: number): Value =>
      readValue(columnShape(this.#program.streams[stream], column), columnOf(rows, column)[i], this.#symbols);
    for (const { columns, test } of where) if (test(columns.map(read)) !== true) return null;
    const { idStart, idBytes, evidenceStart, evidenceBytes } = rows;
    return {
      time: side === 'left' && rows.from !== undefined ? rows.from[i] : rows.time[i],
      order: orderOf(rows, i, before),
      stamp: rows.stamp[i],
      tenant: this.#symbols.textOf(rows.tenant[i]),
      key: key.map(read),
      id: decoder.decode(idBytes.subarray(idStart[i], idStart[i + 1])),
      event_id: decoder.decode(evidenceBytes.subarray(evidenceStart[i], evidenceStart[i + 1])),
      rests: rows.rests?.[i] ?? null,
      values: this.#spec.sources.map((source) => (source.side === side ? read(source.column) : null)),
      matched: false,
      dropped: false,
    };
  }

  /** By the content of tenant and key, the same in every run and in the typed forms: bounds are per group (S14). */
  groupOf({ side, rows, i }: Arrival, groups: number): number {
    const { stream, key } = this.#spec[side];
    const isId = key.map((column) => columnShape(this.#program.streams[stream], column).storage === 'id');
    const parts = key.map((column, k) => {
      const raw = columnOf(rows, column)[i];
      return !isId[k] && Number.isNaN(raw) ? NULL_NUMBER : raw;
    });
    return groupOf(contentHash(this.#symbols, rows.tenant[i], parts, isId), groups);
  }
}
