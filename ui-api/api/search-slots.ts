import { ApiError } from './problem.ts';

/** Searches through a file or the log go on so many at a time: each reads a good part of it. */
const most_searches = 4;

/** A bound on the searches of one kind. */
export class SearchSlots {
  #taken = 0;

  /** @throws ApiError when as many go on as may */
  async run<T>(search: () => Promise<T>): Promise<T> {
    if (this.#taken >= most_searches) {
      const hint = 'wait a second; a search that is told since when is shorter';
      throw new ApiError('too_many_requests', `${most_searches} searches go on already`, hint, { 'retry-after': '1' });
    }
    this.#taken++;
    try {
      return await search();
    } finally {
      this.#taken--;
    }
  }
}
