import type { LogCursor } from '../../connectors/index.ts';
import type { Engine, LogEntry, Verdict } from '../../engine/index.ts';

const codes: readonly (Verdict | undefined)[] = [undefined, 'accepted', 'duplicate', 'late', 'rejected'];
/** Of a record whose verdict was not come to yet. */
const UNJUDGED = codes.length;

/** Undefined: there is none. */
export function verdictOfCode(code: number): Verdict | undefined {
  return codes[code];
}

/** Entries of a log, in the order of their positions. */
export type Entries = AsyncIterable<{ readonly position: number; readonly entry: LogEntry }>;

/** The verdicts that stand in a log, by the position of their records: a byte each. */
export class StoredVerdicts {
  #codes = new Uint8Array(1024);
  /** The position behind the last verdict entry; 0 when there is none. */
  end = 0;
  /** The position of the first entry that was read, +Infinity when there was none, and the one behind the last. */
  read_begin = Number.POSITIVE_INFINITY;
  read_end = 0;

  /** Reads the entries once; a verdict stands somewhere behind its record. */
  static async read(entries: Entries): Promise<StoredVerdicts> {
    const verdicts = new StoredVerdicts();
    for await (const { position, entry } of entries) {
      if (verdicts.read_end === 0) verdicts.read_begin = position;
      verdicts.read_end = position + 1;
      if (entry.kind !== 'verdict') continue;
      verdicts.set(entry.position, entry.verdict);
      verdicts.end = position + 1;
    }
    return verdicts;
  }

  /** The same, by batches; with that it is known which records have none. */
  static async ofBatches(batches: AsyncIterable<LogCursor>): Promise<StoredVerdicts> {
    const verdicts = new StoredVerdicts();
    for await (const cursor of batches) {
      while (cursor.next()) {
        if (verdicts.read_end === 0) verdicts.read_begin = cursor.position;
        verdicts.read_end = cursor.position + 1;
        if (cursor.isRecord) verdicts.#place(cursor.position, UNJUDGED);
        if (!cursor.isVerdict) continue;
        verdicts.set(cursor.judged(), cursor.verdict);
        verdicts.end = verdicts.read_end;
      }
    }
    return verdicts;
  }

  /** Undefined: none is written yet (it came last, or Weir was killed): the record is judged now. */
  of(position: number): Verdict | undefined {
    return verdictOfCode(this.#codes[position] ?? 0);
  }

  /** Codes of the verdicts of records from one position on, before another; a copy. */
  codesOf(from: number, to: number): Uint8Array<ArrayBuffer> {
    const codes = new Uint8Array(to - from);
    codes.set(this.#codes.subarray(from, to));
    return codes;
  }

  /** The first record without a stored verdict; `read_end` where all have one. After ofBatches() of a log. */
  get unjudged_from(): number {
    const at = this.#codes.subarray(0, this.read_end).indexOf(UNJUDGED);
    return at === -1 ? this.read_end : at;
  }

  set(position: number, verdict: Verdict): void {
    this.#place(position, codes.indexOf(verdict));
  }

  #place(position: number, code: number): void {
    if (position >= this.#codes.length) {
      const grown = new Uint8Array(Math.max(position + 1, this.#codes.length * 2));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[position] = code;
  }
}

/** What is known of W beside the log: it was at least `watermark_ms` when the log ended before `position`. */
export interface KnownWatermark {
  readonly position: number;
  readonly watermark_ms: number;
}

/**
 * Gives a log to an empty engine, as a restart does that reads it from its beginning, and as a backtest of it does: stored
 * verdicts stand (S4), whatever the stream's settings are now, and events are released where the log says that they were.
 * Behind the last stored verdict records are judged as they come.
 */
export class StoredReplay {
  readonly #engine: Engine;
  readonly #stored: StoredVerdicts;
  readonly #known: readonly KnownWatermark[];
  /** So many of them are reached. */
  #reached = 0;
  #holds = true;

  /**
   * `known`: by position. A W holds from its place on and not before: what stands before it was accepted by a W that had
   * not come so far, and of the last of it the log may have no verdict (Weir was killed before its next append).
   */
  constructor(engine: Engine, stored: StoredVerdicts, known: readonly KnownWatermark[]) {
    this.#engine = engine;
    this.#stored = stored;
    this.#known = known;
    engine.holdForStored();
  }

  apply(position: number, entry: LogEntry): void {
    if (position >= this.#stored.end) this.#goOn(position);
    this.#engine.apply(position, entry, this.#holds ? this.#stored.of(position) : undefined);
  }

  /** The log ends. */
  end(): void {
    this.#goOn(Number.POSITIVE_INFINITY);
  }

  #goOn(position: number): void {
    if (this.#holds) this.#engine.endStored();
    this.#holds = false;
    for (; this.#reached < this.#known.length; this.#reached++) {
      const known = this.#known[this.#reached];
      if (known.position > position) return;
      this.#engine.reach(known.watermark_ms);
    }
  }
}
