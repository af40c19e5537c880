import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  type CodedTexts,
  type ColumnsRead,
  kindsAt,
  type OpenKinds,
  type OpenPart,
  type Snapshot,
  type StoredOpen,
} from '../../engine/index.ts';
import { packNumbers, unpackNumbers } from './packing.ts';
import type { PartsFile } from './parts-file.ts';

type Tree = { readonly [name: string]: Snapshot };

/** Most of the texts repeat each other's keys: the fastest level takes all of that. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const kindsOf = (part: OpenPart): string => `${part}_kinds`;
const textsOf = (part: OpenPart): string => `${part}_texts`;
const codesOf = (part: OpenPart): string => `${part}_codes`;

/** The parts of a file for one of the open parts of its events, by name. */
export function openParts(part: OpenPart, { kinds, texts: { texts, codes } }: StoredOpen): [string, Snapshot][] {
  const ends = packNumbers(Float64Array.from(texts.ends));
  const bytes = plain(zstdCompressSync(texts.bytes, options));
  return [
    [kindsOf(part), { kinds: { ...kinds.kinds }, isWhole: kinds.isWhole }],
    [textsOf(part), { bytes, ends }],
    [codesOf(part), packCodes(codes)],
  ];
}

/** Those that may be read for these columns: where it is known that no event has anything at a path, no text is. */
export function openPartsRead(file: PartsFile, { open }: ColumnsRead): string[] {
  const read = open.filter(({ part }) => file.has(kindsOf(part)));
  const texts = read.filter(({ part, path }) => kindsAt(kindsIn(file, part), path) !== 0);
  return [
    ...new Set(read.map(({ part }) => kindsOf(part))),
    ...new Set(texts.flatMap(({ part }) => [textsOf(part), codesOf(part)])),
  ];
}

/** null: no event has any. */
export function openIn(part: OpenPart, read: <T>(read: (file: PartsFile) => T) => T): StoredOpen | null {
  const kinds = read((file) => (file.has(kindsOf(part)) ? kindsIn(file, part) : null));
  if (kinds === null) return null;
  return {
    kinds,
    get texts(): CodedTexts {
      return read((file) => {
        const { bytes, ends } = file.part(textsOf(part)) as Tree;
        const texts = { bytes: plain(zstdDecompressSync(bytes as Uint8Array)), ends: endsOf(ends) };
        return { texts, codes: unpackCodes(file.part(codesOf(part))) };
      });
    },
  };
}

function endsOf(packed: Snapshot): Uint32Array {
  return Uint32Array.from(unpackNumbers(packed));
}

function kindsIn(file: PartsFile, part: OpenPart): OpenKinds {
  return file.part(kindsOf(part)) as unknown as OpenKinds;
}

/** A text for each event that has one, in their order: a bit an event; else the codes. */
function packCodes(codes: ArrayLike<number>): Snapshot {
  const has = new Uint8Array((codes.length + 7) >> 3);
  let next = 1;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] === 0) continue;
    if (codes[row] !== next++) return { form: 'codes', codes: packNumbers(Float64Array.from(codes)) };
    has[row >> 3] |= 1 << (row & 7);
  }
  return { form: 'each', count: codes.length, has };
}

function unpackCodes(packed: Snapshot): Int32Array {
  const from = packed as Tree;
  if (from.form === 'codes') return Int32Array.from(unpackNumbers(from.codes));
  const has = from.has as Uint8Array;
  let next = 1;
  return Int32Array.from({ length: from.count as number }, (_, row) => {
    return (has[row >> 3] & (1 << (row & 7))) === 0 ? 0 : next++;
  });
}

/** Not a Buffer: a slice of that is no copy. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
