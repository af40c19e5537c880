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
  const from = cursor === null ? file.size : (await startOf(file, cursor)).offset;
  const { items, at } = await searchBack(file, from, ({ value }) => value !== null && fits(value), limit);
  return { items, next_cursor: await cursorAt(file, at) };
}

/** Records before an offset that fit, the nearest first, within a bounded part of the file; `at`: what comes next ends there. */
export async function searchBack(
  file: RecordFile,
  from: number,
  fits: (record: StoredRecord) => boolean,
  limit: number,
): Promise<{ readonly items: Page['items']; readonly at: number }> {
  const items: Readonly<Record<string, unknown>>[] = [];
  let at = from;
  while (at > 0 && at > from - most_bytes) {
    const records = await file.backward(at);
    // Somebody has cut the file.
    if (records.length === 0) return { items, at: 0 };
    for (const record of records) {
      at = record.start;
      if (record.value === null || !fits(record)) continue;
      items.push(record.value);
      if (items.length === limit) return { items, at };
    }
  }
  return { items, at };
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

/** Every record before `end` whose line has the text, the oldest first: without reading the others as JSON. */
export async function searchForward(
  file: RecordFile,
  end: number,
  text: string,
  found: (value: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  for (let at = 0; at < end; ) {
    const records = await file.forward(at);
    if (records.length === 0) return;
    for (const record of records) {
      if (record.start < end && record.line.includes(text) && record.value !== null) found(record.value);
    }
    at = records[records.length - 1].end;
  }
}
