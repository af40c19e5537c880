import { decodeCursor, encodeCursor, hasPlace, type Place, placeAt, placeBehind } from './cursor.ts';
import { WrongCursor } from './page.ts';
import type { RecordFile, StoredRecord } from './record-file.ts';

/** A file that a stream follows, and what its records are called there. */
export interface FollowedFile {
  readonly event: string;
  readonly file: RecordFile;
}

/** Some records of one file, and where the stream stands behind each. */
export interface StreamStep {
  readonly event: string;
  readonly records: readonly { readonly record: StoredRecord; readonly cursor: string }[];
}

/**
 * A reader of several growing files at once. Its cursor is a place in each, so that a reader that comes back, also to
 * another run of Weir, gets what it has not seen, and nothing twice: what a cursor covers is on disk and stays.
 */
export class AlertStream {
  readonly #followed: readonly FollowedFile[];
  readonly #places: Place[];

  private constructor(followed: readonly FollowedFile[], places: Place[]) {
    this.#followed = followed;
    this.#places = places;
  }

  /**
   * @param cursor where to go on; 'start': with the first record; null: with what comes from now on
   * @throws WrongCursor
   */
  static async open(followed: readonly FollowedFile[], cursor: string | null): Promise<AlertStream> {
    if (cursor === null || cursor === 'start') {
      const places: Place[] = [];
      for (const { file } of followed) {
        places.push((await placeAt(file, cursor === null ? file.size : 0)) as Place);
      }
      return new AlertStream(followed, places);
    }
    const places = decodeCursor('stream', cursor, followed.length);
    if (places === null) throw new WrongCursor('malformed');
    for (const [i, { file }] of followed.entries()) {
      if (!(await hasPlace(file, places[i]))) throw new WrongCursor('unknown');
    }
    return new AlertStream(followed, places);
  }

  get cursor(): string {
    return encodeCursor('stream', this.#places);
  }

  /** What comes next, or null when everything was read. Call it again only when the records were taken. */
  async next(): Promise<StreamStep | null> {
    for (const [i, { event, file }] of this.#followed.entries()) {
      const found = await file.forward(this.#places[i].offset);
      if (found.length === 0) continue;
      const records = found.map((record) => {
        this.#places[i] = placeBehind(record);
        return { record, cursor: this.cursor };
      });
      return { event, records };
    }
    return null;
  }
}
