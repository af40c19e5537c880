import type { Column } from '../batch.ts';
import type { JoinSide, JoinSpec, Program } from '../program.ts';
import { columnOf, columnShape, readValue, writeValue } from '../route/column-values.ts';
import { noRows, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { contentHash, groupOf } from '../state/key-hash.ts';
import type { Value } from '../value.ts';
import { NULL_NUMBER } from './join-key.ts';
import { isNamedByEvents, isOfWindows, orderOf, type Side } from './join-parts.ts';
import type { WaitingRow } from './plain-join-state.ts';

const encoder = new TextEncoder();
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
  /** How many rows of each side's stream came before this batch; of streams whose ids say where rows stand it stays 0. */
  readonly #came = { left: 0, right: 0 };
  readonly #isNamed: Readonly<Record<Side, boolean>>;
  readonly #isOfWindows: Readonly<Record<Side, boolean>>;

  constructor(program: Program, spec: JoinSpec, symbols: Symbols) {
    this.#program = program;
    this.#spec = spec;
    this.#symbols = symbols;
    const { left, right } = spec;
    this.#isNamed = { left: isNamedByEvents(program, left.stream), right: isNamedByEvents(program, right.stream) };
    this.#isOfWindows = { left: isOfWindows(program, left.stream), right: isOfWindows(program, right.stream) };
  }

  /** Must be called behind the last row of a batch. */
  passed(side: Side, rows: StreamRows): void {
    this.#came[side] += rows.count;
  }

  #placeOf({ side, rows, i }: Arrival): number {
    if (this.#isNamed[side]) return 0;
    return rows.place === undefined ? this.#came[side] + i : rows.place[i];
  }

  snapshot(): string {
    return JSON.stringify(this.#came);
  }

  restore(snapshot: string): void {
    Object.assign(this.#came, JSON.parse(snapshot));
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
      place: this.#placeOf({ side, rows, i }),
      event_id: decoder.decode(evidenceBytes.subarray(evidenceStart[i], evidenceStart[i + 1])),
      of_window: this.#isOfWindows[side],
      rests: rows.rests?.[i] ?? null,
      values: this.#spec.sources.map((source) => (source.side === side ? read(source.column) : null)),
      matched: false,
      isLast: false,
      dropped: false,
    };
  }

  /** A row of events as the one row of a batch again, with the columns that the join reads. */
  batchOf(side: Side, row: WaitingRow): StreamRows {
    const { sources } = this.#spec;
    const { stream, key } = this.#spec[side];
    const columns: Column[] = [];
    const put = (column: number, value: Value): void => {
      if (column < 0) return;
      const { storage } = columnShape(this.#program.streams[stream], column);
      const raw = writeValue(storage, value, this.#symbols);
      columns[column] = storage === 'id' ? Int32Array.of(raw) : Float64Array.of(raw);
    };
    for (const [k, column] of key.entries()) put(column, row.key[k]);
    for (const [k, source] of sources.entries()) if (source.side === side) put(source.column, row.values[k]);
    const idBytes = encoder.encode(row.id);
    const ids = { idStart: Int32Array.of(0, idBytes.length), idBytes };
    const time = Float64Array.of(row.time);
    return {
      ...noRows,
      count: 1,
      time,
      stamp: time,
      tenant: Int32Array.of(this.#symbols.idOf(row.tenant)),
      columns,
      ...ids,
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
