import { type AlertFilter, fitsFilter } from './alert-filter.ts';
import { AlertIndex, idOf } from './alert-index.ts';
import { decodeCursor, encodeCursor, hasPlace, placeAt } from './cursor.ts';
import { newestFirst, type Page, searchBack, searchForward, WrongCursor } from './page.ts';
import type { RecordFile, StoredRecord } from './record-file.ts';

type AlertRecord = Readonly<Record<string, unknown>>;

/** What was published in the past, by question. A database may answer it as well as the file. */
export interface AlertHistory {
  /**
   * Alerts as they are now, each once: its last revision, which is what the filter looks at. The one that changed last
   * comes first. @throws WrongCursor
   */
  page(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page>;
  /** The latest record first, each revision by itself. @throws WrongCursor */
  revisions(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page>;
  /** The last `most` records of an id, in the order in which they were published, and how many there are before them. */
  byId(id: string, most: number): Promise<{ readonly items: readonly AlertRecord[]; readonly earlier: number }>;
}

/** The alerts of `detections.ndjson`. */
export class FileAlerts implements AlertHistory {
  readonly #file: RecordFile;
  readonly #index: AlertIndex;

  constructor(file: RecordFile, index: AlertIndex = new AlertIndex(file)) {
    this.#file = file;
    this.#index = index;
  }

  /**
   * The cursor holds where the page ends and where the file ended when the first page was asked for: what is published
   * meanwhile changes no page of this walk, so that it gives each alert once.
   */
  async page(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page> {
    const { from, end } = await this.#placesOf(cursor);
    await this.#index.refresh();
    const isLast = (record: StoredRecord): boolean => {
      const id = idOf(record);
      return id === null || this.#index.lastBefore(id, end) <= record.start;
    };
    const fits = (record: StoredRecord) => record.value !== null && fitsFilter(record.value, filter) && isLast(record);
    const { items, at } = await searchBack(this.#file, from, fits, limit);
    const places = at <= 0 ? null : await Promise.all([placeAt(this.#file, at), placeAt(this.#file, end)]);
    const [place, endPlace] = places ?? [null, null];
    return {
      items,
      next_cursor: place === null || endPlace === null ? null : encodeCursor('alerts', [place, endPlace]),
    };
  }

  async #placesOf(cursor: string | null): Promise<{ readonly from: number; readonly end: number }> {
    if (cursor === null) return { from: this.#file.size, end: this.#file.size };
    const places = decodeCursor('alerts', cursor, 2);
    if (places === null) throw new WrongCursor('malformed');
    for (const place of places) if (!(await hasPlace(this.#file, place))) throw new WrongCursor('unknown');
    return { from: places[0].offset, end: places[1].offset };
  }

  revisions(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page> {
    return newestFirst(this.#file, (record) => fitsFilter(record, filter), limit, cursor);
  }

  async byId(id: string, most: number) {
    await this.#index.refresh();
    const items: AlertRecord[] = [];
    let earlier = 0;
    for (const offset of this.#index.offsetsOf(id)) {
      // Another id of the same 64 bits is passed over.
      const record = items.length < most ? await this.#file.at(offset) : null;
      if (record === null) earlier++;
      else if (record.value?.id === id) items.push(record.value);
    }
    // What the index does not hold is looked for, a part of the file at a time.
    const older: AlertRecord[] = [];
    await searchForward(this.#file, this.#index.from, JSON.stringify(id), (value) => {
      if (value.id !== id) return;
      older.push(value);
      if (older.length + items.length <= most) return;
      older.shift();
      earlier++;
    });
    return { items: [...older, ...items.reverse()], earlier };
  }
}
