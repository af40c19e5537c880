import { type LogEntry, mayBeUnreadable, readUnreadable, type SourceRecord, type Verdict } from '../../engine/index.ts';
import type { EntryCursor } from '../log/entry-cursor.ts';
import type { BatchRows } from './batch-rows.ts';
import { contentHash, eventRow, ownId, type RowPlace, readEvent, storeTime } from './event-row.ts';
import { EventWriter } from './event-writer.ts';
import { PendingRecords } from './pending-records.ts';
import type { StoreRow } from './store-client.ts';

/** The table of a record by its verdict. */
export const tableOf: Readonly<Record<Verdict, string>> = {
  accepted: 'events',
  late: 'late_events',
  duplicate: 'duplicate_events',
  rejected: 'dead_letters',
};

type MarkEntry = Exclude<LogEntry, { kind: 'verdict' | 'record' }>;

/** Contents of events without ids that are counted; beyond it, those that did not come again for longest go. */
const counted_contents = 500_000;
const text_bytes = 200;
const idName = new TextEncoder().encode('"event_id"');

/** What a log says, as rows: each record in the table of its verdict once that stands in the log. */
export class LogRows {
  readonly #source: string;
  readonly #writer = new EventWriter();
  /** Records without a verdict so far. */
  readonly #pending = new PendingRecords();
  #counts = new Map<string, number>();
  #older = new Map<string, number>();

  constructor(source: string) {
    this.#source = source;
  }

  /** The first record that lacks a verdict; null: none does. */
  get first_pending(): number | null {
    return this.#pending.first;
  }

  /** Takes the record that the cursor stands at; nothing is written before its verdict. */
  record(at: EntryCursor): void {
    const row = this.#pending.add(at);
    if (at.length === -1 && !hasIdName(at.recordBytes())) {
      this.#pending.giveId(row, this.#idOf(this.#pending.read(row).record));
    }
  }

  /** Counts a record of before, so that ids go on where they were. */
  count(at: EntryCursor): void {
    const { partition, place: position, received_at } = at;
    const bytes = at.recordBytes();
    if (at.length === -1 && !hasIdName(bytes)) this.#idOf({ partition, position, received_at, bytes });
  }

  /** The verdict on a record was written before: it waits no more. */
  forget(position: number): void {
    const row = this.#pending.find(position);
    if (row !== -1) this.#pending.remove(row);
  }

  /** Rows of all that wait: `as_of` is the end of what was read. */
  pending(as_of: number): StoreRow[] {
    return [...this.#pending.all()].map(({ position: log_position, record }) => {
      const { partition, position, received_at, bytes, length } = record;
      const row = { source: this.#source, as_of, log_position, partition, partition_position: position };
      const what = { length: length ?? bytes.length, is_cut: length !== undefined, bytes: base64(bytes) };
      return { ...row, received_at: storeTime(received_at), ...what };
    });
  }

  /** Adds the row of an entry that is neither record nor verdict. */
  mark(position: number, entry: MarkEntry, into: BatchRows): void {
    const row = this.#markRow(position, entry);
    into.push('log_marks', row, entry.kind === 'lookup' ? 2 * entry.bytes.length : 0);
  }

  #markRow(position: number, entry: MarkEntry): StoreRow {
    const { kind } = entry;
    const place = { source: this.#source, log_position: position, verdict_position: position, kind };
    if (kind === 'tick') return { ...place, time_ms: String(entry.now_ms) };
    if (kind === 'lookup') {
      const { name, version, from_ms, bytes } = entry;
      return { ...place, name, version, time_ms: String(from_ms), bytes: base64(bytes) };
    }
    return kind === 'end' ? place : { ...place, partition: entry.partition };
  }

  /** Adds the row of the record that the verdict at the cursor is on; nothing where the record is not known. */
  verdict(at: EntryCursor, into: BatchRows): void {
    const log_position = at.judged();
    const row = this.#pending.find(log_position);
    if (row === -1) return;
    const { verdict } = at;
    const detail = at.detail();
    const { record, event_id: given } = this.#pending.read(row);
    this.#pending.remove(row);
    const place: RowPlace = { source: this.#source, log_position, verdict_position: at.position };
    if (verdict === 'rejected') {
      this.#letter(place, record, detail, into);
      return;
    }
    if (into.writeEvent(this.#writer, tableOf[verdict], place, record, given, detail)) return;
    const event = readEvent(record);
    // A log that was written by other rules of validity: it is shown, as what it is.
    if (event === null) {
      this.#letter(place, record, `not_json: the log calls it ${verdict}, and it is no event`, into);
      return;
    }
    const event_id = ownId(event) ?? given ?? this.#number(record, contentHash(event));
    into.pushEvent(tableOf[verdict], eventRow(place, record, event, event_id, detail));
  }

  #letter(place: RowPlace, record: SourceRecord, detail: string, into: BatchRows): void {
    into.push(tableOf.rejected, letterRow(place, record, detail), 2 * record.bytes.length);
  }

  /** The id by content (S4) of a record that names none anywhere; null: it may bring its own. */
  #idOf(record: SourceRecord): string | null {
    const event = readEvent(record);
    return event === null || ownId(event) !== null ? null : this.#number(record, contentHash(event));
  }

  #number({ partition }: SourceRecord, hash: string): string {
    const key = `${hash} ${partition}`;
    const number = (this.#counts.get(key) ?? this.#older.get(key) ?? 0) + 1;
    if (this.#counts.size >= counted_contents) {
      this.#older = this.#counts;
      this.#counts = new Map();
    }
    this.#counts.set(key, number);
    return `${hash}~${number}`;
  }
}

/** Whether a record may bring an id of its own. */
function hasIdName({ buffer, byteOffset, length }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, length).includes(idName);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A rejected record; `detail` is the verdict's, its reason and what it says. */
export function letterRow(place: RowPlace, record: SourceRecord, detail: string): StoreRow {
  const { partition, position, received_at, bytes, length } = record;
  const [reason] = detail.split(':', 1);
  const shown = (mayBeUnreadable(reason) ? readUnreadable(bytes) : null)?.bytes ?? bytes;
  return {
    ...place,
    ...{ partition, partition_position: position, received_at: storeTime(received_at) },
    reason: reason.toWellFormed(),
    message: detail
      .slice(reason.length + 1)
      .trim()
      .toWellFormed(),
    // Of what a codec could not read the text is the source's own; `bytes` are what the log holds.
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(shown.subarray(0, text_bytes)),
    length: length ?? bytes.length,
    is_cut: length !== undefined,
    bytes: base64(bytes),
  };
}
