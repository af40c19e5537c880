import type { JoinSpec, StreamSpec } from '../program.ts';
import { writeValue } from '../route/column-values.ts';
import type { RowEvidence } from '../route/row-evidence.ts';
import { noRows, type Pair, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { compareLists, compareText, type Value } from '../value.ts';
import { concatenate } from './derived-rows.ts';
import { isExists, type JoinRow } from './join-parts.ts';

/** A row that a join made, before it is a row of columns. */
export interface JoinedRow {
  readonly time: number;
  readonly stamp: number;
  readonly at_end: number;
  readonly root: number;
  readonly left: JoinRow;
  readonly right: JoinRow | null;
  readonly pair: Pair;
  readonly rests: RowEvidence;
}

/**
 * Makes the rows of a joined stream. A rule without a window names all events that a row rests on; in evidence of a window
 * over it a row stands for the last of them.
 * A join's pairs are not per-event paths: this allocates per push.
 */
export class JoinedRows {
  readonly #stream: StreamSpec;
  readonly #sources: JoinSpec['sources'];
  /** EXISTS: rows are left rows, and go on under their own names. */
  readonly #isLeft: boolean;
  readonly #symbols: Symbols;

  constructor(stream: StreamSpec, { sources, kind }: JoinSpec, symbols: Symbols) {
    this.#stream = stream;
    this.#sources = sources;
    this.#isLeft = isExists(kind);
    this.#symbols = symbols;
  }

  /** Sorts the rows (S2) and makes them columns. */
  make(joined: JoinedRow[]): StreamRows {
    if (joined.length === 0) return noRows;
    joined.sort(compareJoined);
    const symbols = this.#symbols;
    const fields = this.#stream.columns.filter((column) => column.kind === 'field');
    const isLeft = this.#isLeft;
    const ids = concatenate(joined.map((row) => (isLeft ? row.left.id : JSON.stringify(anchorOf(row)))));
    const evidence = concatenate(
      joined.map(({ left, rests }) => (isLeft ? left.event_id : (rests.events.at(-1)?.event_id ?? ''))),
    );
    return {
      count: joined.length,
      time: Float64Array.from(joined, (row) => row.time),
      stamp: Float64Array.from(joined, (row) => (isLeft ? row.left.stamp : row.stamp)),
      seq: new Float64Array(joined.length),
      tenant: Int32Array.from(joined, (row) => symbols.idOf(row.left.tenant)),
      idStart: ids.start,
      idBytes: ids.bytes,
      partition: new Int32Array(joined.length),
      position: new Float64Array(joined.length),
      columns: fields.map(({ storage }, place) => {
        const { side } = this.#sources[place];
        const raws = joined.map((row) => writeValue(storage, row[side]?.values[place] ?? null, symbols));
        return storage === 'id' ? Int32Array.from(raws) : Float64Array.from(raws);
      }),
      evidenceStart: evidence.start,
      evidenceBytes: evidence.bytes,
      root: Int32Array.from(joined, (row) => row.root),
      atEnd: Uint8Array.from(joined, (row) => row.at_end),
      ...(isLeft
        ? {
            from: Float64Array.from(joined, (row) => row.left.time),
            origin: Float64Array.from(joined, (row) => row.left.order),
            place: Float64Array.from(joined, (row) => row.left.place),
          }
        : {}),
      pairs: joined.map(({ pair }) => pair),
      rests: joined.map(({ rests }) => rests),
    };
  }
}

function anchorOf({ left, right }: JoinedRow): readonly Value[] {
  return [left.stamp, left.id, ...(right === null ? [null] : [right.stamp, right.id])];
}

/** A view's row by its place, an event by its id. */
function namesOf({ left, right }: JoinedRow): readonly Value[] {
  return [left.place, left.id, right?.place ?? 0, right?.id ?? null];
}

/**
 * The order of the pairs that stand at one row: tenant, key, anchor (S2), the ids of an anchor before its times. Rows of views
 * are named by hashes, and stand as they do in their streams.
 */
function compareJoined(a: JoinedRow, b: JoinedRow): number {
  return (
    a.time - b.time ||
    a.at_end - b.at_end ||
    a.root - b.root ||
    compareText(a.left.tenant, b.left.tenant) ||
    compareLists(a.pair.key, b.pair.key) ||
    compareLists(namesOf(a), namesOf(b)) ||
    compareLists(anchorOf(a), anchorOf(b))
  );
}
