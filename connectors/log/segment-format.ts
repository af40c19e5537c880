import { crc32 } from 'node:zlib';
import type { EncodedEntries } from './entry-coding.ts';

/**
 * A segment file, all numbers little endian:
 *
 *   header   'WEIRLOG1', marker (8 random bytes), first_position f64, received_max f64 before it, CRC32 of these
 *   batch*   CRC32 of the rest, length u32 (whole batch), marker, first_position f64, count u32, received_max f64, entries
 *
 * One batch is one write and one fsync, so a batch is there whole or was never acknowledged. A batch is written only
 * after the one before is on disk. So where a damaged batch is followed by a whole one, it had been on disk and was
 * damaged since; where nothing whole follows, its write was cut short by a crash. The marker finds what follows: it is
 * random, so that no record can carry it.
 */
export const SEGMENT_HEADER_BYTES = 36;
export const BATCH_HEADER_BYTES = 36;
export const MARKER_BYTES = 8;

const MAGIC = new TextEncoder().encode('WEIRLOG1');
const SUFFIX = '.segment';

export interface SegmentHeader {
  readonly marker: Uint8Array;
  readonly first_position: number;
  /** Greatest received_at of all records of earlier segments. */
  readonly received_max: number;
}

export interface BatchHeader {
  /** Of the whole batch with its header, in bytes. */
  readonly length: number;
  readonly first_position: number;
  readonly count: number;
  /** Greatest received_at of all records up to the end of this batch. */
  readonly received_max: number;
}

/** '0000000000001234.segment': the names sort by position. */
export function segmentName(first_position: number): string {
  return String(first_position).padStart(16, '0') + SUFFIX;
}

/** First positions of the segments among the names in a directory, in order. Other names are passed over. */
export function segmentPositions(names: readonly string[]): number[] {
  const positions = names.filter((name) => /^\d{16}\.segment$/.test(name)).map((name) => Number(name.slice(0, 16)));
  return positions.sort((a, b) => a - b);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function equalAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  bytes.set(MAGIC);
  bytes.set(header.marker, 8);
  view.setFloat64(16, header.first_position, true);
  view.setFloat64(24, header.received_max, true);
  view.setUint32(32, crc32(bytes.subarray(0, 32)), true);
  return bytes;
}

/** The header at the start of a segment's bytes, or null where it is not whole. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | null {
  if (bytes.length < SEGMENT_HEADER_BYTES || !equalAt(bytes, 0, MAGIC)) return null;
  const view = viewOf(bytes);
  if (view.getUint32(32, true) !== crc32(bytes.subarray(0, 32))) return null;
  return {
    marker: bytes.slice(8, 16),
    first_position: view.getFloat64(16, true),
    received_max: view.getFloat64(24, true),
  };
}

/**
 * Joins pieces, which must follow one another in position, into one batch. A piece that stands alone and has room for the
 * header in front becomes the batch, so that its bytes are not copied.
 */
export function encodeBatch(
  marker: Uint8Array,
  first_position: number,
  received_max: number,
  pieces: readonly EncodedEntries[],
): Uint8Array {
  const isAlone = pieces.length === 1 && pieces[0].room === BATCH_HEADER_BYTES;
  const bytes = isAlone ? pieces[0].bytes : joined(pieces);
  const view = viewOf(bytes);
  view.setUint32(4, bytes.length, true);
  bytes.set(marker, 8);
  view.setFloat64(16, first_position, true);
  view.setUint32(
    24,
    pieces.reduce((sum, piece) => sum + piece.count, 0),
    true,
  );
  view.setFloat64(28, received_max, true);
  view.setUint32(0, crc32(bytes.subarray(4)), true);
  return bytes;
}

/** The entries of all pieces behind room for the header. */
function joined(pieces: readonly EncodedEntries[]): Uint8Array {
  const length = pieces.reduce((sum, { bytes, room }) => sum + bytes.length - room, BATCH_HEADER_BYTES);
  const all = new Uint8Array(length);
  let at = BATCH_HEADER_BYTES;
  for (const { bytes, room } of pieces) {
    all.set(bytes.subarray(room), at);
    at += bytes.length - room;
  }
  return all;
}

/** The header of the batch at the start of `bytes` if it can be one: right marker, possible length. Not yet checked. */
export function decodeBatchHeader(bytes: Uint8Array, marker: Uint8Array): BatchHeader | null {
  if (bytes.length < BATCH_HEADER_BYTES || !equalAt(bytes, 8, marker)) return null;
  const view = viewOf(bytes);
  const length = view.getUint32(4, true);
  if (length < BATCH_HEADER_BYTES) return null;
  return {
    length,
    first_position: view.getFloat64(16, true),
    count: view.getUint32(24, true),
    received_max: view.getFloat64(28, true),
  };
}

/** Whether `bytes`, which are exactly one batch, are as they were written. */
export function isWholeBatch(bytes: Uint8Array): boolean {
  return viewOf(bytes).getUint32(0, true) === crc32(bytes.subarray(4));
}
