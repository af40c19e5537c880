import { Engine, type Program, type Verdict } from '../../engine/index.ts';
import { type Entries, StoredReplay, StoredVerdicts } from '../live/stored-verdicts.ts';

/** Entries between two releases of the door. */
const advance_every = 1024;

/** The program's door alone: its stream as the decoder fills it, without what rules compute, join or look up. */
function withoutRules(program: Program): Program {
  const [stream] = program.streams;
  const columns = stream.columns.filter(({ kind }) => kind === 'field');
  return { ...program, streams: [{ ...stream, columns }], operators: [], lookups: [] };
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
  static async read(read: (until?: number) => Entries, program: Program): Promise<LogHistory> {
    const verdicts = await StoredVerdicts.read(read());
    const history = new LogHistory(verdicts, new Engine(withoutRules(program)));
    const replay = new StoredReplay(history.#door, verdicts, Number.NEGATIVE_INFINITY);
    let entries = 0;
    for await (const { position, entry } of read(verdicts.read_end)) {
      if (position >= verdicts.read_end) break;
      replay.apply(position, entry);
      if (++entries % advance_every === 0) history.#fill();
    }
    replay.end();
    history.#fill();
    return history;
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

  #fill(): void {
    for (const { position, verdict } of this.#door.advance().verdicts) {
      if (this.of(position) === undefined) this.#verdicts.set(position, verdict);
    }
  }
}
