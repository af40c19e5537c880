/** What the API serves: live/ fulfils it, a test may too. The API itself keeps no state. */
export interface LiveService {
  /**
   * Hands lines (one event each, as they came, without the newline) to the log and the engine. Resolves when all are
   * on disk, with one result per line in order. Null: there is no room, nothing was taken, come back later.
   * Rejects when the log failed or Weir is stopping: nothing of it counts as received.
   */
  submit(partition: string, lines: readonly Uint8Array[]): Promise<readonly LineResult[]> | null;
  status(): object;
  readonly feed: DetectionSource;
}

export interface LineResult {
  readonly status: 'accepted' | 'duplicate' | 'late' | 'rejected';
  /** Not for accepted lines: a fixed code and a sentence. */
  readonly reason?: string;
  readonly message?: string;
}

export type DetectionRecord = { readonly id: string } & Readonly<Record<string, unknown>>;

export interface DetectionSource {
  /** The latest records, oldest first; after the record with the id `since`. Null: that id is not among them. */
  recent(limit: number, since: string | null): readonly DetectionRecord[] | null;
  /** Calls `listener` with each further record; returns how to stop. */
  subscribe(listener: (record: DetectionRecord) => void): () => void;
}

/** Thrown by submit's promise when Weir is stopping or its log failed. */
export class IntakeClosed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IntakeClosed';
  }
}
