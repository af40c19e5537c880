import type { LogCursor } from '../../connectors/index.ts';
import { Engine, type LogEntry, limits, type Program, type Snapshot, type Verdict } from '../../engine/index.ts';
import { StoredReplay, StoredVerdicts } from '../live/stored-verdicts.ts';
import type { SortedBacktest } from './backtest-run.ts';

/** Batches of a log in the order of their positions: from `from` on, before `until`. */
export type ReadBatches = (until?: number, from?: number) => AsyncIterable<LogCursor>;

type LookupEntry = Extract<LogEntry, { kind: 'lookup' }>;

/** Entries between two releases of the door. */
const advance_every = limits.batch_rows;

/** The program's door alone: no column of its stream is read, because no verdict depends on what rules read (S4). */
export function withoutRules(program: Program): Program {
  const [stream] = program.streams;
  const doorOnly = { streams: [{ ...stream, columns: [] }], operators: [], lookups: [] };
  return { ...program, ...doorOnly, hash: doorKey(program) };
}

/** All that a state of the door depends on beside the log and the schema. */
export function doorKey({ settings }: Program): string {
  const { lateness_ms, idle_ms, max_ahead_ms, dedup_horizon_ms } = settings;
  return `door ${lateness_ms} ${idle_ms} ${max_ahead_ms} ${dedup_horizon_ms}`;
}

/** null: the state is of another version of Weir. */
function doorFrom(program: Program, snapshot: Snapshot): Engine | null {
  try {
    return Engine.restore(program, snapshot, { owns_snapshot: true });
  } catch {
    return null;
  }
}

/** What is known of a log before it is read. */
export interface KnownHistory {
  /** Before this position no verdict is asked for, and every record has one that stands before `ends`' last. */
  readonly from: number;
  /** The door as it stood before the entry at a position, while it read stored verdicts; null: it reads from 0. */
  readonly state: { readonly position: number; readonly snapshot: Snapshot } | null;
  /** Positions at which a state of the door may be wanted, rising: ends of segments. */
  readonly ends: readonly number[];
}

const nothingKnown: KnownHistory = { from: 0, state: null, ends: [] };

/**
 * What a log says of itself before its records are folded: the verdicts of its records, where it ended when it was read,
 * and how far the live engine has decided. A log that grows is not a file that ended: behind its watermark nothing is
 * final (semantics S5), and what was appended after this reading does not belong to the backtest.
 */
export class LogHistory {
  readonly #verdicts: StoredVerdicts;
  readonly #door: Engine;

  /** Every record before this position has its verdict in the log: the last of the known ends for which that is so. */
  readonly judged_end: number;
  /** The door there; null: it read from there on, or from further behind. */
  state: Snapshot | null = null;

  private constructor(verdicts: StoredVerdicts, door: Engine, known: KnownHistory) {
    this.#verdicts = verdicts;
    this.#door = door;
    const { unjudged_from } = verdicts;
    const isJudged = (end: number) => end <= unjudged_from && end < verdicts.end;
    this.judged_end = known.ends.filter(isJudged).at(-1) ?? 0;
  }

  /**
   * Reads the log twice: for its verdicts, then through the live door of this program without its rules, as a restart that
   * reads all of it does (stored-verdicts.ts). That gives W, with every step aside, return and tick, and to a record that
   * lacks a verdict (Weir was killed) the one that a restart gives it. `read`: the entries, those before `until`.
   */
  static async read(read: ReadBatches, program: Program, known: KnownHistory = nothingKnown): Promise<LogHistory> {
    const door = withoutRules(program);
    const restored = known.state === null ? null : doorFrom(door, known.state.snapshot);
    const begin = restored === null ? 0 : (known.state?.position ?? 0);
    const engine = restored ?? new Engine(door);
    const verdicts = await StoredVerdicts.ofBatches(read(undefined, Math.min(known.from, begin)));
    const history = new LogHistory(verdicts, engine, known);
    const replay = new StoredReplay(engine, verdicts, []);
    let entries = 0;
    for await (const cursor of read(verdicts.read_end, begin)) {
      while (cursor.next()) {
        const { position } = cursor;
        if (position >= verdicts.read_end) break;
        if (position === history.judged_end && position > begin) history.#keepState();
        replay.apply(position, cursor.lent());
        if (++entries % advance_every === 0) history.#fill();
      }
    }
    replay.end();
    history.#fill();
    return history;
  }

  /** Of the first entry that was read; +Infinity when there is none. */
  get first_position(): number {
    return this.#verdicts.read_begin;
  }

  /** The position behind the last entry that was read. */
  get end_position(): number {
    return this.#verdicts.read_end;
  }

  /** W: what it has not passed is undecided. +Infinity when the log says that its sources ended. */
  get watermark_ms(): number {
    return this.#door.watermark_ms ?? Number.NEGATIVE_INFINITY;
  }

  /** Undefined: the record still waits for the watermark. */
  of(position: number): Verdict | undefined {
    return this.#verdicts.of(position);
  }

  /** Verdicts as codes (StoredVerdicts) of the records from one position on, before another. */
  codesOf(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.#verdicts.codesOf(from, to);
  }

  /** See giveRecords(). */
  giveTo(
    run: SortedBacktest,
    batches: AsyncIterable<LogCursor>,
    recorded: (activation: LookupEntry) => void,
    read_on?: () => Promise<void> | undefined,
  ): Promise<void> {
    return giveRecords(this, run, batches, recorded, read_on);
  }

  #keepState(): void {
    this.#fill();
    this.state = this.#door.snapshot();
  }

  #fill(): void {
    for (const { position, verdict } of this.#door.advance().verdicts) {
      if (this.of(position) === undefined) this.#verdicts.set(position, verdict);
    }
  }
}

/**
 * Gives a run the records with the verdicts that they have in a history, in batches read to its `end_position`.
 * @param recorded told each lookup activation, in its place
 * @param read_on called after each batch
 */
export async function giveRecords(
  history: Pick<LogHistory, 'of'>,
  run: SortedBacktest,
  batches: AsyncIterable<LogCursor>,
  recorded: (activation: LookupEntry) => void,
  read_on: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  for await (const cursor of batches) {
    while (cursor.next()) {
      if (!cursor.isRecord && !cursor.isLookup) continue;
      const entry = cursor.lent();
      if (entry.kind === 'record') run.add(entry.record, history.of(cursor.position));
      else if (entry.kind === 'lookup') recorded(entry);
    }
    const waited = read_on();
    if (waited !== undefined) await waited;
  }
}
