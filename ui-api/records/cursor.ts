import { crc32 } from 'node:zlib';
import { type RecordFile, tailOfLine } from './record-file.ts';

/** A place between two records of a file, and what ends there: a cursor of another file is told from one of this. */
export interface Place {
  readonly offset: number;
  readonly check: number;
}

/** A cursor as clients see it: opaque, and of one kind. It stays good as long as the files are the same. */
export function encodeCursor(kind: string, places: readonly Place[]): string {
  const text = places.map(({ offset, check }) => `${offset.toString(36)}-${check.toString(36)}`).join('.');
  return Buffer.from(`${kind}.${text}`).toString('base64url');
}

/** The places of a cursor; null when it has not the form of one of this kind with so many places. */
export function decodeCursor(kind: string, cursor: string, count: number): Place[] | null {
  const [found, ...parts] = Buffer.from(cursor, 'base64url').toString('latin1').split('.');
  if (found !== kind || parts.length !== count) return null;
  const places = parts.map((part) => {
    const [, offset = '', check = ''] = /^([0-9a-z]{1,11})-([0-9a-z]{1,7})$/.exec(part) ?? [];
    return { offset: Number.parseInt(offset, 36), check: Number.parseInt(check, 36) };
  });
  return places.every(({ offset, check }) => Number.isSafeInteger(offset) && Number.isSafeInteger(check))
    ? places
    : null;
}

/** The place behind a record. */
export function placeBehind(record: { readonly end: number; readonly line: Buffer }): Place {
  return { offset: record.end, check: crc32(tailOfLine(record.line)) };
}

/** The place where a file ends now, or that of any offset between two records; null: no record ends there. */
export async function placeAt(file: RecordFile, offset: number): Promise<Place | null> {
  const tail = await file.tailOf(offset);
  return tail === null ? null : { offset, check: crc32(tail) };
}

/** Whether the file has the place: the same record ends there. */
export async function hasPlace(file: RecordFile, place: Place): Promise<boolean> {
  return (await placeAt(file, place.offset))?.check === place.check;
}
