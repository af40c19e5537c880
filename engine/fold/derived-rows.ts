import { DetectionNames } from '../detections/id.ts';
import type { ColumnStorage, OperatorSpec, Program } from '../program.ts';
import { writeValue } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Value } from '../value.ts';
import type { Emission } from './emission.ts';

const encoder = new TextEncoder();

/** More than this is not kept between calls. */
const MOST_ROOM = 1 << 20;

/**
 * Makes the rows of a view's stream out of what its operators emitted in one push: one of them, or one for each SELECT
 * of a UNION ALL. A row stands where its event or window
 * end stands; its own id is that of a detection without a name, and in evidence it stands for the last event that
 * it rests on, of a view without a window over a join for all of them. Views are not per-event paths: this allocates per push.
 */
export class DerivedRows {
  readonly #symbols: Symbols;
  /** By operator of the program. */
  readonly #names = new Map<number, DetectionNames>();
  /** For each field column of the view's stream: the view's output it comes from. All its operators have the same. */
  readonly #columns: readonly { readonly output: number; readonly storage: ColumnStorage }[];
  readonly #most_units: number;
  /** Elements of arrays that were left out of its rows, because of limits.array_text_units. */
  dropped_elements = 0;

  private constructor(
    program: Program,
    stream: number,
    makers: readonly [number, OperatorSpec][],
    symbols: Symbols,
    most_units: number,
  ) {
    this.#symbols = symbols;
    this.#most_units = most_units;
    for (const [index, { plan_hash }] of makers) {
      // Without the view's name: what a view is called is no meaning, and ids of rows stand in anchors (S7).
      this.#names.set(index, new DetectionNames('', plan_hash, program.digest));
    }
    const outputs = makers[0][1].outputs.map((output) => output.name);
    this.#columns = program.streams[stream].columns
      .filter((column) => column.kind === 'field')
      .map((column) => ({ output: outputs.indexOf(column.path[0]), storage: column.storage }));
  }

  /** null: no operator makes rows of this stream. `most_units`: limits.array_text_units. */
  static of(program: Program, stream: number, symbols: Symbols, most_units: number): DerivedRows | null {
    const makers = [...program.operators.entries()].filter(([, { output_stream }]) => output_stream === stream);
    return makers.length === 0 ? null : new DerivedRows(program, stream, makers, symbols, most_units);
  }

  /** A row of an UNNEST is named by what it was made of, and by its place there. */
  #idOf(emission: Emission): string {
    const { spec, anchor, operator } = emission;
    if (spec.unnest !== undefined && 'id' in anchor) return anchor.id;
    return (this.#names.get(operator) as DetectionNames).id(emission);
  }

  /** The number that stands for a value. An array of arrays of views would grow a hundredfold with each view: it is cut. */
  #rawOf(value: Value, storage: ColumnStorage): number {
    if (!Array.isArray(value)) return writeValue(storage, value, this.#symbols);
    const text = JSON.stringify(value);
    if (text.length <= this.#most_units) return this.#symbols.idOf(text);
    let units = 2;
    const first = value.findIndex((element) => {
      units += JSON.stringify(element).length + 1;
      return units > this.#most_units;
    });
    this.dropped_elements += value.length - first;
    return writeValue(storage, value.slice(0, first), this.#symbols);
  }

  /** Most rows have the tenant of the one before. */
  #tenantsOf(emissions: readonly Emission[]): Int32Array {
    const ids = new Int32Array(emissions.length);
    for (let i = 0; i < ids.length; i++) {
      const { tenant } = emissions[i];
      ids[i] = i > 0 && tenant === emissions[i - 1].tenant ? ids[i - 1] : this.#symbols.idOf(tenant);
    }
    return ids;
  }

  /** Makes the emissions, which are in total order (S2), rows. */
  make(emissions: readonly Emission[]): StreamRows {
    const count = emissions.length;
    const idOf = (i: number): string => this.#idOf(emissions[i]);
    let ids: ReturnType<typeof concatenate> | null = null;
    const allIds = () => (ids ??= concatenate(emissions.map((_, i) => idOf(i))));
    const evidence = concatenate(emissions.map((e) => e.event_id));
    return {
      count,
      time: Float64Array.from(emissions, (e) => e.time),
      stamp: Float64Array.from(emissions, (e) => e.stamp),
      seq: new Float64Array(count),
      tenant: this.#tenantsOf(emissions),
      // A hash each, and a rule asks for that of the row which decides it: most are never asked for.
      get idStart() {
        return allIds().start;
      },
      get idBytes() {
        return allIds().bytes;
      },
      idOf,
      partition: new Int32Array(count),
      position: new Float64Array(count),
      columns: this.#columns.map(({ output, storage }) => {
        const raws = emissions.map((e) => this.#rawOf(output < 0 ? null : e.values[output], storage));
        return storage === 'id' ? Int32Array.from(raws) : Float64Array.from(raws);
      }),
      evidenceStart: evidence.start,
      evidenceBytes: evidence.bytes,
      root: Int32Array.from(emissions, (e) => e.root),
      atEnd: Uint8Array.from(emissions, (e) => e.at_end),
      ...(emissions.some(hasRests) ? { rests: emissions.map((e) => e.rests ?? null) } : {}),
    };
  }
}

function hasRests({ rests }: Emission): boolean {
  return rests !== undefined && rests !== null;
}

/** Room for the texts of one call: it is used again. */
let room = new Uint8Array(16_384);

/** Texts as UTF-8, one behind the other, and where each begins. */
export function concatenate(texts: readonly string[]): { start: Int32Array; bytes: Uint8Array } {
  let units = 0;
  for (const text of texts) units += text.length;
  // A unit of UTF-16 is at most three bytes.
  const own = 3 * units <= MOST_ROOM ? roomFor(3 * units) : new Uint8Array(3 * units);
  const start = new Int32Array(texts.length + 1);
  for (let i = 0; i < texts.length; i++) {
    start[i + 1] = start[i] + encoder.encodeInto(texts[i], own.subarray(start[i])).written;
  }
  return { start, bytes: own.slice(0, start[texts.length]) };
}

function roomFor(bytes: number): Uint8Array {
  if (room.length < bytes) room = new Uint8Array(2 * bytes);
  return room;
}
