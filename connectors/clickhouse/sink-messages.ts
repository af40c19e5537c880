import type { StorePlace } from './store-client.ts';
import type { fileKinds, StoreSinkStatus } from './store-sink.ts';

/** The kinds of files that are put into the store beside the log. */
export type FileKind = keyof typeof fileKinds;

/** What the sink's thread is begun with. */
export interface SinkWork {
  readonly log_directory: string;
  readonly position_path: string;
  readonly source: string;
  readonly files: Readonly<Partial<Record<FileKind, string>>>;
  readonly seen: Seen;
}

/**
 * How far a log is judged: of every record that will ever be accepted with a timestamp before `watermark_ms`, record and
 * verdict stand in it before `position`. What comes behind it with such a timestamp is late.
 */
export interface JudgedTo {
  readonly position: number;
  readonly watermark_ms: number;
}

/** What the thread cannot see for itself: how much is on disk and judged, and where the store is. */
export interface Seen {
  /** Entries of the log before this are on disk. */
  readonly log_end: number;
  /** Bytes of each file that are. */
  readonly durable: Readonly<Partial<Record<FileKind, number>>>;
  /** Null: not known. */
  readonly judged: JudgedTo | null;
  /** Null while it is down. */
  readonly place: StorePlace | null;
}

/** From the engine's thread to the sink's. */
export type ToSink =
  | { readonly kind: 'seen'; readonly seen: Seen }
  /** The tables are up; or why not, with ClickHouse's number where it refuses. */
  | { readonly kind: 'prepared'; readonly failure: { readonly message: string; readonly code: number | null } | null }
  | { readonly kind: 'stop'; readonly within_ms: number };

/** From the sink's thread to the engine's. */
export type FromSink =
  | { readonly kind: 'status'; readonly status: StoreSinkStatus; readonly through: number }
  | { readonly kind: 'report'; readonly message: string }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'stopped' };
