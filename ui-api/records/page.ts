import { decodeCursor, encodeCursor, hasPlace, type Place, placeAt } from './cursor.ts';
import type { RecordFile, StoredRecord } from './record-file.ts';

/** Bytes of a file that one page looks through. */
const most_bytes = 32 * 1024 * 1024;

export interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Where the next page begins; null: there is nothing more. */
  readonly next_cursor: string | null;
}

/** The form of a cursor is not that of a page; the cursor is of a file that is not there any more. */
export class WrongCursor extends Error {
  readonly kind: 'malformed' | 'unknown';

  constructor(kind: WrongCursor['kind']) {
    super(`the cursor is ${kind}`);
    this.kind = kind;
  }
}

/**
 * One page of the records that fit, the latest first. It looks through a bounded part of the file: where few fit, a page
 * may have fewer than `limit`, or none, and still a next one.
 * @throws WrongCursor
 */
export async function newestFirst(
  file: RecordFile,
  fits: (value: Readonly<Record<string, unknown>>) => boolean,
  limit: number,
  cursor: string | null,
): Promise<Page> {
  let at = cursor === null ? file.size : (await startOf(file, cursor)).offset;
  const stop = at - most_bytes;
  const items: Readonly<Record<string, unknown>>[] = [];
  while (at > 0 && at > stop) {
    const records = await file.backward(at);
    // Somebody has cut the file.
    if (records.length === 0) return { items, next_cursor: null };
    for (const record of records) {
      at = record.start;
      if (record.value === null || !fits(record.value)) continue;
      items.push(record.value);
      if (items.length === limit) return { items, next_cursor: await cursorAt(file, at) };
    }
  }
  return { items, next_cursor: await cursorAt(file, at) };
}

async function startOf(file: RecordFile, cursor: string): Promise<Place> {
  const [place] = decodeCursor('page', cursor, 1) ?? [];
  if (place === undefined) throw new WrongCursor('malformed');
  if (!(await hasPlace(file, place))) throw new WrongCursor('unknown');
  return place;
}

async function cursorAt(file: RecordFile, offset: number): Promise<string | null> {
  const place = offset <= 0 ? null : await placeAt(file, offset);
  return place === null ? null : encodeCursor('page', [place]);
}

/** Every record whose line has the text, the oldest first: for a few among many, without reading the others as JSON. */
export async function withText(file: RecordFile, text: string): Promise<Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  let at = 0;
  for (let records: StoredRecord[] = await file.forward(at); records.length > 0; records = await file.forward(at)) {
    for (const record of records) if (record.line.includes(text) && record.value !== null) found.push(record.value);
    at = records[records.length - 1].end;
  }
  return found;
}
