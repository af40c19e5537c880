import type { Column } from '../batch.ts';
import type { JoinSpec, StreamSpec } from '../program.ts';
import type { StreamRows } from '../route/stream-rows.ts';

/**
 * HOT. Makes the rows of a stream that is left rows with the columns of a table beside them. They go on under the names and
 * in the places of the left rows: a table has at most one row for each, so that it says nothing of which row it is.
 */
export class BaselineRows {
  readonly #stream: StreamSpec;
  readonly #sources: JoinSpec['sources'];
  #left: StreamRows | null = null;
  /** Which left rows. */
  #picked = new Int32Array(0);
  #columns: Column[] = [];
  #count = 0;

  constructor(stream: StreamSpec, { sources }: JoinSpec) {
    this.#stream = stream;
    this.#sources = sources;
  }

  begin(left: StreamRows): void {
    this.#left = left;
    this.#picked = new Int32Array(left.count);
    this.#count = 0;
    // NULL until something is set.
    this.#columns = this.#sources.map((_, source) =>
      this.#stream.columns[source].storage === 'id'
        ? new Int32Array(left.count)
        : new Float64Array(left.count).fill(Number.NaN),
    );
  }

  /** The next row is left row i; what is set from now on is set in it. */
  add(i: number): void {
    this.#picked[this.#count++] = i;
  }

  /** The value of a source of the right side, as a number. */
  set(source: number, raw: number): void {
    this.#columns[source][this.#count - 1] = raw;
  }

  /** `columnOf`: a column of the left rows. */
  make(columnOf: (column: number) => Column): StreamRows {
    const left = this.#left as StreamRows;
    const picked = this.#picked.subarray(0, this.#count);
    this.#sources.forEach(({ side, column }, source) => {
      if (side === 'left') copy(columnOf(column), picked, this.#columns[source]);
    });
    const ids = this.#texts(left.idStart, left.idBytes);
    const isEvent = left.idStart === left.evidenceStart && left.idBytes === left.evidenceBytes;
    const evidence = isEvent ? ids : this.#texts(left.evidenceStart, left.evidenceBytes);
    const { pairs, rests } = left;
    return {
      count: this.#count,
      time: copy(left.time, picked, new Float64Array(this.#count)),
      stamp: copy(left.stamp, picked, new Float64Array(this.#count)),
      seq: copy(left.seq, picked, new Float64Array(this.#count)),
      tenant: copy(left.tenant, picked, new Int32Array(this.#count)),
      ...{ idStart: ids.start, idBytes: ids.bytes },
      partition: copy(left.partition, picked, new Int32Array(this.#count)),
      position: copy(left.position, picked, new Float64Array(this.#count)),
      columns: this.#columns,
      ...{ evidenceStart: evidence.start, evidenceBytes: evidence.bytes },
      root: copy(left.root, picked, new Int32Array(this.#count)),
      atEnd: copy(left.atEnd, picked, new Uint8Array(this.#count)),
      ...(pairs === undefined ? {} : { pairs: Array.from(picked, (i) => pairs[i]) }),
      ...(rests === undefined ? {} : { rests: Array.from(picked, (i) => rests[i]) }),
    };
  }

  /** The texts of the picked rows, one behind the other. */
  #texts(from: Int32Array, bytes: Uint8Array): { readonly start: Int32Array; readonly bytes: Uint8Array } {
    const start = new Int32Array(this.#count + 1);
    for (let k = 0; k < this.#count; k++) {
      const i = this.#picked[k];
      start[k + 1] = start[k] + from[i + 1] - from[i];
    }
    const target = new Uint8Array(start[this.#count]);
    for (let k = 0; k < this.#count; k++) {
      const first = from[this.#picked[k]];
      for (let to = start[k]; to < start[k + 1]; to++) target[to] = bytes[first + to - start[k]];
    }
    return { start, bytes: target };
  }
}

function copy<T extends Int32Array | Float64Array | Uint8Array>(from: ArrayLike<number>, picked: Int32Array, to: T): T {
  for (let k = 0; k < picked.length; k++) to[k] = from[picked[k]];
  return to;
}
