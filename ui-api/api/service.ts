import type { RuleDesk } from '../deploy/rule-desk.ts';
import type { AlertHistory } from '../records/alert-history.ts';
import type { FollowedFile } from '../records/alert-stream.ts';
import type { EventHistory } from '../records/event-history.ts';
import type { RecordFile } from '../records/record-file.ts';
import type { RunDesk } from '../runs/run-desk.ts';

/** Live events and how it goes with them: live/ fulfils it, a test may too. The API itself keeps no state. */
export interface LiveService {
  /**
   * Hands lines (one event each, as they came, without the newline) to the log and the engine. Resolves when all are
   * on disk, with one result per line in order. Null: there is no room, nothing was taken, come back later.
   * Rejects when the log failed or Weir is stopping: nothing of it counts as received.
   */
  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null;
  status(): LiveStatus;
}

/** What the API itself reads of a status; GET /v1/status tells all of it. */
export interface LiveStatus {
  /** 'running': events are taken. */
  readonly state: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly pending: number;
  readonly detections: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
  /** By column. */
  readonly failed_casts: Readonly<Record<string, number>>;
  /** By rule or view, by expression. */
  readonly failed_values: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly state_bytes: number;
  /** Threads that judge. */
  readonly workers: number;
  readonly state_parts: Readonly<Record<string, number>>;
  readonly texts: number;
  readonly watermark: string | null;
  readonly behind_ms: number | null;
  readonly queued_events: number;
  readonly log_position: number;
  readonly checkpoint_at: string | null;
  readonly partitions: { readonly active: number; readonly aside: number };
}

export interface LineResult {
  readonly status: 'accepted' | 'duplicate' | 'late' | 'rejected';
  /** Not for accepted lines: a fixed code and a sentence. */
  readonly reason?: string;
  readonly message?: string;
}

export type DetectionRecord = { readonly id: string } & Readonly<Record<string, unknown>>;

/** What was published, and what is published now. */
export interface AlertService {
  readonly history: AlertHistory;
  readonly followed: readonly FollowedFile[];
  /** Calls `wake` whenever a followed file has more; returns how to stop. */
  subscribe(wake: () => void): () => void;
}

/** Intervals in which Weir did not see. */
export interface BlindService {
  readonly file: RecordFile;
  /** Those that go on, by cause. */
  open(): Readonly<Record<string, number>>;
}

/** Bytes that are free where the log is written; null: nobody can say. */
export type FreeBytes = () => Promise<number | null>;

/** Everything that the API serves. */
export interface ApiServices {
  readonly live: LiveService;
  readonly alerts: AlertService;
  /** Null: this Weir was not started from rule files. */
  readonly rules: RuleDesk | null;
  readonly runs: RunDesk | null;
  readonly events: EventHistory;
  readonly blind: BlindService;
  readonly audit: RecordFile;
  readonly free_bytes: FreeBytes;
}

/** Thrown by submit's promise when Weir is stopping or its log failed. */
export class IntakeClosed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IntakeClosed';
  }
}
