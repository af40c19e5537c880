import type { ColumnSpec, FieldColumn } from '../program.ts';
import { DECIMAL, INTEGER, NULL, TEXT } from './byte-kinds.ts';
import { ByteScanner } from './byte-scanner.ts';
import { type ByteNode, ByteNodes, nodeAt } from './byte-schema.ts';
import { type DetailsReader, readPath } from './column-readers.ts';
import { convertByCast, convertExactly } from './convert.ts';
import type { Dictionary } from './dictionary.ts';
import { castBits, noFailedCasts } from './failed-casts.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-parser.ts';
import { RecordReader, type ValueTaker } from './record-reader.ts';

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * HOT. Reads columns of details out of what an event's record says beside declared fields (open-texts.ts), with the
 * conversions of a decoder of records: what it gives is what PlainDecoder gives of the record.
 */
export class DetailsDecoder {
  /** Of the last event, as DecodedEvent has them. */
  readonly failed_casts: Int32Array;
  readonly #readers: readonly DetailsReader[];
  readonly #castBits: Int32Array;
  readonly #details: OpenObject;
  readonly #extras: OpenObject;
  readonly #dictionary: Dictionary;

  /** @param columns of the stream; those of the readers are read */
  constructor(columns: readonly ColumnSpec[], readers: readonly DetailsReader[], dictionary: Dictionary) {
    this.#readers = readers;
    this.#castBits = castBits(columns);
    this.failed_casts = noFailedCasts(columns);
    const paths = readers.map(({ path }) => path);
    this.#details = new OpenObject(paths);
    this.#extras = new OpenObject(paths.map((path, k) => (readers[k].also_at_top ? path : null)));
    this.#dictionary = dictionary;
  }

  /**
   * @param details text of the object; null: there is none. So `extras`
   * @param values by column, where those of the readers are put
   */
  decode(details: Uint8Array | null, extras: Uint8Array | null, values: Float64Array): void {
    if (this.failed_casts.length > 0) this.failed_casts.fill(0);
    this.#details.load(details);
    this.#extras.load(extras);
    for (let k = 0; k < this.#readers.length; k++) {
      const { spec, column } = this.#readers[k];
      values[column] = this.#valueOf(k, spec, column);
    }
  }

  #valueOf(k: number, spec: FieldColumn, column: number): number {
    const isId = spec.storage === 'id';
    const from = this.#details.has(k) ? this.#details : this.#extras;
    if (!from.has(k)) return isId ? 0 : Number.NaN;
    if (spec.type === 'string' && from.isText(k)) return from.idOf(k, this.#dictionary);
    const value = from.valueOf(k);
    const isCast = spec.conversion === 'cast';
    const converted = isCast ? convertByCast(value, spec.type) : convertExactly(value, spec.type);
    if (converted === null && isCast) {
      const bit = this.#castBits[column];
      this.failed_casts[bit >> 5] |= 1 << (bit & 31);
    }
    if (isId) return typeof converted === 'string' ? this.#dictionary.idOf(converted) : 0;
    return typeof converted === 'number' ? converted : Number.NaN;
  }
}

/** One JSON object in text, and where its values stand. */
class OpenObject implements ValueTaker {
  readonly #scanner = new ByteScanner();
  readonly #reader: RecordReader;
  readonly #paths: readonly (readonly string[] | null)[];
  /** By path its capture; -1: it is not read here. */
  readonly #captures: Int32Array;
  /** By capture: what was found (0: nothing), where, and its number where it is one. */
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #stops: Int32Array;
  readonly #numbers: Float64Array;
  /** Of a text that the scanner is not sure about. */
  #tree: JsonObject | null = null;

  constructor(paths: readonly (readonly string[] | null)[]) {
    const top = new ByteNodes();
    let count = 0;
    this.#paths = paths;
    this.#captures = Int32Array.from(paths, (path) => {
      if (path === null) return -1;
      const node = nodeAt(top, path);
      if (node.capture === -1) node.capture = count++;
      return node.capture;
    });
    this.#reader = new RecordReader(top, this.#scanner, this);
    this.#kinds = new Uint8Array(count);
    this.#starts = new Int32Array(count);
    this.#stops = new Int32Array(count);
    this.#numbers = new Float64Array(count);
  }

  load(text: Uint8Array | null): void {
    this.#tree = null;
    if (text !== null && this.#reader.read(text)) return;
    this.#kinds.fill(0);
    if (text !== null) this.#tree = parseJson(text).value as JsonObject;
  }

  begin(): void {
    this.#kinds.fill(0);
  }

  take(node: ByteNode | null, kind: number): boolean {
    if (node === null || kind === NULL || node.capture < 0) return true;
    this.#kinds[node.capture] = kind;
    this.#starts[node.capture] = this.#scanner.start;
    this.#stops[node.capture] = this.#scanner.stop;
    this.#numbers[node.capture] = this.#scanner.number;
    return true;
  }

  /** Whether there is a value at a path. */
  has(k: number): boolean {
    const capture = this.#captures[k];
    if (capture < 0) return false;
    return this.#tree === null ? this.#kinds[capture] !== 0 : this.#inTree(k) !== null;
  }

  #inTree(k: number): JsonValue {
    return readPath(this.#tree, this.#paths[k] ?? []);
  }

  /** Whether it is a text whose bytes are its own. */
  isText(k: number): boolean {
    return this.#tree === null && this.#kinds[this.#captures[k]] === TEXT;
  }

  idOf(k: number, dictionary: Dictionary): number {
    const { bytes, words } = this.#scanner;
    const capture = this.#captures[k];
    return dictionary.idOfBytes(bytes, words, this.#starts[capture], this.#stops[capture]);
  }

  valueOf(k: number): JsonValue {
    if (this.#tree !== null) return this.#inTree(k);
    const capture = this.#captures[k];
    const kind = this.#kinds[capture];
    // These two kinds are what the scanner has read exactly.
    if (kind === INTEGER || kind === DECIMAL) return this.#numbers[capture];
    const bytes = this.#scanner.bytes.subarray(this.#starts[capture], this.#stops[capture]);
    return kind === TEXT ? lenient.decode(bytes) : parseJson(bytes).value;
  }
}
