import { createHash } from 'node:crypto';
import { compareText } from '../../engine/index.ts';

/**
 * Gives the events of one file the id and the seq that the door would give them if it read the file (semantics.md S4,
 * S2): hash of the canonical content, '~', occurrence number; and the line as seq. Sent with them, a file that is sent
 * twice does not count twice, and its order within one millisecond is the file's.
 */
export class LineIds {
  readonly #occurrences = new Map<string, number>();

  /** The line with what it lacks. A line that is no JSON object stays as it is: the door says what is wrong with it. */
  complete(line: Uint8Array, number: number): Uint8Array {
    const event = parseObject(line);
    if (event === null) return line;
    const additions: Record<string, unknown> = {};
    if (!('event_id' in event)) additions.event_id = this.#idOf(event);
    if (!('seq' in event)) additions.seq = number;
    const added = JSON.stringify(additions).slice(1, -1);
    if (added === '') return line;
    const separator = Object.keys(event).length === 0 ? '' : ',';
    return Buffer.concat([Buffer.from(`{${added}${separator}`), line.subarray(line.indexOf(0x7b) + 1)]);
  }

  #idOf(event: object): string {
    const hash = createHash('sha256').update(canonical(event)).digest('hex').slice(0, 16);
    const occurrence = (this.#occurrences.get(hash) ?? 0) + 1;
    this.#occurrences.set(hash, occurrence);
    return `${hash}~${occurrence}`;
  }
}

function parseObject(line: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** JSON with sorted keys, compact. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort(compareText);
  const fields = value as Readonly<Record<string, unknown>>;
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`;
}
