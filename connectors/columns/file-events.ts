import {
  type CodedTexts,
  type ColumnsRead,
  idsOf,
  type MadeColumns,
  type OpenPart,
  type Snapshot,
  type StoredColumn,
  type StoredEvents,
  type StoredIds,
  type StoredNumber,
  type StoredOpen,
  storedNumbers,
} from '../../engine/index.ts';
import { openIn, openParts, openPartsRead } from './open-parts.ts';
import { packNumbers, unpackNumbers } from './packing.ts';
import type { PartsFile } from './parts-file.ts';

type Tree = { readonly [name: string]: Snapshot };

/** A part for the texts of a column and one for its codes: where the texts say that no row is read, the codes are not. */
const textsOf = (name: string): string => `texts ${name}`;
const codesOf = (name: string): string => `codes ${name}`;
const numbersOf = (name: string): string => `numbers ${name}`;
/** A field may have any name; the names of these parts have no space. */
const TENANT = { texts: 'tenant_texts', codes: 'tenant_codes' };

/** The parts of a file of columns, by name. */
export function partsOf({ numbers, ids, tenant, columns, open }: MadeColumns): Map<string, Snapshot> {
  const parts = new Map<string, Snapshot>(storedNumbers.map((name) => [name, packNumbers(numbers[name])]));
  parts.set('ids', { bytes: ids.bytes, ends: packNumbers(ids.ends) });
  parts.set(TENANT.texts, { ...tenant.texts });
  parts.set(TENANT.codes, tenant.codes);
  for (const [name, column] of columns) {
    if (column === null) continue;
    if (column instanceof Float64Array) parts.set(numbersOf(name), packNumbers(column));
    else {
      parts.set(textsOf(name), { ...column.texts });
      parts.set(codesOf(name), column.codes);
    }
  }
  for (const part of ['details', 'extras'] as const) {
    const own = open[part];
    if (own !== null) for (const [name, packed] of openParts(part, own)) parts.set(name, packed);
  }
  return parts;
}

/** Parts that a run may read whose rules read these columns. */
export function partsRead(file: PartsFile, columns: ColumnsRead): string[] {
  const own = columns.fields.flatMap((name) => [textsOf(name), codesOf(name), numbersOf(name)]);
  const always = [...storedNumbers, 'ids', TENANT.texts, TENANT.codes];
  return [...always, ...own.filter((part) => file.has(part)), ...openPartsRead(file, columns)];
}

/** The events of a file of columns: each part is read when it is asked for. */
export class FileEvents implements StoredEvents {
  readonly count: number;
  readonly #read: <T>(read: (file: PartsFile) => T) => T;

  /** @param read gives what is read of the file, or throws with what to do */
  constructor(count: number, read: <T>(read: (file: PartsFile) => T) => T) {
    this.count = count;
    this.#read = read;
  }

  numbers(name: StoredNumber, rows?: Int32Array): Float64Array {
    return this.#read((file) => unpackNumbers(file.part(name), rows));
  }

  ids(rows?: Int32Array): StoredIds {
    const packed = this.#read((file) => file.part('ids')) as Tree;
    const bytes = packed.bytes as Uint8Array;
    if (rows === undefined) return idsOf({ bytes, ends: unpackNumbers(packed.ends) });
    // One ends where the next begins: both are asked for, in one pass.
    const around = new Int32Array(2 * rows.length);
    rows.forEach((row, i) => {
      around[2 * i] = Math.max(0, row - 1);
      around[2 * i + 1] = row;
    });
    const bounds = unpackNumbers(packed.ends, around);
    const starts = Float64Array.from(rows, (row, i) => (row === 0 ? 0 : bounds[2 * i]));
    return { bytes, starts, ends: Float64Array.from(rows, (_, i) => bounds[2 * i + 1]) };
  }

  tenant(): CodedTexts {
    return this.#texts(TENANT.texts, TENANT.codes);
  }

  column(name: string): StoredColumn | null {
    return this.#read((file) => {
      if (file.has(numbersOf(name))) return unpackNumbers(file.part(numbersOf(name)));
      return file.has(textsOf(name)) ? this.#texts(textsOf(name), codesOf(name)) : null;
    });
  }

  open(part: OpenPart): StoredOpen | null {
    return openIn(part, this.#read);
  }

  #texts(texts: string, codes: string): CodedTexts {
    const read = this.#read;
    return {
      texts: read((file) => file.part(texts)) as unknown as CodedTexts['texts'],
      get codes() {
        return read((file) => file.part(codes)) as CodedTexts['codes'];
      },
    };
  }
}
