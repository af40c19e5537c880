import type { OpenKinds } from '../decode/open-kinds.ts';
import type { PassedRecords } from '../door/bounded-door.ts';
import type { PackedTexts } from './packed-texts.ts';

export type Codes = Uint8Array | Uint16Array | Int32Array;

/** Texts of a column: code 0 is NULL, code k the text at place k - 1. */
export interface CodedTexts {
  readonly texts: PackedTexts;
  readonly codes: Codes;
}

/** NaN is NULL of a number. */
export type StoredColumn = CodedTexts | Float64Array;

/** What an event says beside declared fields: `details`, and the extra fields, as JSON objects in text (open-texts.ts). */
export type OpenPart = 'details' | 'extras';

/** One of these of all events. */
export interface StoredOpen {
  readonly kinds: OpenKinds;
  /** Read when they are asked for. */
  readonly texts: CodedTexts;
}

/** UTF-8 bytes of ids, and where each begins and ends in them. */
export interface StoredIds {
  readonly bytes: Uint8Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** The same of all rows, one behind the other: where each ends. */
export type PackedIds = Pick<StoredIds, 'bytes' | 'ends'>;

/** With where each begins. */
export function idsOf({ bytes, ends }: PackedIds): StoredIds {
  const bounds = new Float64Array(ends.length + 1);
  bounds.set(ends, 1);
  return { bytes, starts: bounds.subarray(0, ends.length), ends };
}

export const storedNumbers = ['time', 'seq', 'partition', 'position', 'entry'] as const;
/**
 * Beside the time: `seq` with what S2 gives where the producer did not; `partition` an index into the segment's, and the
 * `position` there; `entry` the number of the record among those of the stretch.
 */
export type StoredNumber = (typeof storedNumbers)[number];

/**
 * Accepted events of a stretch of history in total order (S2), column by column: row i of each is one event. Each part is
 * read where it stands when it is asked for, and again when it is asked for again.
 */
export interface StoredEvents {
  readonly count: number;
  /** Of all rows, or of some, which rise: as many numbers as rows, in their order. */
  numbers(name: StoredNumber, rows?: Int32Array): Float64Array;
  ids(rows?: Int32Array): StoredIds;
  tenant(): CodedTexts;
  /** A field of the schema; null: NULL in every row. Of texts the codes are read when they are asked for. */
  column(name: string): StoredColumn | null;
  /** null: no event has any. */
  open(part: OpenPart): StoredOpen | null;
}

/** A stretch of history of which every record has its stored verdict, and every event an id of its own. */
export interface ColumnSegment {
  /** Of all its records. */
  readonly counters: PassedRecords;
  /** Of its records, in the order in which they came. */
  readonly partitions: readonly string[];
  /** Of its accepted events; +Infinity and -Infinity where there is none. */
  readonly earliest_ms: number;
  readonly latest_ms: number;
  readonly events: StoredEvents;
}
