import type { Batch } from '../batch.ts';
import { DetailsDecoder } from '../decode/details-decoder.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import type { FailedCasts } from '../decode/failed-casts.ts';
import { canCastFail, kindsAt } from '../decode/open-kinds.ts';
import type { ColumnSpec } from '../program.ts';
import type { ColumnSource, DetailsSource } from './column-sources.ts';
import type { Codes, OpenPart, StoredEvents, StoredOpen } from './stored-events.ts';

/** The texts of an open part, by row. */
interface OpenColumn {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly codes: Codes;
}

/**
 * HOT. Columns of details of a stretch that is being read: the texts of a row are converted when the row is asked for, as a
 * decoder converts them. Where it is known of the stretch that there is nothing at the paths, no text is read.
 */
export class StoredDetails {
  readonly #sources: readonly DetailsSource[];
  /** Of the sources, among the columns of a batch. */
  readonly #places: readonly number[];
  readonly #decoder: DetailsDecoder;
  readonly #values: Float64Array;
  /** Null: no path has anything there. */
  readonly #open: Readonly<Record<OpenPart, OpenColumn | null>>;

  /**
   * @param sources of all columns of a batch
   * @param columns of the stream
   */
  constructor(
    events: StoredEvents,
    sources: readonly ColumnSource[],
    columns: readonly ColumnSpec[],
    dictionary: Dictionary,
  ) {
    this.#places = sources.flatMap(({ from }, place) => (from === 'details' ? [place] : []));
    this.#sources = sources.filter((source) => source.from === 'details');
    this.#decoder = new DetailsDecoder(columns, this.#sources, dictionary);
    this.#values = new Float64Array(columns.length);
    const open = partsOf(events);
    this.#open = { details: this.#columnOf(open, 'details'), extras: this.#columnOf(open, 'extras') };
  }

  #columnOf(parts: OpenParts, part: OpenPart): OpenColumn | null {
    const open = parts[part];
    if (open === null || this.#sources.every((source) => kindsOf(parts, part, source) === 0)) return null;
    const { texts, codes } = open.texts;
    return { bytes: texts.bytes, ends: texts.ends, codes };
  }

  /** The values of a row, by column; those of other columns are not touched. */
  read(row: number, values: Float64Array): void {
    this.#decoder.decode(textOf(this.#open.details, row), textOf(this.#open.extras, row), values);
  }

  /** Puts the values of rows behind the batch's last row. */
  copyTo(batch: Batch, rows: Int32Array): void {
    const values = this.#values;
    const [sources, places] = [this.#sources, this.#places];
    for (let i = 0; i < rows.length; i++) {
      this.read(rows[i], values);
      for (let k = 0; k < sources.length; k++) {
        batch.columns[places[k]][batch.count + i] = values[sources[k].column];
      }
    }
  }

  /** Counts the casts that fail in rows, from one on and before another. */
  countFailed(from: number, to: number, counts: FailedCasts): void {
    for (let row = from; row < to; row++) {
      this.read(row, this.#values);
      const { failed_casts } = this.#decoder;
      for (let word = 0; word < failed_casts.length; word++) {
        if (failed_casts[word] !== 0) counts.add(word, failed_casts[word]);
      }
    }
  }
}

/** The casts that may fail in a stretch: nobody has to look at the others. */
export function mayFail(events: StoredEvents, sources: readonly ColumnSource[]): DetailsSource[] {
  const casts = sources.filter((source): source is DetailsSource => {
    return source.from === 'details' && source.spec.conversion === 'cast';
  });
  if (casts.length === 0) return [];
  const open = partsOf(events);
  return casts.filter((source) => {
    return canCastFail(source.spec.type, kindsOf(open, 'details', source) | kindsOf(open, 'extras', source));
  });
}

type OpenParts = Readonly<Record<OpenPart, StoredOpen | null>>;

/** Their kinds are read now. */
function partsOf(events: StoredEvents): OpenParts {
  return { details: events.open('details'), extras: events.open('extras') };
}

/** Of the values at a source's path; 0: there is none. */
function kindsOf(parts: OpenParts, part: OpenPart, { path, also_at_top }: DetailsSource): number {
  const open = part === 'details' || also_at_top ? parts[part] : null;
  return open === null ? 0 : kindsAt(open.kinds, path);
}

function textOf(column: OpenColumn | null, row: number): Uint8Array | null {
  if (column === null || column.codes[row] === 0) return null;
  const place = column.codes[row] - 1;
  return column.bytes.subarray(place === 0 ? 0 : column.ends[place - 1], column.ends[place]);
}
