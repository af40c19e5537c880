import type { LogCursor } from '../../connectors/index.ts';
import { Engine, type LogEntry, type Program, type Verdict } from '../../engine/index.ts';
import { StoredReplay, StoredVerdicts } from '../live/stored-verdicts.ts';
import type { SortedBacktest } from './backtest-run.ts';

type LookupEntry = Extract<LogEntry, { kind: 'lookup' }>;

/** Entries between two releases of the door. */
const advance_every = 1024;

/** The program's door alone: no column of its stream is read, because no verdict depends on what rules read (S4). */
function withoutRules(program: Program): Program {
  const [stream] = program.streams;
  return { ...program, streams: [{ ...stream, columns: [] }], operators: [], lookups: [] };
}

/**
 * What a log says of itself before its records are folded: the verdicts of its records, where it ended when it was read,
 * and how far the live engine has decided. A log that grows is not a file that ended: behind its watermark nothing is
 * final (semantics S5), and what was appended after this reading does not belong to the backtest.
 */
export class LogHistory {
  readonly #verdicts: StoredVerdicts;
  readonly #door: Engine;

  private constructor(verdicts: StoredVerdicts, door: Engine) {
    this.#verdicts = verdicts;
    this.#door = door;
  }

  /**
   * Reads the log twice: for its verdicts, then through the live door of this program without its rules, as a restart that
   * reads all of it does (stored-verdicts.ts). That gives W, with every step aside, return and tick, and to a record that
   * lacks a verdict (Weir was killed) the one that a restart gives it. `read`: the entries, those before `until`.
   */
  static async read(read: (until?: number) => AsyncIterable<LogCursor>, program: Program): Promise<LogHistory> {
    const verdicts = await StoredVerdicts.ofBatches(read());
    const history = new LogHistory(verdicts, new Engine(withoutRules(program)));
    const replay = new StoredReplay(history.#door, verdicts, Number.NEGATIVE_INFINITY);
    let entries = 0;
    for await (const cursor of read(verdicts.read_end)) {
      while (cursor.next()) {
        if (cursor.position >= verdicts.read_end) break;
        replay.apply(cursor.position, cursor.lent());
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

  /**
   * Gives a run the records with the verdicts that they have here, in batches read from the beginning to `end_position`.
   * @param recorded told each lookup activation, in its place
   * @param read_on called after each batch
   */
  async giveTo(
    run: SortedBacktest,
    batches: AsyncIterable<LogCursor>,
    recorded: (activation: LookupEntry) => void,
    read_on: () => Promise<void> | undefined = () => undefined,
  ): Promise<void> {
    for await (const cursor of batches) {
      while (cursor.next()) {
        if (!cursor.isRecord && !cursor.isLookup) continue;
        const entry = cursor.lent();
        if (entry.kind === 'record') run.add(entry.record, this.of(cursor.position));
        else if (entry.kind === 'lookup') recorded(entry);
      }
      const waited = read_on();
      if (waited !== undefined) await waited;
    }
  }

  #fill(): void {
    for (const { position, verdict } of this.#door.advance().verdicts) {
      if (this.of(position) === undefined) this.#verdicts.set(position, verdict);
    }
  }
}
