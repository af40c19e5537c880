import type { LogEntry, Verdict } from '../../engine/index.ts';
import { ByteWriter, variableLength } from './byte-writer.ts';

/**
 * Log entries as bytes. An entry is: length (variable, of what follows), kind, payload.
 *   record   received_at f64, position f64, length of the partition's name, the name, the bytes as they came
 *   cut      like record, and before the name the true length (variable): the bytes are the beginning
 *   verdict  own position minus the record's (variable: mostly one or two bytes), detail; the kind says which verdict
 *   lookup   from_ms f64, length of the name, the name, length of the version, the version, the content
 *   idle, back  the partition's name      tick  now_ms f64      end  nothing
 */
export const kinds = { record: 1, idle: 2, back: 3, tick: 4, end: 5, cut: 6, lookup: 7 } as const;
export const verdicts: readonly Verdict[] = ['accepted', 'duplicate', 'late', 'rejected'];
export const FIRST_VERDICT_KIND = 16;

/** An entry larger than this is refused: the line reader and the HTTP door bound records far below. */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024;

const textEncoder = new TextEncoder();

export interface EncodedEntries {
  /** Behind `room` bytes of their own, which are for a batch's header. */
  readonly bytes: Uint8Array;
  readonly room: number;
  readonly count: number;
  /** Greatest received_at of the records in it, -Infinity when there is none. */
  readonly received_max: number;
}

/** Texts repeat: the name of a partition in each of its records, no detail in almost each verdict. */
class KnownTexts {
  #text = '';
  #bytes: Uint8Array = new Uint8Array(0);

  bytesOf(text: string): Uint8Array {
    if (text !== this.#text) {
      this.#text = text;
      this.#bytes = textEncoder.encode(text);
    }
    return this.#bytes;
  }
}

const names = new KnownTexts();
const details = new KnownTexts();

function writeEntry(writer: ByteWriter, length: number, kind: number): void {
  if (length > MAX_ENTRY_BYTES) {
    throw new RangeError(`a log entry of ${length} bytes is larger than the ${MAX_ENTRY_BYTES} that the log takes`);
  }
  writer.variable(length);
  writer.byte(kind);
}

function writeOne(writer: ByteWriter, entry: LogEntry, position: number): void {
  switch (entry.kind) {
    case 'record': {
      const { partition, bytes, received_at, length } = entry.record;
      const name = names.bytesOf(partition);
      const size = 1 + 16 + variableLength(name.length) + name.length + bytes.length;
      if (length === undefined) writeEntry(writer, size, kinds.record);
      else writeEntry(writer, size + variableLength(length), kinds.cut);
      writer.float64(received_at);
      writer.float64(entry.record.position);
      if (length !== undefined) writer.variable(length);
      writer.variable(name.length);
      writer.bytes(name);
      writer.bytes(bytes);
      return;
    }
    case 'verdict': {
      const back = position - entry.position;
      if (!(back > 0 && Number.isInteger(back))) {
        throw new RangeError(`a verdict at log position ${position} cannot be on the later position ${entry.position}`);
      }
      const detail = details.bytesOf(entry.detail);
      const kind = FIRST_VERDICT_KIND + verdicts.indexOf(entry.verdict);
      writeEntry(writer, 1 + variableLength(back) + detail.length, kind);
      writer.variable(back);
      writer.bytes(detail);
      return;
    }
    case 'tick':
      writeEntry(writer, 9, kinds.tick);
      writer.float64(entry.now_ms);
      return;
    case 'end':
      writeEntry(writer, 1, kinds.end);
      return;
    case 'lookup': {
      const name = textEncoder.encode(entry.name);
      const version = textEncoder.encode(entry.version);
      const texts = variableLength(name.length) + name.length + variableLength(version.length) + version.length;
      writeEntry(writer, 1 + 8 + texts + entry.bytes.length, kinds.lookup);
      writer.float64(entry.from_ms);
      writer.variable(name.length);
      writer.bytes(name);
      writer.variable(version.length);
      writer.bytes(version);
      writer.bytes(entry.bytes);
      return;
    }
    default: {
      const name = textEncoder.encode(entry.partition);
      writeEntry(writer, 1 + name.length, kinds[entry.kind]);
      writer.bytes(name);
    }
  }
}

/** What an entry takes beside the bytes of its record, about. */
const OTHER_BYTES = 64;

/**
 * Encodes entries whose first one gets `first_position`, behind `room` bytes that are left free. Copies all bytes. Throws
 * RangeError on an impossible entry.
 * @param spare memory to write into where it is large enough: it is the result's from then on
 */
export function encodeEntries(
  entries: readonly LogEntry[],
  first_position: number,
  room: number,
  spare: Uint8Array,
): EncodedEntries {
  let capacity = room;
  for (const entry of entries) capacity += OTHER_BYTES + (entry.kind === 'record' ? entry.record.bytes.length : 0);
  const writer = new ByteWriter(spare.length >= capacity ? spare : new Uint8Array(capacity), room);
  let received_max = -Infinity;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    writeOne(writer, entry, first_position + i);
    if (entry.kind === 'record' && entry.record.received_at > received_max) received_max = entry.record.received_at;
  }
  return { bytes: writer.written(), room, count: entries.length, received_max };
}
