import { LookupTurns } from '../lookups/lookup-turns.ts';
import type { JoinSpec, Program } from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { INLINE_ID_BYTES } from './join-layout.ts';
import type { Side } from './join-parts.ts';
import type { SideQuestion, SideQuestions } from './side-questions.ts';

/**
 * HOT. Which rows of one side of a join sleep: no rule can read a pair of such a row while the lookups say what they say, so
 * it meets none, and counts for no key. When a lookup's content changes (S13), those that wait are asked again as of that
 * time, and who is awake then is kept as if it came at that moment; who is awake stays so. Inner joins of events alone: a row
 * that is to be shown without a match has to wait for its deadline, and EXISTS holds rows back.
 */
export class Sleep {
  readonly #question: SideQuestion;
  readonly #turns: LookupTurns;
  readonly #symbols: Symbols;
  /** Columns that may hold long texts: a row with one does not sleep, so that no bound in bytes is needed. */
  readonly #texts: readonly number[];

  private constructor(question: SideQuestion, program: Program, spec: JoinSpec, side: Side, symbols: Symbols) {
    this.#question = question;
    this.#turns = new LookupTurns(question.guard.asked);
    this.#symbols = symbols;
    const { stream, key } = spec[side];
    const read = spec.sources.flatMap((one) => (one.side === side ? [one.column] : []));
    this.#texts = [...new Set([...key, ...read])].filter(
      (column) => columnShape(program.streams[stream], column).storage === 'id',
    );
  }

  /** null: rows of this side do not sleep. */
  static of(program: Program, number: number, side: Side, symbols: Symbols, questions: SideQuestions): Sleep | null {
    const spec = program.streams[number].join as JoinSpec;
    if (spec.kind !== 'inner' || spec.as_of || spec.left.stream !== 0 || spec.right.stream !== 0) return null;
    const question = questions.of(number, side);
    return question === null || question.guard.asked.length === 0
      ? null
      : new Sleep(question, program, spec, side, symbols);
  }

  /** The next time up to `time` as of which those that sleep are to be asked again; Infinity: none. Times do not fall. */
  nextTurn(time: number): number {
    return this.#turns.next(time);
  }

  /** Whether it is known that nextTurn() has nothing to tell up to this time. false says nothing. */
  isQuiet(time: number): boolean {
    return this.#turns.isQuiet(time);
  }

  /** Up to where nextTurn() has told all. */
  get told_ms(): number {
    return this.#turns.told_ms;
  }

  /** Goes on from there. */
  restore(told_ms: number): void {
    this.#turns.restore(told_ms);
  }

  /**
   * Of the rows that `list` names, the first `count`: a 1 for one that sleeps at its own time if it is short, by their places
   * among these rows.
   */
  ask(rows: StreamRows, list: Int32Array, count: number): Uint8Array {
    if (rows.stamp === rows.time) return this.#question.ask(rows, list, count);
    if (nobody.length < rows.count) nobody = new Uint8Array(2 * rows.count);
    return nobody;
  }

  /** The same of rows that sleep, as of this later time: a 1 for each that sleeps on. The array is overwritten by the next call. */
  askAgain(rows: StreamRows, list: Int32Array, count: number, time: number): Uint8Array {
    return this.#question.askAgain(rows, list, count, time);
  }

  /** Whether row i sleeps at this time, its own or a later one: one at a time, as the plain form asks. */
  holds(rows: StreamRows, i: number, time: number): boolean {
    return rows.stamp === rows.time && this.isShort(rows, i) && this.#question.refuses(rows, i, time);
  }

  /** Whether row i has no long text, and an id that has its place in a record. */
  isShort(rows: StreamRows, i: number): boolean {
    const { idStart } = rows;
    if (idStart[i + 1] - idStart[i] > INLINE_ID_BYTES) return false;
    if (!this.#symbols.hasLong) return true;
    if (this.#symbols.longBytesOf(rows.tenant[i]) > 0) return false;
    return this.#texts.every((column) => this.#symbols.longBytesOf(columnOf(rows, column)[i]) === 0);
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#question.guard.forget();
  }
}

/** By place in a batch: nobody sleeps. */
let nobody = new Uint8Array(0);
