import { eventContentHash, type JsonObject, parseJson } from '../../engine/index.ts';
import { fillMembers } from '../fill-members.ts';

/** Different contents in one of the two halves of the memory: about 50 MB. */
const half_contents = 250_000;

/**
 * Gives the events of one file the id and the seq that the door would give them if it read the file (semantics.md S4,
 * S2): hash of the canonical content, '~', occurrence number; and the line as seq. Sent with them, a file that is sent
 * twice does not count twice, and its order within one millisecond is the file's.
 *
 * Occurrences are counted over the last lines: at least `half` different contents are remembered, at most twice as many,
 * and the older half is forgotten at once. The content holds the timestamp, so equal events stand close together in a
 * file that is about in order of time; one that comes again behind so many others counts as the first one sent again.
 */
export class LineIds {
  readonly #half: number;
  #occurrences = new Map<string, number>();
  #older: ReadonlyMap<string, number> = new Map();

  constructor(half: number = half_contents) {
    this.#half = half;
  }

  /** The line with what it lacks. A line that is no JSON object stays as it is: the door says what is wrong with it. */
  complete(line: Uint8Array, number: number): Uint8Array {
    const event = parseJson(line).value;
    if (!(event instanceof Map)) return line;
    const additions: Record<string, string | number> = {};
    // The door calls null and the empty text missing.
    if ((event.get('event_id') ?? '') === '') additions.event_id = this.#idOf(event);
    if ((event.get('seq') ?? null) === null) additions.seq = number;
    return Object.keys(additions).length === 0 ? line : fillMembers(line, additions);
  }

  #idOf(event: JsonObject): string {
    const hash = eventContentHash(event);
    const occurrence = (this.#occurrences.get(hash) ?? this.#older.get(hash) ?? 0) + 1;
    if (!this.#occurrences.has(hash) && this.#occurrences.size >= this.#half) {
      this.#older = this.#occurrences;
      this.#occurrences = new Map();
    }
    this.#occurrences.set(hash, occurrence);
    return `${hash}~${occurrence}`;
  }
}
