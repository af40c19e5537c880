import type { Lookups } from '../lookups/lookups.ts';
import { type Conjunct, type JoinSpec, type Program, TENANT_COLUMN } from '../program.ts';
import { columnOf } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Side } from './join-parts.ts';
import { askedOfSide, PairGuard } from './pair-guard.ts';

/**
 * HOT. What the readers of a join ask of one side's rows alone (PairGuard.ofSide). Of a thousand joins many ask the same, and
 * of the same rows: each row of a batch is asked once for all of them.
 */
export class SideQuestion {
  readonly guard: PairGuard;
  /** For each of the guard's reads, the column of the side's stream. */
  readonly #columns: readonly number[];
  /** The rows that are asked; by place in them, whether one was, and what was found. */
  #rows: StreamRows | null = null;
  #isAsked = new Uint8Array(0);
  #refused = new Uint8Array(0);
  #list = new Int32Array(0);

  constructor(guard: PairGuard, { sources }: JoinSpec) {
    this.guard = guard;
    this.#columns = guard.reads.map(({ source }) => sources[source].column);
  }

  /**
   * Of the events that `list` names, the first `count`: a 1 for one of which no rule can read a pair, as of its own time, by
   * their places among these rows, the same object for all joins that ask; of others it says nothing.
   */
  ask(rows: StreamRows, list: Int32Array, count: number): Uint8Array {
    if (rows !== this.#rows) this.#begin(rows);
    let asked = 0;
    for (let n = 0; n < count; n++) {
      const i = list[n];
      if (this.#isAsked[i] === 1) continue;
      this.#isAsked[i] = 1;
      this.#list[asked++] = i;
    }
    if (asked === 0) return this.#refused;
    const read = this.guard.areRead(rows, this.#columns, this.#list, asked, null);
    for (let n = 0; n < asked; n++) this.#refused[this.#list[n]] = 1 - read[n];
    return this.#refused;
  }

  #begin(rows: StreamRows): void {
    this.#rows = rows;
    const { count } = rows;
    if (this.#list.length < count) {
      this.#isAsked = new Uint8Array(2 * count);
      this.#refused = new Uint8Array(2 * count);
      this.#list = new Int32Array(2 * count);
    } else this.#isAsked.fill(0, 0, count);
  }

  /** The same of rows that were kept, as of this later time: a 1 for each. The array is overwritten by the next call. */
  askAgain(rows: StreamRows, list: Int32Array, count: number, time: number): Uint8Array {
    const answers = this.guard.areRead(rows, this.#columns, list, count, time);
    for (let n = 0; n < count; n++) answers[n] = 1 - answers[n];
    return answers;
  }

  /** The same of row i at this time, its own or a later one: one at a time, as the plain form asks. */
  refuses(rows: StreamRows, i: number, time: number): boolean {
    for (let k = 0; k < this.#columns.length; k++) this.guard.give(k, columnOf(rows, this.#columns[k])[i]);
    return !this.guard.isRead(rows, i, time);
  }
}

/** The questions of a program's joins. */
export class SideQuestions {
  readonly #program: Program;
  readonly #symbols: Symbols;
  readonly #lookups: Lookups;
  readonly #byName = new Map<string, SideQuestion>();

  constructor(program: Program, symbols: Symbols, lookups: Lookups) {
    this.#program = program;
    this.#symbols = symbols;
    this.#lookups = lookups;
  }

  /** What is asked of this side of a join's stream, the same object where it is the same; null: nothing, see PairGuard.ofSide. */
  of(number: number, side: Side): SideQuestion | null {
    const name = nameOf(this.#program, number, side);
    const known = name === null ? undefined : this.#byName.get(name);
    if (known !== undefined) return known;
    const guard = PairGuard.ofSide(this.#program, number, side, this.#symbols, this.#lookups);
    if (guard === null) return null;
    const question = new SideQuestion(guard, this.#program.streams[number].join as JoinSpec);
    if (name !== null) this.#byName.set(name, question);
    return question;
  }
}

/** Equal for questions that have one answer; null: whether another one has it cannot be seen. */
function nameOf(program: Program, number: number, side: Side): string | null {
  const readers = askedOfSide(program, number, side).map(({ where }) =>
    where.map((conjunct) => nameOfConjunct(program, number, side, conjunct)),
  );
  return readers.flat().includes(null) ? null : JSON.stringify([sideStream(program, number, side), readers]);
}

function sideStream({ streams }: Program, number: number, side: Side): number {
  return (streams[number].join as JoinSpec)[side].stream;
}

/** Of `x IN LOOKUP y` and its like: which column of the side's stream is looked for where, and what is said to each answer. */
function nameOfConjunct({ streams }: Program, number: number, side: Side, { columns, test }: Conjunct): string | null {
  const stream = streams[number];
  const { sources } = stream.join as JoinSpec;
  const spec = stream.columns[columns[0]];
  if (columns.length !== 1 || spec?.kind !== 'lookup' || spec.type !== 'bool') return null;
  const fields = stream.columns.flatMap(({ kind }, column) => (kind === 'field' ? [column] : []));
  const inputs = spec.inputs.map((input) => {
    if (input === TENANT_COLUMN) return input;
    const source = sources[fields.indexOf(input)];
    return source?.side === side ? source.column : null;
  });
  if (inputs.includes(null)) return null;
  return JSON.stringify([spec.lookup, spec.output, inputs, [true, false, null].map((answer) => test([answer]))]);
}
