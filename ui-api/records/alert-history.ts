import { type AlertFilter, fitsFilter } from './alert-filter.ts';
import { newestFirst, type Page, withText } from './page.ts';
import type { RecordFile } from './record-file.ts';

type AlertRecord = Readonly<Record<string, unknown>>;

/** What was published in the past, by question. A database may answer it as well as the file. */
export interface AlertHistory {
  /** The latest first, each revision a record of its own. @throws WrongCursor */
  page(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page>;
  /** All records of an id, in the order in which they were published; [] when there is none. */
  byId(id: string): Promise<readonly AlertRecord[]>;
}

/** The alerts of `detections.ndjson`. */
export class FileAlerts implements AlertHistory {
  readonly #file: RecordFile;

  constructor(file: RecordFile) {
    this.#file = file;
  }

  page(filter: AlertFilter, limit: number, cursor: string | null): Promise<Page> {
    return newestFirst(this.#file, (record) => fitsFilter(record, filter), limit, cursor);
  }

  async byId(id: string): Promise<readonly AlertRecord[]> {
    const found = await withText(this.#file, JSON.stringify(id));
    return found.filter((record) => record.id === id);
  }
}
