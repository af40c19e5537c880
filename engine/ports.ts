import type { Snapshot } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

/**
 * The contracts that connectors fulfil. The engine's deterministic core never calls them (no await per event): the
 * driver in ui-api moves records from a source through the log into the engine and results out to the sinks.
 *
 * The acknowledge duty, written once: a record is acknowledged to its sender only after EventLog.append's promise has
 * resolved, which means that it is on disk (fsync). A detection is on the alert side before the checkpoint that
 * forgets how to derive it again is written. So a crash loses no acknowledged record, and a detection written twice
 * has the same id.
 */

/** One record as it came from a source, before the door. */
export interface SourceRecord {
  /** Name of the source partition: 'http', 'file:auth.log', 'topic/3'. */
  readonly partition: string;
  /** Its place in the partition (file line, Kafka offset, log position); the seq of an event that has none (S2). */
  readonly position: number;
  readonly received_at: number;
  readonly bytes: Uint8Array;
  /** The id that an event without one got when it came (S4), where only a part of its history is read; else it is counted. */
  readonly event_id?: string;
  /** True length, only where `bytes` is the beginning of a record that is too large to be taken: it is rejected. */
  readonly length?: number;
}

/** What the log holds, in the order in which it takes effect (S3: steps and ticks are logged before they act). */
export type LogEntry =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'idle' | 'back'; readonly partition: string }
  | { readonly kind: 'tick'; readonly now_ms: number }
  /** The verdict on the record entry at `position` of the log, written when it is known (S4: at release). */
  | { readonly kind: 'verdict'; readonly position: number; readonly verdict: Verdict; readonly detail: string }
  /** From stream time `from_ms` on, not before W, this content is the lookup's (S13); `bytes` hold all of its rows. */
  | {
      readonly kind: 'lookup';
      readonly name: string;
      readonly from_ms: number;
      readonly version: string;
      readonly bytes: Uint8Array;
    }
  /** A bounded source ended: everything closes. */
  | { readonly kind: 'end' };

export interface EventLog {
  /**
   * Appends entries in order and resolves with the log position of the first one when all are on disk. Positions
   * count entries from 0 without gaps. Rejects when they are not known to be on disk (full disk, fsync error): then
   * none of them may be acknowledged, and after such an error the log accepts nothing until it is opened again.
   */
  append(entries: readonly LogEntry[]): Promise<number>;
  /** Reads entries from a position on, in order, up to what was on disk when the read began. */
  read(from_position: number): AsyncIterable<{ readonly position: number; readonly entry: LogEntry }>;
  /** The first position whose record was received at or after this time. */
  position_at(received_at_ms: number): Promise<number>;
  /** Position that the next entry will get. */
  readonly end_position: number;
  close(): Promise<void>;
}

/** Where checkpoints rest. Writing is atomic: after a crash the store holds the old one or the new one, whole. */
export interface CheckpointStore {
  /** So many of the last ones are kept: the ones before are for when the disk damages the latest. */
  readonly kept: number;
  write(checkpoint: Snapshot): Promise<void>;
  /** The latest whole checkpoint, or null. A damaged one is skipped with a message, not trusted. */
  read(): Promise<Snapshot | null>;
}

/** Where final detections go: NDJSON file, the API's live feed, later a Kafka topic. Writing one id twice is harmless. */
export interface DetectionSink {
  /** Resolves when they are durable. */
  write(records: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Where the rows of tables (CREATE TABLE) go: NDJSON file, later ClickHouse. The duty is that of detections: rows are there
 * before the checkpoint that forgets how to derive them again, and writing one id twice is harmless.
 */
export interface AggregateSink {
  /** Resolves when they are durable. */
  write(rows: readonly object[]): Promise<void>;
  /** How far it is filled, for the checkpoint; in units of its own. */
  readonly offset: number;
  /** What stood behind the checkpoint when it was opened was decided before this time; -Infinity: there is nothing. */
  readonly told_until_ms: number;
  /** Everything was derived again that can be: nothing that was written before waits any more. */
  forgetWritten(): void;
  close(): Promise<void>;
}

/** Where rejected records go, with the reason, the source position and the bytes (law 3). */
export interface DeadLetterSink {
  write(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

export interface DeadLetter {
  readonly reason: string;
  readonly message: string;
  readonly partition: string;
  readonly position: number;
  readonly received_at: number;
  readonly bytes: Uint8Array;
  /** True length, only where `bytes` is the beginning. */
  readonly length?: number;
}

/**
 * A codec turns one line of a foreign format into normalised events (as plain JSON values; the door judges them like
 * any other). 'skipped' is a line that is no event of this source: counted, not an error.
 */
export interface Codec {
  readonly name: string;
  readonly summary: string;
  /**
   * A file of this source may also be one JSON document, or several: a list of records, bare or under this key of an
   * object ({"Records": [...]}). Its reader hands over each record as if it were a line. Absent: lines only.
   */
  readonly lists?: { readonly key: string | null };
  decode(line: Uint8Array): CodecResult;
}

export type CodecResult =
  /** Of a line with several records some may be refused; the others are events all the same, both in their order. */
  | { readonly kind: 'events'; readonly events: readonly object[]; readonly refused?: readonly RefusedPart[] }
  /** The line is a normalised event already: its bytes go to the door as they came. */
  | { readonly kind: 'as_is' }
  /** `reason` is one of a few fixed texts ('other program'), to count by. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly message: string };

/** One record of a line that is no event. */
export interface RefusedPart {
  /** Which of the line's records, from 1. */
  readonly record: number;
  readonly message: string;
  readonly bytes: Uint8Array;
}

/**
 * Scratch space for what does not fit in memory: a backtest over a file that is larger than it. Synchronous, because the
 * engine waits for it in the middle of a sort; its contents mean nothing after the run.
 */
export interface ScratchStore {
  /** Appends the bytes (they are the caller's again afterwards) and gives the offset to read them from. */
  append(bytes: Uint8Array): number;
  /** Exactly `length` bytes of one append(), from an offset that it gave. Valid until the next read. Throws on failure. */
  read(offset: number, length: number): Uint8Array;
}
