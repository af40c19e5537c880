import { LookupTurns } from '../lookups/lookup-turns.ts';
import type { Lookups } from '../lookups/lookups.ts';
import type { JoinSpec, Program } from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { INLINE_ID_BYTES } from './join-layout.ts';
import type { Side } from './join-parts.ts';
import { PairGuard } from './pair-guard.ts';

/**
 * HOT. Which rows of one side of a join sleep: no rule can read a pair of such a row while the lookups say what they say, so
 * it meets none, and counts for no key. When a lookup's content changes (S13), those that wait are asked again as of that
 * time, and who is awake then is kept as if it came at that moment; who is awake stays so. Inner joins of events alone: a row
 * that is to be shown without a match has to wait for its deadline, and EXISTS holds rows back.
 */
export class Sleep {
  readonly #guard: PairGuard;
  readonly #turns: LookupTurns;
  readonly #symbols: Symbols;
  /** For each of the guard's reads, the column of the side's stream. */
  readonly #columns: readonly number[];
  /** Columns that may hold long texts: a row with one does not sleep, so that no bound in bytes is needed. */
  readonly #texts: readonly number[];

  private constructor(guard: PairGuard, program: Program, spec: JoinSpec, side: Side, symbols: Symbols) {
    this.#guard = guard;
    this.#turns = new LookupTurns(guard.asked);
    this.#symbols = symbols;
    this.#columns = guard.reads.map(({ source }) => spec.sources[source].column);
    const { stream, key } = spec[side];
    const read = spec.sources.flatMap((one) => (one.side === side ? [one.column] : []));
    this.#texts = [...new Set([...key, ...read])].filter(
      (column) => columnShape(program.streams[stream], column).storage === 'id',
    );
  }

  /** null: rows of this side do not sleep. */
  static of(program: Program, number: number, side: Side, symbols: Symbols, lookups: Lookups): Sleep | null {
    const spec = program.streams[number].join as JoinSpec;
    if (spec.kind !== 'inner' || spec.as_of || spec.left.stream !== 0 || spec.right.stream !== 0) return null;
    const guard = PairGuard.ofSide(program, number, side, symbols, lookups);
    return guard === null || guard.asked.length === 0 ? null : new Sleep(guard, program, spec, side, symbols);
  }

  /** The next time up to `time` as of which those that sleep are to be asked again; Infinity: none. Times do not fall. */
  nextTurn(time: number): number {
    return this.#turns.next(time);
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
   * Of the rows of a batch that `list` names, the first `count`: `asleep` has a 1 for one that sleeps at its own time, and a
   * 0 for the others of them, by their places in the batch.
   */
  ask(rows: StreamRows, list: Int32Array, count: number, asleep: Uint8Array): void {
    const isKnown = rows.stamp === rows.time;
    const read = isKnown ? this.#guard.areRead(rows, this.#columns, list, count, null) : null;
    for (let n = 0; n < count; n++) {
      const i = list[n];
      asleep[i] = read !== null && read[n] === 0 && this.#isShort(rows, i) ? 1 : 0;
    }
  }

  /** The same of rows that sleep, as of this later time: a 1 for each that sleeps on. The array is overwritten by the next call. */
  askAgain(rows: StreamRows, list: Int32Array, count: number, time: number): Uint8Array {
    const answers = this.#guard.areRead(rows, this.#columns, list, count, time);
    for (let n = 0; n < count; n++) answers[n] = 1 - answers[n];
    return answers;
  }

  /** Whether row i sleeps at this time, its own or a later one: one at a time, as the plain form asks. */
  holds(rows: StreamRows, i: number, time: number): boolean {
    if (rows.stamp !== rows.time || !this.#isShort(rows, i)) return false;
    for (let k = 0; k < this.#columns.length; k++) this.#guard.give(k, columnOf(rows, this.#columns[k])[i]);
    return !this.#guard.isRead(rows, i, time);
  }

  #isShort(rows: StreamRows, i: number): boolean {
    const { idStart } = rows;
    if (idStart[i + 1] - idStart[i] > INLINE_ID_BYTES) return false;
    if (!this.#symbols.hasLong) return true;
    if (this.#symbols.longBytesOf(rows.tenant[i]) > 0) return false;
    return this.#texts.every((column) => this.#symbols.longBytesOf(columnOf(rows, column)[i]) === 0);
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#guard.forget();
  }
}
