import { eventContentHash, type JsonObject, parseJson } from '../../engine/index.ts';

/**
 * Gives the events of one file the id and the seq that the door would give them if it read the file (semantics.md S4,
 * S2): hash of the canonical content, '~', occurrence number; and the line as seq. Sent with them, a file that is sent
 * twice does not count twice, and its order within one millisecond is the file's.
 */
export class LineIds {
  readonly #occurrences = new Map<string, number>();

  /** The line with what it lacks. A line that is no JSON object stays as it is: the door says what is wrong with it. */
  complete(line: Uint8Array, number: number): Uint8Array {
    const event = parseJson(line).value;
    if (!(event instanceof Map)) return line;
    const additions: Record<string, unknown> = {};
    if (!event.has('event_id')) additions.event_id = this.#idOf(event);
    if (!event.has('seq')) additions.seq = number;
    const added = JSON.stringify(additions).slice(1, -1);
    if (added === '') return line;
    const separator = event.size === 0 ? '' : ',';
    return Buffer.concat([Buffer.from(`{${added}${separator}`), line.subarray(line.indexOf(0x7b) + 1)]);
  }

  #idOf(event: JsonObject): string {
    const hash = eventContentHash(event);
    const occurrence = (this.#occurrences.get(hash) ?? 0) + 1;
    this.#occurrences.set(hash, occurrence);
    return `${hash}~${occurrence}`;
  }
}
