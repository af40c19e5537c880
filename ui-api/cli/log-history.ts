import { Engine, type LogEntry, type Program, type Verdict } from '../../engine/index.ts';

const codes: readonly (Verdict | undefined)[] = [undefined, 'accepted', 'duplicate', 'late', 'rejected'];
/** Entries between two releases of the door. */
const advance_every = 1024;

/** The program's door alone: its stream as the decoder fills it, without what rules compute, join or look up. */
function withoutRules(program: Program): Program {
  const [stream] = program.streams;
  const columns = stream.columns.filter(({ kind }) => kind === 'field');
  return { ...program, streams: [{ ...stream, columns }], operators: [], lookups: [] };
}

/**
 * What a log says of itself before its records are folded: the verdicts of its records (a byte each), where it ended
 * when it was read, and how far the live engine has decided. A log that grows is not a file that ended: behind its
 * watermark nothing is final (semantics S5), and what was appended after this reading does not belong to the backtest.
 */
export class LogHistory {
  #codes = new Uint8Array(1024);
  #end_position = 0;
  #watermark_ms = Number.NEGATIVE_INFINITY;

  /**
   * Reads the log once, through the live door of this program without its rules: that gives W with every step aside,
   * return and tick. Stored verdicts come first; a record that lacks one (Weir was killed) gets what a restart gives it.
   */
  static async read(
    log: AsyncIterable<{ readonly position: number; readonly entry: LogEntry }>,
    program: Program,
  ): Promise<LogHistory> {
    const history = new LogHistory();
    const door = new Engine(withoutRules(program));
    let entries = 0;
    for await (const { position, entry } of log) {
      if (entry.kind === 'verdict') history.#set(entry.position, entry.verdict);
      else door.apply(position, entry);
      history.#end_position = position + 1;
      if (++entries % advance_every === 0) history.#fill(door);
    }
    history.#fill(door);
    history.#watermark_ms = door.watermark_ms ?? Number.NEGATIVE_INFINITY;
    return history;
  }

  /** The position behind the last entry that was read. */
  get end_position(): number {
    return this.#end_position;
  }

  /** W: what it has not passed is undecided. +Infinity when the log says that its sources ended. */
  get watermark_ms(): number {
    return this.#watermark_ms;
  }

  /** Undefined: the record still waits for the watermark. */
  of(position: number): Verdict | undefined {
    return codes[this.#codes[position] ?? 0];
  }

  #fill(door: Engine): void {
    for (const { position, verdict } of door.advance().verdicts) {
      if (this.of(position) === undefined) this.#set(position, verdict);
    }
  }

  #set(position: number, verdict: Verdict): void {
    if (position >= this.#codes.length) {
      const grown = new Uint8Array(Math.max(position + 1, this.#codes.length * 2));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[position] = codes.indexOf(verdict);
  }
}
